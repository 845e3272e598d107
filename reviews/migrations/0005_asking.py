"""A review can ask a form, has own outcomes, and can be sent back."""

from typing import ClassVar

from django.db import migrations, models

VERDICTS = [("approved", "approved"), ("rejected", "rejected"), ("sent_back", "sent back")]


class Migration(migrations.Migration):
    """Columns that are empty for all that there is."""

    dependencies: ClassVar = [("reviews", "0004_who"), ("orchestration", "0024_superseded")]

    operations: ClassVar = [
        migrations.AlterField(
            model_name="review",
            name="status",
            field=models.CharField(
                choices=[("open", "waiting"), *VERDICTS, ("withdrawn", "withdrawn")], default="open", max_length=10
            ),
        ),
        migrations.AlterField(
            model_name="decision",
            name="verdict",
            field=models.CharField(choices=VERDICTS, max_length=10),
        ),
        migrations.AddField(
            model_name="decision",
            name="changes",
            field=models.JSONField(
                default=list, help_text="Which parts of the content they changed: at, before, after."
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="outcome",
            field=models.CharField(blank=True, help_text="The own outcome that they chose.", max_length=40),
        ),
        migrations.AddField(
            model_name="decision",
            name="sent_to",
            field=models.CharField(blank=True, help_text="The step to which they sent it back.", max_length=80),
        ),
        migrations.AddField(
            model_name="draft",
            name="form",
            field=models.JSONField(default=dict, help_text="The form as it was typed."),
        ),
    ]
