"""Columns for the sealed reasons of broken glasses beside the plain ones; 0012 fills them, 0013 takes the plain ones."""

from django.db import migrations

from clinics.practice.migrations import _sealed_glass as sealed
from clinics.sealing.migrating import add_columns


class Migration(migrations.Migration):
    dependencies = [("practice", "0010_api_use"), ("clinics", "0003_data_keys")]

    operations = add_columns("brokenglass", **sealed.GLASS)
