"""Seal what was heard, in batches: each is a transaction of its own, and an interrupted run goes on."""

from django.db import migrations

from clinics.sealing.migrating import seal
from escalations.migrations import _sealed_columns as sealed


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("escalations", "0005_sealed_columns")]

    operations = [migrations.RunPython(seal(*sealed.PLANS), migrations.RunPython.noop)]
