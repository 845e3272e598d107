"""What was sent back is done again: the step runs before it stay, and no longer count."""

from typing import ClassVar

from django.db import migrations, models

AWAITS = [
    ("person", "a person"),
    ("steps", "the steps inside it"),
    ("run", "another run"),
    ("moment", "a moment"),
    ("event", "an event"),
    ("outcome", "somebody who knows what happened"),
    ("calls", "the calls that it asked for"),
    ("others", "the other calls of its turn"),
    ("undoing", "what is undone before it"),
]


class Migration(migrations.Migration):
    """Columns that are empty for all that there is, and a constraint that tells one time from the next."""

    dependencies: ClassVar = [("orchestration", "0023_calls_of_published")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="run",
            name="sent_back",
            field=models.PositiveSmallIntegerField(default=0, help_text="How often something in it was sent back."),
        ),
        migrations.AddField(
            model_name="steprun",
            name="again",
            field=models.PositiveSmallIntegerField(default=0, help_text="How often its run was sent back before it."),
        ),
        migrations.AddField(
            model_name="steprun",
            name="superseded_at",
            field=models.DateTimeField(help_text="When it was sent back: it no longer counts.", null=True),
        ),
        migrations.AddField(
            model_name="steprun",
            name="returned",
            field=models.JSONField(help_text="Who sent it back, the note, and what it had come to.", null=True),
        ),
        migrations.AlterField(
            model_name="steprun",
            name="awaits",
            field=models.CharField(blank=True, choices=AWAITS, max_length=10),
        ),
        migrations.RemoveConstraint(model_name="steprun", name="step_once_a_frame"),
        migrations.AddConstraint(
            model_name="steprun",
            constraint=models.UniqueConstraint(fields=("run", "frame", "step", "again"), name="step_once_a_frame"),
        ),
    ]
