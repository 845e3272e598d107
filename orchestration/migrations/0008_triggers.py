import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import audit.clock_time


class Migration(migrations.Migration):
    dependencies = [
        ("orchestration", "0007_waivers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120)),
                (
                    "status",
                    models.CharField(
                        choices=[("active", "in use"), ("withdrawn", "withdrawn")], default="active", max_length=10
                    ),
                ),
                ("scopes", models.JSONField(default=list)),
                (
                    "every_workflow",
                    models.BooleanField(default=False, help_text="Not only those named in `workflows`."),
                ),
                ("digest", models.CharField(help_text="SHA-256 of the token.", max_length=64, unique=True)),
                ("prefix", models.CharField(help_text="How it begins, so that people know it again.", max_length=16)),
                ("ends_at", models.DateTimeField()),
                ("created_at", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
                ("last_used_at", models.DateTimeField(null=True)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Begun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("fields", models.JSONField()),
                ("at", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="TriggerFire",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("started", "started a run"),
                            ("refused", "refused"),
                            ("repeated", "came again"),
                            ("failed", "could not be read"),
                            ("missed", "missed"),
                        ],
                        max_length=10,
                    ),
                ),
                ("key", models.CharField(blank=True, max_length=300)),
                ("digest", models.CharField(blank=True, help_text="SHA-256 of what came.", max_length=64)),
                (
                    "signature",
                    models.CharField(
                        blank=True, help_text="By which a delivery that comes again is known.", max_length=64
                    ),
                ),
                ("told", models.TextField(blank=True)),
                ("sample", models.JSONField(null=True)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="trigger",
            name="changed_at",
            field=models.DateTimeField(db_default=audit.clock_time.HandrailNow()),
        ),
        migrations.AddField(
            model_name="trigger",
            name="config",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="trigger",
            name="created_at",
            field=models.DateTimeField(db_default=audit.clock_time.HandrailNow()),
        ),
        migrations.AddField(
            model_name="trigger",
            name="made_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="trigger",
            name="next_at",
            field=models.DateTimeField(help_text="When a schedule is due next.", null=True),
        ),
        migrations.AddField(
            model_name="trigger",
            name="old_secret",
            field=models.TextField(blank=True, help_text="Good until old_secret_until."),
        ),
        migrations.AddField(
            model_name="trigger",
            name="old_secret_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="trigger",
            name="public_id",
            field=models.CharField(max_length=40, null=True, unique=True),
        ),
        migrations.AddField(
            model_name="trigger",
            name="secret",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="trigger",
            name="source",
            field=models.ForeignKey(
                help_text="Whose ended runs it follows.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="orchestration.workflow",
            ),
        ),
        migrations.AlterField(
            model_name="run",
            name="depth",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="How many runs stand above it, or ended before it."
            ),
        ),
        migrations.AlterField(
            model_name="trigger",
            name="place",
            field=models.BigIntegerField(default=0, help_text="How far a feed, or the record, has been read."),
        ),
        migrations.AddIndex(
            model_name="trigger",
            index=models.Index(condition=models.Q(("next_at__isnull", False)), fields=["next_at"], name="trigger_next"),
        ),
        migrations.AddConstraint(
            model_name="trigger",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "api")), fields=("workflow",), name="trigger_one_api"
            ),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="owner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="workflows",
            field=models.ManyToManyField(related_name="+", to="orchestration.workflow"),
        ),
        migrations.AddField(
            model_name="begun",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="begun",
            name="workflow",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orchestration.workflow"
            ),
        ),
        migrations.AddField(
            model_name="triggerfire",
            name="run",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="fires", to="orchestration.run"
            ),
        ),
        migrations.AddField(
            model_name="triggerfire",
            name="trigger",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="fires", to="orchestration.trigger"
            ),
        ),
        migrations.AddIndex(
            model_name="apitoken",
            index=models.Index(fields=["owner", "-id"], name="token_owner"),
        ),
        migrations.AddConstraint(
            model_name="begun",
            constraint=models.UniqueConstraint(fields=("user", "workflow"), name="begun_once"),
        ),
        migrations.AddIndex(
            model_name="triggerfire",
            index=models.Index(fields=["trigger", "-id"], name="fire_trigger"),
        ),
        migrations.AddIndex(
            model_name="triggerfire",
            index=models.Index(fields=["trigger", "at"], name="fire_at"),
        ),
        migrations.AddIndex(
            model_name="triggerfire",
            index=models.Index(condition=models.Q(("sample__isnull", False)), fields=["at"], name="fire_sample"),
        ),
        migrations.AddConstraint(
            model_name="triggerfire",
            constraint=models.UniqueConstraint(
                condition=models.Q(("key", ""), _negated=True), fields=("trigger", "key"), name="fire_key"
            ),
        ),
        migrations.AddConstraint(
            model_name="triggerfire",
            constraint=models.UniqueConstraint(
                condition=models.Q(("signature", ""), _negated=True),
                fields=("trigger", "signature"),
                name="fire_signature",
            ),
        ),
    ]
