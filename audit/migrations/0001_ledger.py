import django.contrib.auth.models
import django.contrib.auth.validators
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import audit.clock_time

CLOCK = """
CREATE OR REPLACE FUNCTION handrail_now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT statement_timestamp()'
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.RunSQL(CLOCK, "DROP FUNCTION handrail_now()"),
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("event_id", models.UUIDField(unique=True)),
                ("schema", models.PositiveSmallIntegerField()),
                ("kind", models.TextField()),
                ("actor_kind", models.TextField()),
                ("actor_id", models.TextField()),
                ("on_behalf_of_kind", models.TextField()),
                ("on_behalf_of_id", models.TextField()),
                ("auth", models.TextField()),
                ("object_type", models.TextField()),
                ("object_id", models.TextField()),
                ("object_version", models.IntegerField()),
                ("run_id", models.BigIntegerField(null=True)),
                ("workflow_id", models.BigIntegerField(null=True)),
                ("content_hash", models.TextField()),
                ("personal_hash", models.TextField()),
                ("occurred_at", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
                ("body", models.TextField()),
                ("body_hash", models.TextField()),
            ],
            options={
                "permissions": [
                    ("view_record", "May read the record of everything"),
                    ("export_record", "May take the record away as a file"),
                    ("view_report", "May read the reports"),
                    ("change_choices", "May change the settings of the workspace"),
                ],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Exhibit",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("commitment", models.TextField(unique=True)),
                ("salt", models.BinaryField()),
                ("media_type", models.TextField()),
                ("content", models.BinaryField()),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Leaf",
            fields=[
                ("leaf_index", models.BigIntegerField(primary_key=True, serialize=False)),
                ("leaf_hash", models.BinaryField()),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Setting",
            fields=[
                ("key", models.TextField(primary_key=True, serialize=False)),
                ("value", models.JSONField()),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                ("first_name", models.CharField(blank=True, max_length=150, verbose_name="first name")),
                ("last_name", models.CharField(blank=True, max_length=150, verbose_name="last name")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="email address")),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                (
                    "date_joined",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined"),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "user",
                "verbose_name_plural": "users",
                "abstract": False,
            },
            managers=[
                ("objects", django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name="Pending",
            fields=[
                (
                    "event",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        serialize=False,
                        to="audit.event",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Personal",
            fields=[
                (
                    "event",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="personal",
                        serialize=False,
                        to="audit.event",
                    ),
                ),
                ("salt", models.BinaryField()),
                ("data", models.TextField()),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["object_type", "object_id", "id"], name="event_object"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["run_id", "id"], name="event_run"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["kind", "occurred_at"], name="event_kind"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["workflow_id", "id"], name="event_workflow"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["actor_kind", "actor_id", "id"], name="event_actor"),
        ),
        migrations.AddField(
            model_name="leaf",
            name="event",
            field=models.OneToOneField(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="leaf",
                to="audit.event",
            ),
        ),
    ]
