"""How long a clinic keeps each kind of thing."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("calls", "0008_turns_are_found_by_turn_once")]

    operations = [
        migrations.CreateModel(
            name="RetentionRule",
            fields=[
                ("artefact", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("days", models.PositiveIntegerField()),
            ],
            options={"ordering": ["artefact"]},
        ),
    ]
