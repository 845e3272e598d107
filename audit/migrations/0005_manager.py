"""Whom somebody reports to, and what they are good at: review points may ask for either."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_preferences")]

    operations = [
        migrations.AddField(
            "user",
            "manager",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            "user",
            "skills",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=60), blank=True, default=list, size=None
            ),
        ),
        migrations.AddConstraint(
            "user",
            models.CheckConstraint(
                condition=models.Q(
                    ("manager", None), models.Q(("manager", models.F("id")), _negated=True), _connector="OR"
                ),
                name="user_not_own_manager",
            ),
        ),
    ]
