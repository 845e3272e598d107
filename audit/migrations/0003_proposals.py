import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import audit.clock_time


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_guards"),
    ]

    operations = [
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("act", models.CharField(max_length=60)),
                ("object_type", models.CharField(max_length=40)),
                ("object_id", models.CharField(max_length=120)),
                ("workflow_id", models.BigIntegerField(null=True)),
                ("labels", models.JSONField(default=dict)),
                ("content_hash", models.CharField(max_length=64)),
                ("told", models.TextField()),
                ("facts", models.JSONField(default=list)),
                ("proposed_at", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
                ("until", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("reason", models.TextField(blank=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "open"),
                            ("signed", "signed"),
                            ("refused", "refused"),
                            ("withdrawn", "withdrawn"),
                            ("lapsed", "lapsed"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                (
                    "proposer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "signer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(condition=models.Q(("status", "open")), fields=["until"], name="proposal_until"),
                    models.Index(fields=["workflow_id", "id"], name="proposal_workflow"),
                    models.Index(fields=["proposer", "id"], name="proposal_proposer"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("signer", None), models.Q(("signer", models.F("proposer")), _negated=True), _connector="OR"
                        ),
                        name="proposal_two_people",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("signer__isnull", False), ("status__in", ("signed", "refused"))),
                            models.Q(
                                models.Q(("status__in", ("signed", "refused")), _negated=True), ("signer__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="proposal_signer",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at", None), ("status", "open")),
                            models.Q(models.Q(("status", "open"), _negated=True), ("closed_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="proposal_closed",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "open")),
                        fields=("act", "object_type", "object_id"),
                        name="proposal_open_once",
                    ),
                ],
            },
        ),
    ]
