"""An index that another of the same table begins with goes: each row is written to one fewer."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orchestration", "0024_superseded"),
    ]

    operations = [
        migrations.AlterField(
            model_name="agentturn",
            name="step_run",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="turns",
                to="orchestration.steprun",
            ),
        ),
        migrations.AlterField(
            model_name="file",
            name="run",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="files",
                to="orchestration.run",
            ),
        ),
        migrations.AlterField(
            model_name="reservation",
            name="step_run",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="orchestration.steprun",
            ),
        ),
        migrations.AlterField(
            model_name="routingdecision",
            name="step_run",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="routings",
                to="orchestration.steprun",
            ),
        ),
        migrations.AlterField(
            model_name="run",
            name="parent",
            field=models.ForeignKey(
                db_index=False,
                help_text="The step that started it.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="child_runs",
                to="orchestration.steprun",
            ),
        ),
        migrations.AlterField(
            model_name="run",
            name="workflow",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="runs",
                to="orchestration.workflow",
            ),
        ),
        migrations.AlterField(
            model_name="step",
            name="version",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="steps",
                to="orchestration.version",
            ),
        ),
        migrations.AlterField(
            model_name="steprun",
            name="parent",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="children",
                to="orchestration.steprun",
            ),
        ),
        migrations.AlterField(
            model_name="steprun",
            name="run",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="step_runs",
                to="orchestration.run",
            ),
        ),
        migrations.AlterField(
            model_name="triggerfire",
            name="trigger",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="fires",
                to="orchestration.trigger",
            ),
        ),
        migrations.AlterField(
            model_name="uploadrow",
            name="upload",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="rows",
                to="orchestration.upload",
            ),
        ),
    ]
