"""Notices, the messages and links that carry them, and webhooks that go out."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import audit.clock_time


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0003_proposals"),
        ("reviews", "0008_desk"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Chat",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="chat",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("service", models.CharField(max_length=40)),
                ("closed", models.TextField(blank=True)),
                ("bot", models.CharField(blank=True, max_length=60)),
                ("target", models.CharField(blank=True, max_length=100)),
                ("changed_at", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="NoticeChoices",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="notice_choices",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("ways", models.JSONField(default=dict)),
                ("digest_at", models.PositiveSmallIntegerField(null=True)),
                ("quiet_from", models.PositiveSmallIntegerField(null=True)),
                ("quiet_to", models.PositiveSmallIntegerField(null=True)),
                ("urgent_passes", models.BooleanField(default=False)),
                ("zone", models.CharField(blank=True, max_length=60)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Hook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, unique=True)),
                ("title", models.CharField(max_length=120)),
                ("created_at", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
                ("approved_hash", models.CharField(blank=True, help_text="Of what was signed.", max_length=64)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("proposed", "proposed"),
                            ("approved", "approved"),
                            ("off", "off"),
                            ("retired", "retired"),
                        ],
                        default="proposed",
                        max_length=10,
                    ),
                ),
                ("address", models.CharField(max_length=300)),
                ("private", models.BooleanField(default=False)),
                (
                    "kinds",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), default=list),
                ),
                ("titles", models.BooleanField(default=False)),
                ("key", models.TextField()),
                ("old_key", models.TextField(blank=True)),
                ("old_key_until", models.DateTimeField(null=True)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("failing_since", models.DateTimeField(null=True)),
                ("rests_until", models.DateTimeField(null=True)),
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "edited_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="HookDelivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("asked", "Something waits for your group"),
                            ("assigned", "Something was given to you"),
                            ("reminded", "Something of yours is due soon"),
                            ("escalated", "Something late came to you"),
                            ("mentioned", "Somebody mentioned you"),
                            ("decided", "Something of yours was decided"),
                            ("lapsed", "Something of yours lapsed"),
                            ("nobody", "Nobody can decide something of yours"),
                            ("stopped", "A webhook of yours was switched off"),
                        ],
                        max_length=10,
                    ),
                ),
                ("about", models.CharField(max_length=80)),
                ("key", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("body", models.TextField()),
                ("made_at", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
                ("due", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("held_until", models.DateTimeField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                ("given_up_at", models.DateTimeField(null=True)),
                (
                    "hook",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="deliveries", to="reviews.hook"
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="reviews.review"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="HookAttempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("milliseconds", models.PositiveIntegerField(default=0)),
                ("error", models.CharField(blank=True, max_length=300)),
                (
                    "delivery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="attempts", to="reviews.hookdelivery"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Link",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("purpose", models.CharField(default="decide", max_length=10)),
                ("made_at", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "review",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="reviews.review"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.CharField(
                        choices=[("mail", "E-mail"), ("browser", "Browser, while a page is open"), ("chat", "Chat")],
                        max_length=8,
                    ),
                ),
                ("key", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("made_at", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
                ("due", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("held_until", models.DateTimeField(null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("given_up_at", models.DateTimeField(null=True)),
                ("error", models.TextField(blank=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("asked", "Something waits for your group"),
                            ("assigned", "Something was given to you"),
                            ("reminded", "Something of yours is due soon"),
                            ("escalated", "Something late came to you"),
                            ("mentioned", "Somebody mentioned you"),
                            ("decided", "Something of yours was decided"),
                            ("lapsed", "Something of yours lapsed"),
                            ("nobody", "Nobody can decide something of yours"),
                            ("stopped", "A webhook of yours was switched off"),
                        ],
                        max_length=10,
                    ),
                ),
                ("about", models.CharField(max_length=80)),
                ("words", models.JSONField(default=dict)),
                (
                    "channel",
                    models.CharField(
                        choices=[("mail", "E-mail"), ("browser", "Browser, while a page is open"), ("chat", "Chat")],
                        max_length=8,
                    ),
                ),
                ("told_at", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
                ("due", models.DateTimeField()),
                ("dropped_at", models.DateTimeField(null=True)),
                ("why", models.CharField(blank=True, max_length=200)),
                (
                    "message",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="notices",
                        to="reviews.message",
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="reviews.review"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Told",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("asked", "Something waits for your group"),
                            ("assigned", "Something was given to you"),
                            ("reminded", "Something of yours is due soon"),
                            ("escalated", "Something late came to you"),
                            ("mentioned", "Somebody mentioned you"),
                            ("decided", "Something of yours was decided"),
                            ("lapsed", "Something of yours lapsed"),
                            ("nobody", "Nobody can decide something of yours"),
                            ("stopped", "A webhook of yours was switched off"),
                        ],
                        max_length=10,
                    ),
                ),
                ("about", models.CharField(max_length=80)),
                ("users", models.JSONField(null=True)),
                ("words", models.JSONField(default=dict)),
                ("at", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
                ("due", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
                (
                    "review",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="reviews.review"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.AddIndex(
            model_name="hookdelivery",
            index=models.Index(
                condition=models.Q(("done_at__isnull", True), ("given_up_at__isnull", True)),
                fields=["due", "id"],
                name="hook_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="hookdelivery",
            index=models.Index(fields=["hook", "-id"], name="hook_newest"),
        ),
        migrations.AddConstraint(
            model_name="hookdelivery",
            constraint=models.UniqueConstraint(fields=("hook", "review", "kind", "about"), name="hook_told_once"),
        ),
        migrations.AddIndex(
            model_name="link",
            index=models.Index(fields=["review"], name="link_review"),
        ),
        migrations.AddIndex(
            model_name="link",
            index=models.Index(fields=["expires_at"], name="link_end"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("given_up_at__isnull", True), ("sent_at__isnull", True)),
                fields=["channel", "due", "id"],
                name="message_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["user", "-id"], name="message_user"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("given_up_at__isnull", False)), fields=["-id"], name="message_given_up"
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("dropped_at__isnull", True), ("message__isnull", True)),
                fields=["due", "id"],
                name="notice_due",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("dropped_at__isnull", True), ("message__isnull", True)),
                fields=["user", "channel", "kind"],
                name="notice_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["told_at"], name="notice_told"),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                fields=("user", "review", "kind", "about", "channel"), name="notice_once"
            ),
        ),
        migrations.AddIndex(
            model_name="told",
            index=models.Index(fields=["due", "id"], name="told_due"),
        ),
    ]
