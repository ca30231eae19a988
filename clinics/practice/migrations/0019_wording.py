"""A clinic's own words for some sentences of the telephone, in the version that is stamped on each call."""

from django.db import migrations, models

import clinics.practice.models


class Migration(migrations.Migration):
    dependencies = [("practice", "0018_no_plain_glass")]

    operations = [
        migrations.AddField(
            "callpolicy",
            "wording",
            models.JSONField(
                blank=True,
                db_default={},
                default=dict,
                help_text="Own words for sentences of the telephone, by language and key; what is missing is the standard",
                validators=[clinics.practice.models.wording_rule],
            ),
        ),
    ]
