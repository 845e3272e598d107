import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import audit.clock_time


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("orchestration", "0001_engine"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "waiting"),
                            ("approved", "approved"),
                            ("rejected", "rejected"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("title", models.CharField(max_length=200)),
                ("summary", models.CharField(max_length=300)),
                ("content", models.JSONField()),
                ("content_hash", models.CharField(max_length=64)),
                ("rule", models.CharField(max_length=80)),
                ("why", models.TextField()),
                ("evidence", models.JSONField(default=dict)),
                ("confidence", models.FloatField(null=True)),
                ("priority", models.PositiveSmallIntegerField(default=1)),
                ("asked_at", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
                ("due_at", models.DateTimeField()),
                ("undo_seconds", models.PositiveIntegerField(default=0)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="auth.group"),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orchestration.run"
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "step_run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orchestration.steprun"
                    ),
                ),
                (
                    "workflow",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orchestration.workflow"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("arguments", models.JSONField(default=dict)),
                ("reason", models.TextField(blank=True)),
                ("updated_at", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="drafts", to="reviews.review"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "verdict",
                    models.CharField(choices=[("approved", "approved"), ("rejected", "rejected")], max_length=10),
                ),
                ("at", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
                ("reason", models.TextField(blank=True)),
                ("content", models.JSONField()),
                ("content_hash", models.CharField(max_length=64)),
                ("shown_hash", models.CharField(max_length=64)),
                ("edited", models.BooleanField()),
                ("undo_until", models.DateTimeField(null=True)),
                ("undone_at", models.DateTimeField(null=True)),
                ("receipt", models.UUIDField(unique=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="reviews.review"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(
                condition=models.Q(("status", "open")),
                fields=["workflow", "group", "priority", "due_at", "id"],
                name="review_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(
                condition=models.Q(("status", "open")), fields=["priority", "due_at", "id"], name="review_open"
            ),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(fields=["decided_by", "-decided_at", "-id"], name="review_decided"),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(fields=["run"], name="review_run"),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by__isnull", True),
                    models.Q(("decided_by", models.F("started_by")), _negated=True),
                    _connector="OR",
                ),
                name="review_not_own_work",
            ),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.UniqueConstraint(fields=("review", "user"), name="one_draft_each"),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["by", "undo_until"], name="decision_undo"),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["at"], name="decision_at"),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_at__isnull", True)), fields=("review",), name="one_deciding_vote"
            ),
        ),
    ]
