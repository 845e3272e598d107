"""Signed decisions. The database takes none that is not signed where a signature is asked for, and keeps each as it was."""

from django.db import migrations, models

UNSIGNED = """
CREATE OR REPLACE FUNCTION handrail_refuse_unsigned() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.signature IS DISTINCT FROM OLD.signature THEN
            RAISE EXCEPTION 'A signature is never changed: decision %.', NEW.id USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    SELECT signs INTO wanted FROM reviews_review WHERE id = NEW.review_id;
    IF wanted <> '' AND (
        NEW.signature IS NULL
        OR NEW.signature ->> 'hash' IS DISTINCT FROM NEW.content_hash
        OR NEW.signature ->> 'verdict' IS DISTINCT FROM NEW.verdict
        OR NEW.signature ->> 'meaning' IS DISTINCT FROM wanted
        OR coalesce(NEW.signature ->> 'method', '') = ''
    ) THEN
        RAISE EXCEPTION 'A decision on review % is signed, on what it decides.', NEW.review_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
"""
# Asked at the end of the transaction, of what stands then: the review moves before its decision is written.
DECIDED = """
CREATE OR REPLACE FUNCTION handrail_refuse_without_signature() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM reviews_review WHERE id = NEW.id AND status = NEW.status) AND NOT EXISTS (
        SELECT 1 FROM reviews_decision
        WHERE review_id = NEW.id AND by_id = NEW.decided_by_id AND signature IS NOT NULL
            AND undone_at IS NULL AND emptied_at IS NULL
    ) THEN
        RAISE EXCEPTION 'Review % was decided without a signature.', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$
"""
MEANING = """
CREATE OR REPLACE FUNCTION handrail_keep_meaning() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'What a signature means is never changed: review %.', NEW.id USING ERRCODE = 'check_violation';
END $$
"""
TRIGGERS = (
    (
        "CREATE OR REPLACE TRIGGER decision_signed BEFORE INSERT OR UPDATE OF signature, content_hash, verdict, review_id "
        "ON reviews_decision FOR EACH ROW EXECUTE FUNCTION handrail_refuse_unsigned()",
        "DROP TRIGGER decision_signed ON reviews_decision",
    ),
    (
        "CREATE CONSTRAINT TRIGGER review_signed AFTER UPDATE ON reviews_review DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW WHEN (NEW.signs <> '' AND NEW.status IN ('approved', 'rejected', 'sent_back') "
        "AND OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION handrail_refuse_without_signature()",
        "DROP TRIGGER review_signed ON reviews_review",
    ),
    (
        "CREATE OR REPLACE TRIGGER review_meaning BEFORE UPDATE OF signs ON reviews_review FOR EACH ROW "
        "WHEN (NEW.signs IS DISTINCT FROM OLD.signs) EXECUTE FUNCTION handrail_keep_meaning()",
        "DROP TRIGGER review_meaning ON reviews_review",
    ),
)


class Migration(migrations.Migration):
    dependencies = [("reviews", "0006_when")]
    operations = [
        migrations.AddField("review", "signs", models.TextField(blank=True, default=""), preserve_default=False),
        migrations.AddField("decision", "signature", models.JSONField(null=True)),
        migrations.RunSQL(UNSIGNED, "DROP FUNCTION handrail_refuse_unsigned()"),
        migrations.RunSQL(DECIDED, "DROP FUNCTION handrail_refuse_without_signature()"),
        migrations.RunSQL(MEANING, "DROP FUNCTION handrail_keep_meaning()"),
        *(migrations.RunSQL(made, gone) for made, gone in TRIGGERS),
    ]
