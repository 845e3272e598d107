"""Who came in lately is asked with every decision."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_manager")]

    operations = [
        migrations.AddIndex(
            "invitation",
            models.Index(condition=models.Q(("status", "accepted")), fields=["closed_at"], name="invitation_accepted"),
        ),
    ]
