"""Which steps have read what others wrote."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """A mark on steps, and an index of those that bear it."""

    dependencies = [
        ("orchestration", "0020_agents"),
    ]

    operations = [
        migrations.AddField(
            model_name="steprun",
            name="untrusted",
            field=models.BooleanField(default=False, help_text="Whether others wrote what it came to."),
        ),
        migrations.AddIndex(
            model_name="steprun",
            index=models.Index(condition=models.Q(("untrusted", True)), fields=["run"], name="step_untrusted"),
        ),
    ]
