from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("tasks", "0010_unread")]

    operations = [
        AddIndexConcurrently("task", models.Index(fields=["due_at"], name="task_by_due")),
    ]
