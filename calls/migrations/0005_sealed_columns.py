"""Columns for sealed fields beside the plain ones; 0006 fills them, 0007 takes the plain ones away."""

from django.db import migrations

from calls.migrations import _sealed_columns as sealed
from clinics.sealing.migrating import add_columns


class Migration(migrations.Migration):
    dependencies = [("calls", "0004_corrections"), ("clinics", "0003_data_keys")]

    operations = [
        *add_columns("call", **sealed.CALL),
        *add_columns("turn", **sealed.TURN),
        *add_columns("correction", **sealed.CORRECTION),
        *add_columns("review", **sealed.REVIEW),
        *add_columns("utterance", **sealed.UTTERANCE),
    ]
