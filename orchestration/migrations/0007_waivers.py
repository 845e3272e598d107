import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import audit.clock_time


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0003_proposals"),
        ("orchestration", "0006_catalog"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="WaiverSignature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("step_key", models.CharField(max_length=60)),
                ("content_hash", models.CharField(max_length=64)),
                ("until", models.DateField()),
                ("reason", models.TextField()),
                ("signed_at", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
                (
                    "proposal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="audit.proposal"
                    ),
                ),
                (
                    "signed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "workflow",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="waivers", to="orchestration.workflow"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [models.Index(fields=["until"], name="waiver_until")],
                "constraints": [
                    models.UniqueConstraint(fields=("workflow", "step_key", "content_hash"), name="waiver_signed_once")
                ],
            },
        ),
    ]
