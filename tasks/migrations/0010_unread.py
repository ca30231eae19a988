from django.db import migrations, models

import tasks.unread


class Migration(migrations.Migration):
    dependencies = [("tasks", "0009_open_by_priority")]

    operations = [
        migrations.AddField(
            model_name="task",
            name="unread",
            field=tasks.unread.UnreadFields(
                base_field=models.CharField(max_length=30),
                db_default=models.Value([]),
                default=list,
                editable=False,
                size=None,
            ),
        ),
    ]
