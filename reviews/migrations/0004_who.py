"""Who decides: places of every kind, so many of them, own work, deputies, assignment and holds. The database holds it."""

from importlib import import_module
from typing import Any

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

import audit.clock_time

BEFORE = import_module("reviews.migrations.0003_places")
STANDING = Q(undone_at__isnull=True, emptied_at__isnull=True)
OPEN = Q(status="open")
KEY = {"auto_created": True, "primary_key": True, "serialize": False, "verbose_name": "ID"}


def ids() -> Any:
    return django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)


def person(*, null: bool = False, cascade: bool = False, **more: Any) -> Any:
    gone = django.db.models.deletion.CASCADE if cascade else django.db.models.deletion.PROTECT
    return models.ForeignKey(null=null, on_delete=gone, to=settings.AUTH_USER_MODEL, **{"related_name": "+", **more})


# What waits now asks the group of its place, and is the work of who started its run and of who last edited its version.
FILL = """
UPDATE reviews_review r SET
    asked_groups = CASE WHEN r.status = 'open' THEN ARRAY[r.group_id::bigint] ELSE '{}' END,
    needed = greatest(1, jsonb_array_length(r.places)),
    not_by = ARRAY(SELECT DISTINCT p FROM unnest(ARRAY[r.started_by_id, coalesce(v.edited_by_id, v.created_by_id)]) AS p
        WHERE p IS NOT NULL ORDER BY p),
    own_work = jsonb_strip_nulls(jsonb_build_object('started', jsonb_build_array(r.started_by_id), 'version',
        CASE WHEN coalesce(v.edited_by_id, v.created_by_id) IS NOT NULL
        THEN jsonb_build_array(coalesce(v.edited_by_id, v.created_by_id)) END))
FROM orchestration_run u JOIN orchestration_version v ON v.id = u.version_id WHERE u.id = r.run_id
"""
# Nobody decides on work of their own, nor for somebody whose work it is; and nobody fills two places, in whatever name.
# The row of the review is held, so that two decisions are looked at one after the other.
OWN_WORK = """
CREATE OR REPLACE FUNCTION handrail_refuse_own_work() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE people bigint[] := array_remove(ARRAY[NEW.by_id, NEW.stands_for_id]::bigint[], NULL); held bigint[]; starter bigint;
BEGIN
    SELECT not_by, started_by_id INTO held, starter FROM reviews_review WHERE id = NEW.review_id FOR NO KEY UPDATE;
    IF starter = ANY(people) OR held && people THEN
        RAISE EXCEPTION 'Nobody decides on work of their own: review %.', NEW.review_id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.undone_at IS NULL AND NEW.emptied_at IS NULL AND EXISTS (
        SELECT 1 FROM reviews_decision WHERE review_id = NEW.review_id AND id IS DISTINCT FROM NEW.id
            AND undone_at IS NULL AND emptied_at IS NULL
            AND (by_id = ANY(people) OR stands_for_id = ANY(people))
    ) THEN
        RAISE EXCEPTION 'Nobody fills two places of review %.', NEW.review_id USING ERRCODE = 'unique_violation';
    END IF;
    RETURN NEW;
END $$
"""
# So many places are filled as are needed, those among them that have to be, each by another person, who approved the
# very bytes that the last one approves.
ALL_PLACES = """
CREATE OR REPLACE FUNCTION handrail_refuse_empty_places() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.decided_by_id = ANY(NEW.not_by) THEN
        RAISE EXCEPTION 'Nobody decides on work of their own: review %.', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.status <> 'approved' THEN
        RETURN NEW;
    END IF;
    IF (
        SELECT count(DISTINCT d.place) FROM reviews_decision d
        WHERE d.review_id = NEW.id AND d.verdict = 'approved' AND d.undone_at IS NULL AND d.emptied_at IS NULL
            AND d.place <> NEW.place AND d.by_id <> NEW.decided_by_id AND d.content_hash = NEW.content_hash
            AND NEW.decided_by_id IS DISTINCT FROM d.stands_for_id
    ) < NEW.needed - 1 OR EXISTS (
        SELECT 1 FROM jsonb_array_elements(NEW.places) AS p
        WHERE jsonb_typeof(p) = 'object' AND (p ->> 'must')::boolean AND (p ->> 'number')::int <> NEW.place
            AND NOT EXISTS (
                SELECT 1 FROM reviews_decision d WHERE d.review_id = NEW.id AND d.verdict = 'approved'
                    AND d.undone_at IS NULL AND d.emptied_at IS NULL AND d.place = (p ->> 'number')::int
                    AND d.content_hash = NEW.content_hash
            )
    ) THEN
        RAISE EXCEPTION 'Not every place of review % is filled.', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
"""
# Whose own work it is, and how many have to approve, only ever grows.
NEVER_LAXER = """
CREATE OR REPLACE FUNCTION handrail_refuse_laxer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT NEW.not_by @> OLD.not_by OR NEW.needed < OLD.needed THEN
        RAISE EXCEPTION 'Review % is never put to fewer people.', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
"""
PLACES_BEFORE = (
    "CREATE OR REPLACE TRIGGER review_all_places BEFORE UPDATE OF status ON reviews_review FOR EACH ROW "
    "WHEN (NEW.status = 'approved' AND OLD.status <> 'approved' AND jsonb_array_length(NEW.places) > 1) "
    "EXECUTE FUNCTION handrail_refuse_empty_places()"
)
PLACES_NOW = (
    "CREATE OR REPLACE TRIGGER review_all_places BEFORE UPDATE OF status, decided_by_id ON reviews_review FOR EACH ROW "
    "WHEN (NEW.status <> 'open' AND OLD.status = 'open') EXECUTE FUNCTION handrail_refuse_empty_places()"
)
DECISIONS_BEFORE = (
    "CREATE OR REPLACE TRIGGER decision_not_own_work BEFORE INSERT OR UPDATE OF by_id, review_id ON reviews_decision "
    "FOR EACH ROW EXECUTE FUNCTION handrail_refuse_own_work()"
)
DECISIONS_NOW = (
    "CREATE OR REPLACE TRIGGER decision_not_own_work BEFORE INSERT OR UPDATE OF by_id, stands_for_id, review_id "
    "ON reviews_decision FOR EACH ROW EXECUTE FUNCTION handrail_refuse_own_work()"
)
LAXER = (
    "CREATE OR REPLACE TRIGGER review_never_laxer BEFORE UPDATE OF not_by, needed ON reviews_review "
    "FOR EACH ROW EXECUTE FUNCTION handrail_refuse_laxer()",
    "DROP TRIGGER review_never_laxer ON reviews_review",
)


