from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("calls", "0014_provider_calls_by_time")]

    operations = [
        AddIndexConcurrently(
            "call", models.Index(fields=["started_at"], name="call_running", condition=Q(status="in_progress"))
        ),
    ]
