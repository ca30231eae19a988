from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("calls", "0013_heard_messages")]

    operations = [
        AddIndexConcurrently("providercall", models.Index(fields=["at"], name="provider_call_by_time")),
    ]
