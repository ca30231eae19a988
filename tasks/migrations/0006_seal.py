"""Seal what callers asked for, in batches: each is a transaction of its own, and an interrupted run goes on."""

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models

from clinics.sealing.migrating import seal
from tasks.migrations import _sealed_columns as sealed


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("tasks", "0005_sealed_columns")]

    operations = [
        migrations.RunPython(seal(*sealed.PLANS), migrations.RunPython.noop),
        migrations.AddIndex("task", GinIndex(fields=["search_index"], name="task_words")),
        migrations.AddIndex("task", models.Index(fields=["number_index", "-created_at"], name="task_by_number")),
    ]
