"""Take the plain columns away, once the rows that came in since 0006 are sealed, too."""

from django.db import migrations, models
from django.db.models import Q

from clinics.sealing.migrating import seal_the_rest, swap_columns
from tasks.migrations import _sealed_columns as sealed


class Migration(migrations.Migration):
    dependencies = [("tasks", "0006_seal")]

    operations = [
        migrations.RunPython(seal_the_rest(*sealed.PLANS)),
        migrations.RemoveConstraint("decision", "decision_rejection_reasoned"),
        migrations.RemoveIndex("task", "task_search"),
        migrations.RemoveIndex("task", "task_of_number"),
        migrations.RemoveField("task", "search_words"),
        *swap_columns("task", "tasks_task", **sealed.TASK),
        *swap_columns("decision", "tasks_decision", **sealed.DECISION),
        *swap_columns("note", "tasks_note", **sealed.NOTE),
        migrations.AddConstraint(
            "decision",
            models.CheckConstraint(
                condition=~Q(verdict="rejected") | Q(reason__blank=False), name="decision_rejection_reasoned"
            ),
        ),
    ]
