import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import audit.clock_time
from audit import guards

# A set that was signed stays as it was signed: only its state moves on. `ENABLE ALWAYS`, as for the ledger.
SIGNED = """
CREATE OR REPLACE FUNCTION handrail_refuse_signed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A rule set that was signed is not changed: % is refused.', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$
"""
KEPT = "(OLD.rules, OLD.checks, OLD.hash, OLD.number, OLD.why, OLD.signed_by_id, OLD.activated_at)"
STAYS = [
    SIGNED,
    f"""CREATE OR REPLACE TRIGGER ruleset_stays BEFORE UPDATE ON orchestration_ruleset FOR EACH ROW
    WHEN (OLD.status <> 'draft' AND ({KEPT} IS DISTINCT FROM {KEPT.replace("OLD.", "NEW.")} OR NEW.status = 'draft'))
    EXECUTE FUNCTION handrail_refuse_signed()""",
    """CREATE OR REPLACE TRIGGER ruleset_remains BEFORE DELETE ON orchestration_ruleset FOR EACH ROW
    WHEN (OLD.status <> 'draft') EXECUTE FUNCTION handrail_refuse_signed()""",
    "ALTER TABLE orchestration_ruleset ENABLE ALWAYS TRIGGER ruleset_stays",
    "ALTER TABLE orchestration_ruleset ENABLE ALWAYS TRIGGER ruleset_remains",
]


class Migration(migrations.Migration):
    dependencies = [
        ("orchestration", "0013_models"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RuleCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "point",
                    models.CharField(
                        choices=[
                            ("start", "start run"),
                            ("model", "choose model"),
                            ("tool", "call tool"),
                            ("handover", "hand over"),
                            ("release", "release output"),
                            ("decide", "decide review"),
                            ("publish", "publish version"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "effect",
                    models.CharField(
                        choices=[
                            ("allow", "allow"),
                            ("redact", "black out"),
                            ("review", "ask a person"),
                            ("deny", "stop"),
                        ],
                        max_length=10,
                    ),
                ),
                ("error", models.BooleanField(default=False)),
                ("why", models.TextField(blank=True)),
                ("facts", models.JSONField()),
                ("matched", models.JSONField()),
                ("keys", models.JSONField()),
                ("conditions", models.JSONField()),
                ("obligations", models.JSONField()),
                ("set_number", models.PositiveIntegerField()),
                ("set_hash", models.CharField(blank=True, max_length=64)),
                ("workflow_id", models.BigIntegerField(null=True)),
                ("run_id", models.BigIntegerField(null=True)),
                ("step_run_id", models.BigIntegerField(null=True)),
                ("at", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["point", "id"], name="rulecheck_point"),
                    models.Index(fields=["effect", "id"], name="rulecheck_effect"),
                    models.Index(
                        condition=models.Q(("run_id__isnull", False)), fields=["run_id", "id"], name="rulecheck_run"
                    ),
                    models.Index(
                        condition=models.Q(("step_run_id__isnull", False)),
                        fields=["step_run_id"],
                        name="rulecheck_step",
                    ),
                    models.Index(
                        condition=models.Q(("keys", []), _negated=True), fields=["at"], name="rulecheck_matched"
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        condition=models.Q(("keys", []), _negated=True),
                        fields=["keys"],
                        name="rulecheck_keys",
                        opclasses=["jsonb_path_ops"],
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RuleSet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(null=True, unique=True)),
                (
                    "status",
                    models.CharField(
                        choices=[("draft", "draft"), ("active", "in force"), ("retired", "retired")],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("rules", models.JSONField(default=list)),
                ("checks", models.JSONField(default=list)),
                ("hash", models.CharField(blank=True, max_length=64)),
                ("why", models.TextField(blank=True)),
                ("revision", models.PositiveIntegerField(default=0)),
                ("made_at", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
                ("edited_at", models.DateTimeField(null=True)),
                ("activated_at", models.DateTimeField(null=True)),
                ("retired_at", models.DateTimeField(null=True)),
                (
                    "base",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orchestration.ruleset",
                    ),
                ),
                (
                    "edited_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "signed_by",
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
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "active")), fields=("status",), name="ruleset_active_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "draft")), fields=("status",), name="ruleset_draft_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("number", None), ("status", "draft")),
                            models.Q(
                                models.Q(("status", "draft"), _negated=True),
                                ("number__isnull", False),
                                models.Q(("hash", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="ruleset_numbered",
                    ),
                ],
            },
        ),
        *(migrations.RunSQL(statement, migrations.RunSQL.noop) for statement in STAYS),
        *(
            migrations.RunSQL(statement, migrations.RunSQL.noop)
            for statement in guards.guard_of("orchestration_rulecheck")
        ),
    ]
