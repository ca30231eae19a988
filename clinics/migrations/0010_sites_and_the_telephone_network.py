"""A line may ring at a site on another clock; the telephone network is a row that an agreement can name."""

from django.db import migrations, models

import clinics.models

TWILIO = dict(
    key="twilio",
    name="Twilio calls, texts and recordings",
    capability="calls",
    protocol="twilio",
    base_url="https://api.twilio.com",
    location="US",
    position=10,
    active=True,
)


def enter(apps, schema_editor):
    provider = apps.get_model("clinics", "Provider")
    provider.objects.get_or_create(key=TWILIO["key"], defaults=TWILIO)


class Migration(migrations.Migration):
    dependencies = [("clinics", "0009_models")]

    operations = [
        migrations.AddField(
            "phoneline",
            "timezone",
            models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Of the site; blank: the clinic's",
                max_length=60,
                validators=[clinics.models.zone_rule],
            ),
        ),
        migrations.AlterField(
            "phoneline",
            "label",
            models.CharField(blank=True, help_text="The site that it rings at", max_length=60),
        ),
        migrations.AlterField(
            "provider",
            "capability",
            models.CharField(
                choices=[
                    ("speech", "Speech: text to sound"),
                    ("model", "Language model"),
                    ("recognition", "Recognition: sound to text"),
                    ("sms", "Text messages"),
                    ("calls", "Calls and recordings"),
                ],
                max_length=12,
            ),
        ),
        migrations.RunPython(enter, migrations.RunPython.noop),
    ]
