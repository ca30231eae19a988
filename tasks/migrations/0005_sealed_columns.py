"""Columns for sealed fields beside the plain ones; 0006 fills them, 0007 takes the plain ones away."""

import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import migrations, models

from clinics.sealing.migrating import add_columns
from tasks.migrations import _sealed_columns as sealed


class Migration(migrations.Migration):
    dependencies = [("tasks", "0004_asked_doctors"), ("clinics", "0003_data_keys")]

    operations = [
        migrations.AddField(
            "note", "sealed_as", models.UUIDField(db_default=RandomUUID(), default=uuid.uuid4, editable=False)
        ),
        *add_columns("task", **sealed.TASK),
        *add_columns("decision", **sealed.DECISION),
        *add_columns("note", **sealed.NOTE),
    ]
