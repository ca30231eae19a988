"""How long further things are kept is said in the table of recordings."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("practice", "0019_wording")]

    operations = [
        migrations.AlterField(
            "retention",
            "artefact",
            models.CharField(
                choices=[
                    ("recording", "Recordings of calls"),
                    ("voicemail", "Messages after the tone"),
                    ("words", "Words of calls"),
                    ("tasks", "Closed tasks"),
                    ("escalations", "Resolved escalations"),
                    ("calls", "Calls"),
                ],
                max_length=12,
                primary_key=True,
                serialize=False,
            ),
        ),
    ]
