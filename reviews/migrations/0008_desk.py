"""The desk: watches, kept lists, comments with files, and the words by which a review is found."""

from typing import Any

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import audit.clock_time

# Signs that stand inside addresses, numbers of cases and paths: what stands between two of them is found by itself.
PLAIN = r"""
CREATE OR REPLACE FUNCTION handrail_words(said text, most int) RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$
    SELECT to_tsvector('pg_catalog.simple',
        regexp_replace(lower(left(coalesce(said, ''), most)), '[!-/:-@[-`{-~]', ' ', 'g'))
$$
"""
# `#w` the workflow, `#k` the step, `#open` or `#closed`: so that one index answers for all of them together.
WORDS = r"""
CREATE OR REPLACE FUNCTION handrail_words_of(number bigint) RETURNS tsvector LANGUAGE sql STABLE AS $$
    SELECT setweight(handrail_words(r.title, 200), 'A') || setweight(handrail_words(r.summary, 300), 'B')
        || setweight(handrail_words((
            SELECT string_agg(value #>> '{}', ' ')
            FROM jsonb_path_query(r.content, 'strict $.** ? (@.type() == "string" || @.type() == "number")') AS value
        ), 60000), 'C')
        || handrail_words((SELECT string_agg(reason, ' ') FROM reviews_decision WHERE review_id = r.id), 20000)
        || handrail_words((SELECT string_agg(text, ' ') FROM reviews_comment WHERE review_id = r.id), 40000)
        || array_to_tsvector(ARRAY[
            '#w' || r.workflow_id, '#k' || s.key, CASE r.status WHEN 'open' THEN '#open' ELSE '#closed' END
        ])
    FROM reviews_review r JOIN orchestration_steprun sr ON sr.id = r.step_run_id
    JOIN orchestration_step s ON s.id = sr.step_id WHERE r.id = number
$$
"""
OPENED = """
CREATE OR REPLACE FUNCTION handrail_review_findable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reviews_findable (review_id, words) SELECT id, handrail_words_of(id) FROM opened
    ON CONFLICT (review_id) DO UPDATE SET words = excluded.words;
    RETURN NULL;
END $$
"""
CHANGED = """
CREATE OR REPLACE FUNCTION handrail_review_found_anew() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.title, NEW.summary, NEW.content) IS DISTINCT FROM (OLD.title, OLD.summary, OLD.content) THEN
        UPDATE reviews_findable SET words = handrail_words_of(NEW.id) WHERE review_id = NEW.id;
    ELSE
        UPDATE reviews_findable SET words = ts_delete(words, ARRAY['#open', '#closed'])
            || array_to_tsvector(ARRAY[CASE NEW.status WHEN 'open' THEN '#open' ELSE '#closed' END])
        WHERE review_id = NEW.id;
    END IF;
    RETURN NULL;
END $$
"""
SAID = """
CREATE OR REPLACE FUNCTION handrail_said_of_review() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE reviews_findable SET words = handrail_words_of(NEW.review_id) WHERE review_id = NEW.review_id;
    RETURN NULL;
END $$
"""
TRIGGERS = (
    (
        "CREATE TRIGGER review_findable AFTER INSERT ON reviews_review REFERENCING NEW TABLE AS opened "
        "FOR EACH STATEMENT EXECUTE FUNCTION handrail_review_findable()",
        "DROP TRIGGER review_findable ON reviews_review",
    ),
    (
        "CREATE TRIGGER review_found_anew AFTER UPDATE OF status, title, summary, content ON reviews_review "
        "FOR EACH ROW WHEN ((OLD.status = 'open') <> (NEW.status = 'open') OR OLD.title <> NEW.title "
        "OR OLD.summary <> NEW.summary OR OLD.content_hash <> NEW.content_hash) "
        "EXECUTE FUNCTION handrail_review_found_anew()",
        "DROP TRIGGER review_found_anew ON reviews_review",
    ),
    (
        "CREATE TRIGGER decision_findable AFTER INSERT OR UPDATE OF reason ON reviews_decision FOR EACH ROW "
        "WHEN (NEW.reason <> '') EXECUTE FUNCTION handrail_said_of_review()",
        "DROP TRIGGER decision_findable ON reviews_decision",
    ),
    (
        "CREATE TRIGGER comment_findable AFTER INSERT OR UPDATE OF text ON reviews_comment FOR EACH ROW "
        "EXECUTE FUNCTION handrail_said_of_review()",
        "DROP TRIGGER comment_findable ON reviews_comment",
    ),
)
KNOWN = "INSERT INTO reviews_findable (review_id, words) SELECT id, handrail_words_of(id) FROM reviews_review"
OWNER = settings.AUTH_USER_MODEL


