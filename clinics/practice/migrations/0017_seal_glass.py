"""Seal why glasses were broken, in batches: each is a transaction of its own, and an interrupted run goes on."""

from django.db import migrations

from clinics.practice.migrations import _sealed_glass as sealed
from clinics.sealing.migrating import seal


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("practice", "0016_sealed_glass_columns")]

    operations = [migrations.RunPython(seal(sealed.PLAN), migrations.RunPython.noop)]
