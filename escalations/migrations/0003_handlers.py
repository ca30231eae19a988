from django.db import migrations


class Migration(migrations.Migration):
    """Whoever acknowledged an escalation before has it still: nobody could take one over."""

    dependencies = [("escalations", "0002_ladder")]

    operations = [
        migrations.RunSQL(
            "UPDATE escalations_escalation SET handler_id = acknowledged_by_id WHERE handler_id IS NULL",
            migrations.RunSQL.noop,
        )
    ]
