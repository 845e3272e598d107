"""How a call is undone: the arguments of the tool that undoes it."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """One column, which keeps what was signed before as it was."""

    dependencies: ClassVar = [("orchestration", "0021_outside")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="tool",
            name="undo_with",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text="Its arguments as expressions over arguments and output; {}: by their names.",
            ),
        ),
    ]
