"""Whether somebody has listened to a message, and what the network wrote down of it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("calls", "0012_understood_by")]

    operations = [
        migrations.AddField(
            "recording",
            "transcript_sid",
            models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="The network's id of its words there",
                max_length=34,
            ),
        ),
        migrations.AddField(
            "recording",
            "listened_at",
            models.DateTimeField(help_text="When somebody of the clinic first heard it", null=True),
        ),
    ]
