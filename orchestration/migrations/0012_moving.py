"""Who may make new workflows; and what moving runs to another version needs."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orchestration", "0010_dry")]

    operations = [
        migrations.AlterModelOptions(
            name="workflow",
            options={
                "default_permissions": (),
                "ordering": ["name"],
                "permissions": [
                    ("view_workflow", "May see it, its runs and their record"),
                    ("start_workflow", "May start runs"),
                    ("decide_workflow", "May decide its reviews"),
                    ("manage_workflow", "May change and publish it"),
                    ("make_workflow", "May make new ones"),
                ],
            },
        ),
    ]
