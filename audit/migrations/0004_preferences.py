"""Accounts: each person's own settings, invitations, and the table behind the cache."""

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

import audit.clock_time

STATUSES = [("open", "open"), ("accepted", "accepted"), ("withdrawn", "withdrawn")]


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("audit", "0003_proposals"),
    ]

    operations = [
        migrations.CreateModel(
            name="Cached",
            fields=[
                ("cache_key", models.CharField(max_length=255, primary_key=True, serialize=False)),
                ("value", models.TextField()),
                ("expires", models.DateTimeField(db_index=True)),
            ],
            options={"default_permissions": ()},
        ),
        migrations.CreateModel(
            name="Preferences",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="preferences",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("theme", models.CharField(blank=True, max_length=5)),
                ("language", models.CharField(blank=True, max_length=10)),
                ("zone", models.CharField(blank=True, max_length=64)),
                ("keys_on", models.BooleanField(default=True)),
                ("keys", models.JSONField(default=dict)),
            ],
            options={"default_permissions": ()},
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("login", models.CharField(max_length=150)),
                ("name", models.CharField(max_length=300)),
                ("email", models.EmailField(max_length=254)),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("invited_at", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
                ("until", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("status", models.CharField(choices=STATUSES, default="open", max_length=10)),
                ("groups", models.ManyToManyField(related_name="+", to="auth.group")),
                (
                    "invited_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "user",
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
                        django.db.models.functions.text.Lower("login"),
                        condition=Q(status="open"),
                        name="invitation_open_once",
                    ),
                    models.CheckConstraint(
                        condition=Q(status="accepted", user__isnull=False)
                        | (~Q(status="accepted") & Q(user__isnull=True)),
                        name="invitation_user",
                    ),
                ],
            },
        ),
    ]
