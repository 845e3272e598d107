"""Time: calendars, what the clock does about a review and what it ends, blind second reviews."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import audit.clock_time
from audit.guards import guard_of

# Whichever commits first counts: what the clock has ended takes no decision, and what is decided does not lapse.
NO_DECISION = """
CREATE OR REPLACE FUNCTION handrail_refuse_lapsed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM reviews_review WHERE id = NEW.review_id AND status = 'lapsed') THEN
        RAISE EXCEPTION 'The clock has ended review %.', NEW.review_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
"""
NO_LAPSE = """
CREATE OR REPLACE FUNCTION handrail_refuse_lapse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM reviews_review WHERE id = NEW.review_id AND status = 'lapsed') THEN
        RAISE EXCEPTION 'Review % has not been ended by the clock.', NEW.review_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
"""
STAYS = """
CREATE OR REPLACE FUNCTION handrail_stays_lapsed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Review % was ended by the clock, and stays so.', OLD.id USING ERRCODE = 'check_violation';
END $$
"""
# Who decided first never gives the second, blind answer.
ANOTHER = """
CREATE OR REPLACE FUNCTION handrail_refuse_same_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.kind = 'blind' AND EXISTS (
        SELECT 1 FROM reviews_decision WHERE review_id = NEW.second_of_id AND by_id IN (NEW.chosen_id, NEW.decided_by_id)
    ) THEN
        RAISE EXCEPTION 'A second answer is another person''s: review %.', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
"""
TRIGGERS = (
    (
        "CREATE OR REPLACE TRIGGER decision_not_lapsed BEFORE INSERT ON reviews_decision "
        "FOR EACH ROW EXECUTE FUNCTION handrail_refuse_lapsed()",
        "DROP TRIGGER decision_not_lapsed ON reviews_decision",
    ),
    (
        "CREATE OR REPLACE TRIGGER lapse_of_lapsed BEFORE INSERT ON reviews_lapse "
        "FOR EACH ROW EXECUTE FUNCTION handrail_refuse_lapse()",
        "DROP TRIGGER lapse_of_lapsed ON reviews_lapse",
    ),
    (
        "CREATE OR REPLACE TRIGGER review_stays_lapsed BEFORE UPDATE OF status ON reviews_review FOR EACH ROW "
        "WHEN (OLD.status = 'lapsed' AND NEW.status <> 'lapsed') EXECUTE FUNCTION handrail_stays_lapsed()",
        "DROP TRIGGER review_stays_lapsed ON reviews_review",
    ),
    (
        "CREATE OR REPLACE TRIGGER review_second_is_another BEFORE INSERT OR UPDATE OF chosen_id, decided_by_id "
        "ON reviews_review FOR EACH ROW WHEN (NEW.kind = 'blind') EXECUTE FUNCTION handrail_refuse_same_person()",
        "DROP TRIGGER review_second_is_another ON reviews_review",
    ),
)


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("orchestration", "0023_calls_of_published"),
        ("reviews", "0005_asking"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Calendar",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=60, unique=True)),
                ("name", models.CharField(max_length=80)),
                ("zone", models.CharField(max_length=64)),
                ("hours", models.JSONField()),
                ("country", models.CharField(blank=True, max_length=2)),
                ("region", models.CharField(blank=True, max_length=10)),
                ("off", models.JSONField(default=dict)),
                ("working", models.JSONField(default=dict)),
                ("changed_at", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Lapse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("outcome", models.CharField(max_length=80)),
                ("at", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
                ("receipt", models.UUIDField(unique=True)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.RemoveConstraint(
            model_name="review",
            name="review_one_open_a_step",
        ),
        migrations.AddField(
            model_name="review",
            name="chosen",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="course",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="review",
            name="escalated",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list),
        ),
        migrations.AddField(
            model_name="review",
            name="kind",
            field=models.CharField(
                blank=True, choices=[("", "decides"), ("blind", "blind second review")], default="", max_length=8
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="sampled",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="review",
            name="second_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="review",
            name="second_of",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="seconds", to="reviews.review"
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="timer_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="review",
            name="timers_done",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="review",
            name="status",
            field=models.CharField(
                choices=[
                    ("open", "waiting"),
                    ("approved", "approved"),
                    ("rejected", "rejected"),
                    ("sent_back", "sent back"),
                    ("lapsed", "ended by the clock"),
                    ("seconded", "answered blindly"),
                    ("withdrawn", "withdrawn"),
                ],
                default="open",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="calendar",
            name="changed_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="calendar",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="reviews.calendar"
            ),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(
                condition=models.Q(("status", "open"), ("timer_at__isnull", False)),
                fields=["timer_at", "id"],
                name="review_timer",
            ),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(
                condition=models.Q(("second_at__isnull", False)), fields=["second_at"], name="review_second_due"
            ),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(
                condition=models.Q(("kind", "blind"), ("status", "open")), fields=["chosen"], name="review_blind_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", ""), ("status", "open")),
                fields=("step_run",),
                name="review_one_open_a_step",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "blind"), models.Q(("status", "withdrawn"), _negated=True)),
                fields=("second_of",),
                name="review_one_second",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("chosen__isnull", True), ("kind", ""), ("second_of__isnull", True)),
                    models.Q(("chosen__isnull", False), ("kind", "blind"), ("second_of__isnull", False)),
                    _connector="OR",
                ),
                name="review_blind_or_not",
            ),
        ),
        migrations.AddField(
            model_name="lapse",
            name="review",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="lapse", to="reviews.review"
            ),
        ),
        migrations.AddIndex(
            model_name="lapse",
            index=models.Index(fields=["at"], name="lapse_at"),
        ),
        migrations.RunSQL(NO_DECISION, "DROP FUNCTION handrail_refuse_lapsed()"),
        migrations.RunSQL(NO_LAPSE, "DROP FUNCTION handrail_refuse_lapse()"),
        migrations.RunSQL(STAYS, "DROP FUNCTION handrail_stays_lapsed()"),
        migrations.RunSQL(ANOTHER, "DROP FUNCTION handrail_refuse_same_person()"),
        *(migrations.RunSQL(made, gone) for made, gone in TRIGGERS),
        *(migrations.RunSQL(statement, migrations.RunSQL.noop) for statement in guard_of("reviews_lapse")),
    ]
