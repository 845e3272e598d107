"""The proof of the record: parts of its tree, signed checkpoints, and where those were put."""

from django.db import migrations, models

import audit.clock_time
from audit import guards


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0006_invitation_accepted"),
    ]

    operations = [
        migrations.CreateModel(
            name="Anchor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("tree_size", models.BigIntegerField()),
                ("place", models.TextField(help_text="What kind of place, and which: file, mail:…, webhook:…")),
                ("done", models.BooleanField()),
                ("said", models.TextField(blank=True, help_text="Why it failed, or what the place answered.")),
                ("at", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
            ],
            options={
                "default_permissions": (),
                "indexes": [models.Index(fields=["place", "-id"], name="anchor_place")],
            },
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("tree_size", models.BigIntegerField(primary_key=True, serialize=False)),
                ("root", models.BinaryField()),
                ("note", models.TextField()),
                (
                    "keys",
                    models.PositiveSmallIntegerField(
                        default=1, help_text="By how many keys: by two where one follows another."
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["created_at"], name="checkpoint_time"),
                    models.Index(fields=["tree_size"], condition=models.Q(("keys__gt", 1)), name="checkpoint_of_two"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Tile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("level", models.PositiveSmallIntegerField()),
                ("number", models.BigIntegerField(help_text="Which of its level, from 0 at the left.")),
                ("root", models.BinaryField()),
            ],
            options={
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("level", "number"), name="tile_once")],
            },
        ),
        *(
            migrations.RunSQL(statement, migrations.RunSQL.noop)
            for table in ("tile", "checkpoint", "anchor")
            for statement in guards.guard(table)
        ),
    ]
