import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clinics", "0002_drills")]

    operations = [
        migrations.CreateModel(
            name="DataKey",
            fields=[
                ("id", models.CharField(editable=False, max_length=8, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField(default=1)),
                ("wrapped", models.TextField(editable=False, help_text="The key, encrypted")),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("retired_at", models.DateTimeField(help_text="When nothing was sealed with it any more", null=True)),
                (
                    "clinic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="data_keys", to="clinics.clinic"
                    ),
                ),
            ],
            options={
                "ordering": ["clinic", "-number"],
                "constraints": [models.UniqueConstraint(fields=("clinic", "number"), name="data_key_once")],
            },
        ),
    ]
