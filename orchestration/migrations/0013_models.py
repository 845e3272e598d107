"""Models of the catalog: how they are reached, what they may be given, what they can do and cost, and who signed it."""

from decimal import Decimal
from typing import Any

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import audit.clock_time
import orchestration.models.catalog
from audit.canonical import digest


def as_it_stood(apps: Any, schema_editor: Any) -> None:
    """What was in the catalog stays approved: built-in models for everything, others for personal data at the most."""
    model, alias = apps.get_model("orchestration", "Model"), schema_editor.connection.alias
    for row in model._base_manager.using(alias).all():
        ours = row.name.startswith("handrail/")
        row.ceiling, row.region = ("special", "own") if ours else ("personal", "")
        row.retention_days = 0 if ours else None
        row.tiers = ["minimal", "limited", "high"]
        names: tuple[str, ...] = (
            "route",
            "endpoint",
            "private_endpoint",
            "secret",
            "region",
            "retention_days",
            "ceiling",
        )
        names += ("capabilities", "languages", "context", "most_output", "tiers")
        row.approved_hash = digest({"name": row.name, **{name: getattr(row, name) for name in names}})
        row.save(using=alias, update_fields=["ceiling", "region", "retention_days", "tiers", "approved_hash"])


class Migration(migrations.Migration):
    dependencies = [
        ("orchestration", "0012_moving"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="KeptKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, unique=True)),
                ("closed", models.TextField()),
                ("changed_at", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
            ],
            options={
                "ordering": ["name"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ModelTest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "status",
                    models.CharField(
                        choices=[("asked", "asked for"), ("done", "done"), ("failed", "failed")],
                        default="asked",
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
                ("taken_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("error", models.TextField(blank=True)),
                ("milliseconds", models.PositiveIntegerField(null=True)),
                ("tokens_in", models.PositiveIntegerField(null=True)),
                ("tokens_out", models.PositiveIntegerField(null=True)),
                ("cost", models.DecimalField(decimal_places=8, default=Decimal("0"), max_digits=14)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.RemoveConstraint(
            model_name="model",
            name="model_secret_named",
        ),
        migrations.AddField(
            model_name="model",
            name="approved_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="model",
            name="approved_hash",
            field=models.CharField(blank=True, help_text="Of what was signed.", max_length=64),
        ),
        migrations.AddField(
            model_name="model",
            name="approved_until",
            field=models.DateField(blank=True, help_text="The last day; none: without end.", null=True),
        ),
        migrations.AddField(
            model_name="model",
            name="asked_until",
            field=models.DateField(blank=True, help_text="Until when it is proposed to be approved.", null=True),
        ),
        migrations.AddField(
            model_name="model",
            name="calls_at_once",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="model",
            name="capabilities",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("tools", "Tools"),
                        ("schema", "JSON schema"),
                        ("vision", "Pictures"),
                        ("logprobs", "Log-probabilities"),
                    ],
                    max_length=12,
                ),
                blank=True,
                default=list,
            ),
        ),
        migrations.AddField(
            model_name="model",
            name="ceiling",
            field=models.CharField(
                choices=[
                    ("public", "Public"),
                    ("internal", "Internal"),
                    ("confidential", "Confidential"),
                    ("personal", "Personal"),
                    ("special", "Special categories"),
                ],
                default="internal",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="model",
            name="context",
            field=models.PositiveIntegerField(blank=True, help_text="Tokens that it reads.", null=True),
        ),
        migrations.AddField(
            model_name="model",
            name="edited_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="model",
            name="endpoint",
            field=models.CharField(blank=True, help_text="Its address; empty: the provider's own.", max_length=300),
        ),
        migrations.AddField(
            model_name="model",
            name="languages",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=8), blank=True, default=list, help_text="Empty: any."
            ),
        ),
        migrations.AddField(
            model_name="model",
            name="month_budget",
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True),
        ),
        migrations.AddField(
            model_name="model",
            name="most_output",
            field=models.PositiveIntegerField(blank=True, help_text="Tokens that it writes at the most.", null=True),
        ),
        migrations.AddField(
            model_name="model",
            name="price_in",
            field=models.DecimalField(blank=True, decimal_places=6, max_digits=12, null=True),
        ),
        migrations.AddField(
            model_name="model",
            name="price_out",
            field=models.DecimalField(blank=True, decimal_places=6, max_digits=12, null=True),
        ),
        migrations.AddField(
            model_name="model",
            name="priced_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="model",
            name="private_endpoint",
            field=models.BooleanField(default=False, help_text="Whether that may be an address inside the house."),
        ),
        migrations.AddField(
            model_name="model",
            name="quality",
            field=models.DecimalField(decimal_places=3, default=Decimal("0.5"), max_digits=4),
        ),
        migrations.AddField(
            model_name="model",
            name="region",
            field=models.CharField(blank=True, help_text="Where it works: eu, us, own; empty: unknown.", max_length=20),
        ),
        migrations.AddField(
            model_name="model",
            name="requests_per_minute",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="model",
            name="retention_days",
            field=models.PositiveIntegerField(blank=True, help_text="How long the provider keeps texts.", null=True),
        ),
        migrations.AddField(
            model_name="model",
            name="route",
            field=models.CharField(
                blank=True, help_text="What litellm calls it; empty: as it is named here.", max_length=200
            ),
        ),
        migrations.AddField(
            model_name="model",
            name="tags",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=30), blank=True, default=list
            ),
        ),
        migrations.AddField(
            model_name="model",
            name="tiers",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[("minimal", "Minimal"), ("limited", "Limited"), ("high", "High")], max_length=8
                ),
                blank=True,
                default=list,
            ),
        ),
        migrations.AddField(
            model_name="model",
            name="tokens_per_minute",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="model",
            name="secret",
            field=models.CharField(blank=True, max_length=250, validators=[orchestration.models.catalog.refuse_keys]),
        ),
        migrations.AlterField(
            model_name="model",
            name="status",
            field=models.CharField(
                choices=[
                    ("proposed", "proposed"),
                    ("approved", "approved"),
                    ("suspended", "suspended"),
                    ("retired", "retired"),
                ],
                default="proposed",
                max_length=10,
            ),
        ),
        migrations.RunSQL(
            "UPDATE orchestration_model SET status = 'suspended' WHERE status = 'off'", migrations.RunSQL.noop
        ),
        migrations.RunPython(as_it_stood, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="model",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("secret", ""),
                    ("secret__regex", "^env:[A-Z][A-Z0-9]{0,17}(_[A-Z0-9]{1,18}){0,11}$"),
                    ("secret__regex", "^file:/[A-Za-z0-9._/-]{1,200}$"),
                    ("secret__regex", "^kept:[a-z][a-z0-9]{0,17}(-[a-z0-9]{1,18}){0,5}$"),
                    _connector="OR",
                ),
                name="model_secret_named",
            ),
        ),
        migrations.AddConstraint(
            model_name="model",
            constraint=models.CheckConstraint(
                condition=models.Q(("quality__gte", 0), ("quality__lte", 1)), name="model_quality_share"
            ),
        ),
        migrations.AddConstraint(
            model_name="model",
            constraint=models.CheckConstraint(
                condition=models.Q(("ceiling__in", ["public", "internal", "confidential", "personal", "special"])),
                name="model_ceiling_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="model",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["proposed", "approved", "suspended", "retired"])),
                name="model_status_known",
            ),
        ),
        migrations.AddField(
            model_name="keptkey",
            name="made_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="modeltest",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="modeltest",
            name="model",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="tests", to="orchestration.model"
            ),
        ),
        migrations.AddIndex(
            model_name="modeltest",
            index=models.Index(fields=["model", "-id"], name="model_tests"),
        ),
        migrations.AddIndex(
            model_name="modeltest",
            index=models.Index(condition=models.Q(("status", "asked")), fields=["id"], name="model_tests_asked"),
        ),
        migrations.AddConstraint(
            model_name="modeltest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "asked")), fields=("model",), name="model_tested_once"
            ),
        ),
    ]
