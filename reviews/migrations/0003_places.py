"""Places: a review that several people approve, each at a place of their own. The database holds who fills which."""

from django.db import migrations, models
from django.db.models import Q

STANDING = Q(undone_at__isnull=True, emptied_at__isnull=True)
OWN_WORK = """
CREATE OR REPLACE FUNCTION handrail_refuse_own_work() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM reviews_review WHERE id = NEW.review_id AND started_by_id = NEW.by_id) THEN
        RAISE EXCEPTION 'Nobody decides on work of their own: review %.', NEW.review_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
"""
# Those who filled the other places are other people, and approved the very bytes that the last one approves.
ALL_PLACES = """
CREATE OR REPLACE FUNCTION handrail_refuse_empty_places() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (
        SELECT count(DISTINCT place) FROM reviews_decision
        WHERE review_id = NEW.id AND verdict = 'approved' AND undone_at IS NULL AND emptied_at IS NULL
            AND place <> NEW.place AND by_id <> NEW.decided_by_id AND content_hash = NEW.content_hash
    ) < jsonb_array_length(NEW.places) - 1 THEN
        RAISE EXCEPTION 'Not every place of review % is filled.', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
"""
TRIGGERS = (
    (
        "CREATE OR REPLACE TRIGGER decision_not_own_work BEFORE INSERT OR UPDATE OF by_id, review_id ON reviews_decision "
        "FOR EACH ROW EXECUTE FUNCTION handrail_refuse_own_work()",
        "DROP TRIGGER decision_not_own_work ON reviews_decision",
    ),
    (
        "CREATE OR REPLACE TRIGGER review_all_places BEFORE UPDATE OF status ON reviews_review FOR EACH ROW "
        "WHEN (NEW.status = 'approved' AND OLD.status <> 'approved' AND jsonb_array_length(NEW.places) > 1) "
        "EXECUTE FUNCTION handrail_refuse_empty_places()",
        "DROP TRIGGER review_all_places ON reviews_review",
    ),
)


class Migration(migrations.Migration):
    dependencies = [("reviews", "0002_asked_again")]
    operations = [
        migrations.AddField("review", "places", models.JSONField(default=list)),
        migrations.AddField("review", "place", models.PositiveSmallIntegerField(default=1)),
        migrations.AddField("review", "filled", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField("review", "written", models.JSONField(null=True)),
        migrations.AddField("decision", "place", models.PositiveSmallIntegerField(default=1)),
        migrations.AddField("decision", "emptied_at", models.DateTimeField(null=True)),
        migrations.RemoveConstraint("decision", "one_deciding_vote"),
        migrations.AddConstraint(
            "decision",
            models.UniqueConstraint(fields=("review", "place"), condition=STANDING, name="one_deciding_vote"),
        ),
        migrations.AddConstraint(
            "decision", models.UniqueConstraint(fields=("review", "by"), condition=STANDING, name="one_place_each")
        ),
        migrations.RunSQL(OWN_WORK, "DROP FUNCTION handrail_refuse_own_work()"),
        migrations.RunSQL(ALL_PLACES, "DROP FUNCTION handrail_refuse_empty_places()"),
        *(migrations.RunSQL(made, gone) for made, gone in TRIGGERS),
    ]
