"""A step may ask again, once what it asked no longer stands: one open review a step, and any number of old ones."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reviews", "0001_reviews"), ("orchestration", "0012_moving")]

    operations = [
        migrations.AlterField(
            model_name="review",
            name="step_run",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orchestration.steprun"
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "open")), fields=("step_run",), name="review_one_open_a_step"
            ),
        ),
    ]
