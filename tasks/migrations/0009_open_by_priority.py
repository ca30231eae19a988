from django.db import migrations, models


class Migration(migrations.Migration):
    """How pressing the open work is, counted without reading all of it."""

    dependencies = [('tasks', '0008_desk')]

    operations = [
        migrations.AddIndex(
            model_name='task',
            index=models.Index(
                condition=models.Q(('status__in', ['pending', 'in_progress'])),
                fields=['priority'],
                name='task_open_by_priority',
            ),
        ),
    ]
