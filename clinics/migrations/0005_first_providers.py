"""The providers that the product has an adapter for. What patients' voices or words would newly go to stays off."""

from django.db import migrations

FIRST = (
    dict(
        key="google-speech",
        name="Google Cloud Text-to-Speech",
        capability="speech",
        protocol="google_speech",
        base_url="https://texttospeech.googleapis.com",
        location="US",
        position=10,
        voices={"en": "en-US-Neural2-F", "es": "es-US-Neural2-A"},
    ),
    dict(
        key="elevenlabs",
        name="ElevenLabs",
        capability="speech",
        protocol="elevenlabs",
        base_url="https://api.elevenlabs.io",
        location="US",
        position=20,
        model="eleven_flash_v2_5",
    ),
    dict(
        key="twilio-recognition",
        name="Twilio speech recognition",
        capability="recognition",
        protocol="twilio",
        base_url="https://api.twilio.com",
        location="US",
        active=True,
    ),
    dict(
        key="twilio-sms",
        name="Twilio messages",
        capability="sms",
        protocol="twilio",
        base_url="https://api.twilio.com",
        location="US",
        active=True,
    ),
)


def enter(apps, schema_editor):
    provider = apps.get_model("clinics", "Provider")
    for row in FIRST:
        provider.objects.get_or_create(key=row["key"], defaults=row)


class Migration(migrations.Migration):
    dependencies = [("clinics", "0004_providers")]

    operations = [migrations.RunPython(enter, migrations.RunPython.noop)]
