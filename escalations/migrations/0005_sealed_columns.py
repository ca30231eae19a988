"""Columns for sealed fields beside the plain ones; 0006 fills them, 0007 takes the plain ones away."""

import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import migrations, models

from clinics.sealing.migrating import add_columns
from escalations.migrations import _sealed_columns as sealed


class Migration(migrations.Migration):
    dependencies = [("escalations", "0004_steps_by_the_databases_clock"), ("clinics", "0003_data_keys")]

    operations = [
        migrations.AddField(
            "step", "sealed_as", models.UUIDField(db_default=RandomUUID(), default=uuid.uuid4, editable=False)
        ),
        *add_columns("escalation", **sealed.ESCALATION),
        *add_columns("step", **sealed.STEP),
    ]
