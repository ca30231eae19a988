"""Columns for the sealed reasons of broken glasses beside the plain ones; 0017 fills them, 0018 takes the plain ones."""

from django.db import migrations

from clinics.practice.migrations import _sealed_glass as sealed
from clinics.sealing.migrating import add_columns


class Migration(migrations.Migration):
    dependencies = [("practice", "0015_retention"), ("clinics", "0003_data_keys")]

    operations = add_columns("brokenglass", **sealed.GLASS)
