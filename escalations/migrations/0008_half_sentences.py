"""An alarm says whether a half sentence raised it, and what the finished one made of it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("escalations", "0007_no_plain_columns")]

    operations = [
        migrations.AddField(
            "escalation",
            "half",
            models.CharField(
                blank=True,
                choices=[
                    ("unfinished", "Unfinished sentence"),
                    ("confirmed", "Said in the finished sentence too"),
                    ("withdrawn", "Not in the finished sentence"),
                ],
                db_default="",
                default="",
                max_length=10,
            ),
        ),
    ]
