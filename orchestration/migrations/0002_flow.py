import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import audit.clock_time

FILL = """
SET CONSTRAINTS ALL IMMEDIATE;
UPDATE orchestration_steprun s SET workflow_id = r.workflow_id FROM orchestration_run r WHERE r.id = s.run_id;
UPDATE orchestration_steprun SET awaits = 'person' WHERE status = 'waiting';
UPDATE orchestration_steprun s SET tries = s.fence, worker = a.worker, claimed_at = a.started_at, acting = a.acting
    FROM orchestration_attempt a WHERE a.step_run_id = s.id AND a.fence = s.fence;
DELETE FROM orchestration_attempt WHERE result = '';
SET CONSTRAINTS ALL DEFERRED;
"""  # every try that has not ended stands on its step now


class Migration(migrations.Migration):
    dependencies = [
        ("orchestration", "0001_engine"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Brake",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "status",
                    models.CharField(
                        choices=[("released", "released"), ("pulled", "stopped")], default="released", max_length=10
                    ),
                ),
                ("why", models.TextField(blank=True)),
                ("at", models.DateTimeField(null=True)),
            ],
            options={
                "permissions": [("stop_everything", "May stop everything, and let it go on")],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Content",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("media_type", models.CharField(max_length=120)),
                ("size", models.BigIntegerField(help_text="Bytes.")),
                ("content", models.BinaryField()),
                ("created_at", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="File",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                ("created_at", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Limit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("lane", models.CharField(max_length=140, unique=True)),
                ("at_once", models.PositiveIntegerField()),
                ("changed_at", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
            ],
            options={
                "ordering": ["lane"],
                "default_permissions": (),
            },
        ),
        migrations.RemoveConstraint(
            model_name="attempt",
            name="attempt_fence",
        ),
        migrations.RemoveConstraint(
            model_name="steprun",
            name="step_once_a_run",
        ),
        migrations.RemoveIndex(
            model_name="run",
            name="run_live",
        ),
        migrations.RemoveIndex(
            model_name="steprun",
            name="step_ready",
        ),
        migrations.RemoveIndex(
            model_name="steprun",
            name="step_not_before",
        ),
        migrations.RemoveIndex(
            model_name="steprun",
            name="step_waiting",
        ),
        migrations.AddField(
            model_name="run",
            name="depth",
            field=models.PositiveSmallIntegerField(default=0, help_text="How many runs stand above it."),
        ),
        migrations.AddField(
            model_name="run",
            name="ending",
            field=models.CharField(
                blank=True,
                help_text="What it will have come to once its last steps ended: failed, cancelled.",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="key",
            field=models.CharField(
                blank=True, help_text="Runs of one key take turns: a customer, say.", max_length=200
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="parent",
            field=models.ForeignKey(
                help_text="The step that started it.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="child_runs",
                to="orchestration.steprun",
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="priority",
            field=models.PositiveSmallIntegerField(default=1, help_text="0 before 1 before 2."),
        ),
        migrations.AddField(
            model_name="run",
            name="restarted_from",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="restarts", to="orchestration.run"
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="result",
            field=models.JSONField(help_text="What it hands to whoever started it.", null=True),
        ),
        migrations.AddField(
            model_name="step",
            name="branch",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="step",
            name="parent",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="inner", to="orchestration.step"
            ),
        ),
        migrations.AddField(
            model_name="step",
            name="role",
            field=models.CharField(
                choices=[
                    ("step", "in the course of things"),
                    ("fallback", "when its parent failed"),
                    ("compensation", "to undo its parent"),
                ],
                default="step",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="steprun",
            name="acting",
            field=models.BooleanField(default=False, help_text="Whether this try has begun its call."),
        ),
        migrations.AddField(
            model_name="steprun",
            name="alone",
            field=models.BooleanField(default=False, help_text="Whether this try has its worker to itself."),
        ),
        migrations.AddField(
            model_name="steprun",
            name="awaits",
            field=models.CharField(
                blank=True,
                choices=[
                    ("person", "a person"),
                    ("steps", "the steps inside it"),
                    ("run", "another run"),
                    ("moment", "a moment"),
                    ("event", "an event"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="steprun",
            name="awaits_event",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name="steprun",
            name="broken",
            field=models.BooleanField(default=False, help_text="Handrail broke; it was not the work that failed."),
        ),
        migrations.AddField(
            model_name="steprun",
            name="claimed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="steprun",
            name="deaths",
            field=models.PositiveSmallIntegerField(default=0, help_text="Tries that nobody ended."),
        ),
        migrations.AddField(
            model_name="steprun",
            name="deaths_alone",
            field=models.PositiveSmallIntegerField(default=0, help_text="Those of them with nothing else in flight."),
        ),
        migrations.AddField(
            model_name="steprun",
            name="frame",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="steprun",
            name="lane",
            field=models.CharField(
                blank=True, help_text="The model or tool whose limit it counts against.", max_length=140
            ),
        ),
        migrations.AddField(
            model_name="steprun",
            name="parent",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="children",
                to="orchestration.steprun",
            ),
        ),
        migrations.AddField(
            model_name="steprun",
            name="part",
            field=models.IntegerField(default=0),
        ),
        migrations.AddField(
            model_name="steprun",
            name="parts",
            field=models.IntegerField(default=0, help_text="Branches or items in all."),
        ),
        migrations.AddField(
            model_name="steprun",
            name="parts_begun",
            field=models.IntegerField(default=0),
        ),
        migrations.AddField(
            model_name="steprun",
            name="parts_done",
            field=models.IntegerField(default=0),
        ),
        migrations.AddField(
            model_name="steprun",
            name="parts_failed",
            field=models.IntegerField(default=0),
        ),
        migrations.AddField(
            model_name="steprun",
            name="priority",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="steprun",
            name="shared_from",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orchestration.steprun"
            ),
        ),
        migrations.AddField(
            model_name="steprun",
            name="stop_asked_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="steprun",
            name="tries",
            field=models.PositiveSmallIntegerField(default=0, help_text="Tries that ended in an answer or a failure."),
        ),
        migrations.AddField(
            model_name="steprun",
            name="undoes",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="undone_by",
                to="orchestration.steprun",
            ),
        ),
        migrations.AddField(
            model_name="steprun",
            name="wake_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="steprun",
            name="worker",
            field=models.CharField(blank=True, max_length=80),
        ),
        migrations.AddField(
            model_name="steprun",
            name="workflow",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orchestration.workflow"
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="steprun",
            name="workflow",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orchestration.workflow"
            ),
        ),
        migrations.AlterField(
            model_name="run",
            name="status",
            field=models.CharField(
                choices=[
                    ("accepted", "accepted"),
                    ("running", "running"),
                    ("paused", "paused"),
                    ("done", "done"),
                    ("failed", "failed"),
                    ("cancelled", "cancelled"),
                ],
                default="accepted",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="steprun",
            name="status",
            field=models.CharField(
                choices=[
                    ("held", "held back"),
                    ("ready", "ready"),
                    ("running", "running"),
                    ("waiting", "waiting"),
                    ("done", "done"),
                    ("failed", "failed"),
                    ("cancelled", "cancelled"),
                ],
                default="ready",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="workflow",
            name="status",
            field=models.CharField(
                choices=[("active", "active"), ("paused", "paused"), ("retired", "retired")],
                default="active",
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                condition=models.Q(("status__in", ["accepted", "running", "paused"])), fields=["-id"], name="run_live"
            ),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                condition=models.Q(("status__in", ["accepted", "running", "paused"])),
                fields=["workflow", "status"],
                name="run_turns",
            ),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(condition=models.Q(("parent__isnull", False)), fields=["parent"], name="run_parent"),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                condition=models.Q(
                    models.Q(("ending", ""), _negated=True), ("status__in", ["accepted", "running", "paused"])
                ),
                fields=["id"],
                name="run_ending",
            ),
        ),
        migrations.AddIndex(
            model_name="steprun",
            index=models.Index(
                condition=models.Q(("status", "ready")),
                fields=["workflow", "lane", "priority", "id"],
                name="step_ready",
            ),
        ),
        migrations.AddIndex(
            model_name="steprun",
            index=models.Index(
                condition=models.Q(("not_before__isnull", False), ("status", "ready")),
                fields=["not_before"],
                name="step_not_before",
            ),
        ),
        migrations.AddIndex(
            model_name="steprun",
            index=models.Index(
                condition=models.Q(("status", "running")), fields=["workflow", "lane"], name="step_in_flight"
            ),
        ),
        migrations.AddIndex(
            model_name="steprun",
            index=models.Index(
                condition=models.Q(("awaits", "person"), ("status", "waiting")),
                fields=["waiting_since"],
                name="step_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="steprun",
            index=models.Index(
                condition=models.Q(("status", "waiting"), ("wake_at__isnull", False)),
                fields=["wake_at"],
                name="step_wake",
            ),
        ),
        migrations.AddIndex(
            model_name="steprun",
            index=models.Index(
                condition=models.Q(("awaits", "event"), ("status", "waiting")),
                fields=["awaits_event"],
                name="step_event",
            ),
        ),
        migrations.AddIndex(
            model_name="steprun",
            index=models.Index(
                condition=models.Q(("parent__isnull", False)), fields=["parent", "part"], name="step_parent"
            ),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.UniqueConstraint(
                condition=models.Q(("result", "late"), _negated=True),
                fields=("step_run", "fence"),
                name="attempt_fence",
            ),
        ),
        migrations.AddConstraint(
            model_name="steprun",
            constraint=models.UniqueConstraint(fields=("run", "frame", "step"), name="step_once_a_frame"),
        ),
        migrations.AddField(
            model_name="brake",
            name="by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="file",
            name="content",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orchestration.content"
            ),
        ),
        migrations.AddField(
            model_name="file",
            name="run",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="files", to="orchestration.run"
            ),
        ),
        migrations.AddConstraint(
            model_name="file",
            constraint=models.UniqueConstraint(fields=("run", "content", "name"), name="file_of_run"),
        ),
    ]
