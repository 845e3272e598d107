"""Where the confidence of a try comes from."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orchestration", "0015_routing"),
    ]

    operations = [
        migrations.AddField(
            model_name="attempt",
            name="confidence_source",
            field=models.CharField(
                blank=True,
                choices=[
                    ("classifier", "by the classifier"),
                    ("logprobs", "from log-probabilities"),
                    ("stated", "stated by the model"),
                ],
                default="",
                max_length=12,
            ),
            preserve_default=False,
        ),
    ]
