"""The models that the product has an adapter for. No clinic's words go there before an operator turns one on."""

from django.db import migrations

MODELS = (
    dict(
        key="anthropic",
        name="Anthropic",
        capability="model",
        protocol="anthropic",
        base_url="https://api.anthropic.com",
        location="US",
        position=10,
        answer_ms=1500,
        model="claude-haiku-4-5",
    ),
    dict(
        key="openai",
        name="OpenAI, or a server compatible with it",
        capability="model",
        protocol="openai",
        base_url="https://api.openai.com",
        location="US",
        position=20,
        answer_ms=1500,
        model="gpt-5-mini",
    ),
)


def enter(apps, schema_editor):
    provider = apps.get_model("clinics", "Provider")
    for row in MODELS:
        provider.objects.get_or_create(key=row["key"], defaults=row)


class Migration(migrations.Migration):
    dependencies = [("clinics", "0008_voices")]

    operations = [migrations.RunPython(enter, migrations.RunPython.noop)]
