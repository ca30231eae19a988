"""Seal what callers said, in batches: each is a transaction of its own, and an interrupted run goes on."""

from django.db import migrations, models

from calls.migrations import _sealed_columns as sealed
from clinics.sealing.migrating import seal


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("calls", "0005_sealed_columns")]

    operations = [
        migrations.RunPython(seal(*sealed.PLANS), migrations.RunPython.noop),
        migrations.AddIndex("call", models.Index(fields=["number_index", "-started_at"], name="call_from_number")),
    ]