class Migration(migrations.Migration):
    dependencies = [("reviews", "0003_places"), ("audit", "0005_manager")]
    operations = [
        migrations.CreateModel(
            "Absence",
            [
                ("id", models.BigAutoField(**KEY)),
                ("from_day", models.DateField()),
                ("to_day", models.DateField()),
                ("made_at", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
                ("ended_at", models.DateTimeField(help_text="When it was called off.", null=True)),
                ("user", person(related_name="absences")),
                ("deputy", person(null=True, blank=True)),
                ("made_by", person(null=True)),
            ],
            options={"default_permissions": ()},
        ),
        migrations.CreateModel(
            "Turn",
            [
                ("id", models.BigAutoField(**KEY)),
                ("step_key", models.CharField(max_length=60)),
                ("last", models.BigIntegerField()),
                ("user", person(cascade=True)),
                (
                    "workflow",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orchestration.workflow"
                    ),
                ),
            ],
            options={"default_permissions": ()},
        ),
        migrations.CreateModel(
            "Opinion",
            [
                ("id", models.BigAutoField(**KEY)),
                ("question", models.TextField(blank=True)),
                ("at", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
                ("answer", models.TextField(blank=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("asked", person()),
                ("by", person()),
                (
                    "review",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="opinions", to="reviews.review"
                    ),
                ),
            ],
            options={"ordering": ["id"], "default_permissions": ()},
        ),
        migrations.AddField("review", "needed", models.PositiveSmallIntegerField(default=1)),
        migrations.AddField("review", "side_by_side", models.BooleanField(default=False)),
        migrations.AddField("review", "asked_groups", ids()),
        migrations.AddField("review", "asked_people", ids()),
        migrations.AddField(
            "review",
            "asked_skilled",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=100), default=list, size=None
            ),
        ),
        migrations.AddField("review", "not_by", ids()),
        migrations.AddField("review", "own_work", models.JSONField(default=dict)),
        migrations.AddField("review", "assigned_to", person(null=True)),
        migrations.AddField("review", "claimed_by", person(null=True)),
        migrations.AddField("review", "claimed_until", models.DateTimeField(null=True)),
        migrations.AddField(
            "review",
            "nobody_since",
            models.DateTimeField(help_text="Since when nobody may decide it, as far as it was found.", null=True),
        ),
        migrations.AddField("decision", "stands_for", person(null=True)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddIndex(
            "review",
            django.contrib.postgres.indexes.GinIndex(
                condition=OPEN,
                fastupdate=False,
                fields=["asked_groups", "asked_people", "asked_skilled"],
                name="review_asked",
            ),
        ),
        migrations.AddIndex("review", models.Index(condition=OPEN, fields=["due_at", "id"], name="review_due")),
        migrations.AddIndex(
            "review",
            models.Index(
                condition=Q(status="open", assigned_to__isnull=False),
                fields=["assigned_to", "due_at", "id"],
                name="review_assigned",
            ),
        ),
        migrations.AddIndex(
            "review",
            models.Index(
                condition=Q(status="open", nobody_since__isnull=False), fields=["workflow", "id"], name="review_nobody"
            ),
        ),
        migrations.AddConstraint(
            "decision",
            models.UniqueConstraint(
                condition=STANDING & Q(stands_for__isnull=False),
                fields=("review", "stands_for"),
                name="one_place_for_each",
            ),
        ),
        migrations.AddIndex(
            "absence",
            models.Index(condition=Q(ended_at__isnull=True), fields=["to_day", "user"], name="absence_days"),
        ),
        migrations.AddIndex("absence", models.Index(fields=["user", "-id"], name="absence_user")),
        migrations.AddConstraint(
            "absence", models.CheckConstraint(condition=Q(to_day__gte=F("from_day")), name="absence_days_in_order")
        ),
        migrations.AddConstraint(
            "absence",
            models.CheckConstraint(condition=Q(deputy=None) | ~Q(deputy=F("user")), name="absence_other_deputy"),
        ),
        migrations.AddConstraint(
            "turn", models.UniqueConstraint(fields=("workflow", "step_key", "user"), name="turn_once")
        ),
        migrations.AddConstraint(
            "opinion",
            models.UniqueConstraint(
                condition=Q(answered_at__isnull=True), fields=("review", "asked"), name="opinion_asked_once"
            ),
        ),
        migrations.AddConstraint(
            "opinion", models.CheckConstraint(condition=~Q(by=F("asked")), name="opinion_of_another")
        ),
        migrations.AddIndex(
            "opinion",
            models.Index(condition=Q(answered_at__isnull=True), fields=["asked", "id"], name="opinion_open"),
        ),
        migrations.RunSQL(OWN_WORK, BEFORE.OWN_WORK),
        migrations.RunSQL(ALL_PLACES, BEFORE.ALL_PLACES),
        migrations.RunSQL(NEVER_LAXER, "DROP FUNCTION handrail_refuse_laxer()"),
        migrations.RunSQL(DECISIONS_NOW, DECISIONS_BEFORE),
        migrations.RunSQL(PLACES_NOW, PLACES_BEFORE),
        migrations.RunSQL(*LAXER),
    ]
