from django.db import migrations, models

import audit.clock_time


class Migration(migrations.Migration):
    dependencies = [("orchestration", "0009_drafts")]

    operations = [
        migrations.CreateModel(
            name="CaseResult",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("passed", models.BooleanField()),
                ("told", models.TextField(blank=True)),
                ("course", models.JSONField()),
                ("at", models.DateTimeField(db_default=audit.clock_time.HandrailNow())),
            ],
            options={
                "default_permissions": (),
                "indexes": [models.Index(fields=["at"], name="case_result_at")],
            },
        ),
    ]
