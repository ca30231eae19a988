"""A day with other hours may have several openings."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("practice", "0023_model_helps")]

    operations = [
        migrations.AddField("holiday", "more", models.JSONField(blank=True, db_default=[], default=list)),
    ]