def key() -> tuple[str, Any]:
    """The number of a row."""
    return "id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def to(model: str, on_delete: object = django.db.models.deletion.CASCADE, **how: object) -> Any:
    """A row of another table."""
    return models.ForeignKey(to=model, on_delete=on_delete, **{"related_name": "+", **how})  # type: ignore[arg-type]


PROTECT = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    dependencies = [
        ("reviews", "0007_signing"),
        ("orchestration", "0019_tools"),
        migrations.swappable_dependency(OWNER),
    ]

    operations = [
        migrations.CreateModel(
            "Watch",
            [key(), ("review", to("reviews.review")), ("user", to(OWNER))],
            options={
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("user", "review"), name="one_watch_each")],
            },
        ),
        migrations.CreateModel(
            "View",
            [
                key(),
                ("name", models.CharField(max_length=60)),
                ("query", models.CharField(max_length=500)),
                ("owner", to(OWNER)),
                ("shared_with", to("auth.group", null=True)),
            ],
            options={
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("owner", "name"), name="one_view_a_name")],
            },
        ),
        migrations.CreateModel(
            "Comment",
            [
                key(),
                ("at", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
                ("text", models.TextField()),
                (
                    "mentions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("receipt", models.UUIDField(unique=True)),
                ("by", to(OWNER, PROTECT)),
                ("review", to("reviews.review", PROTECT, related_name="comments")),
            ],
            options={
                "default_permissions": (),
                "indexes": [models.Index(fields=["review", "id"], name="comment_review")],
            },
        ),
        migrations.CreateModel(
            "CommentFile",
            [
                key(),
                ("name", models.CharField(max_length=200)),
                ("comment", to("reviews.comment", PROTECT, related_name="files")),
                ("content", to("orchestration.content", PROTECT)),
            ],
            options={
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("comment", "content", "name"), name="file_of_comment")],
            },
        ),
        migrations.CreateModel(
            "Findable",
            [
                (
                    "review",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="reviews.review",
                    ),
                ),
                ("words", django.contrib.postgres.search.SearchVectorField()),
            ],
            options={
                "default_permissions": (),
                "indexes": [django.contrib.postgres.indexes.GinIndex(fields=["words"], name="findable_words")],
            },
        ),
        migrations.AddIndex(
            "review",
            django.contrib.postgres.indexes.GinIndex(
                fields=["not_by"], condition=models.Q(("status", "open")), fastupdate=False, name="review_own"
            ),
        ),
        migrations.AddIndex(
            "review",
            models.Index(
                fields=["id"], condition=models.Q(("filled__gt", 0), ("status", "open")), name="review_part_filled"
            ),
        ),
        migrations.AddIndex(
            "review",
            models.Index(
                fields=["priority", "due_at", "id"],
                condition=models.Q(("confidence__lt", 0.65), ("status", "open")),
                name="review_unsure",
            ),
        ),
        migrations.AddIndex(
            "review", models.Index(fields=["workflow", "rule", "-decided_at", "-id"], name="review_like")
        ),
        *(migrations.RunSQL(made, migrations.RunSQL.noop) for made in (PLAIN, WORDS, OPENED, CHANGED, SAID)),
        *(migrations.RunSQL(made, gone) for made, gone in TRIGGERS),
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop),
    ]
