"""Take the plain columns away, once the rows that came in since 0006 are sealed, too."""

from django.db import migrations

from clinics.sealing.migrating import seal_the_rest, swap_columns
from escalations.migrations import _sealed_columns as sealed


class Migration(migrations.Migration):
    dependencies = [("escalations", "0006_seal")]

    operations = [
        migrations.RunPython(seal_the_rest(*sealed.PLANS)),
        *swap_columns("escalation", "escalations_escalation", **sealed.ESCALATION),
        *swap_columns("step", "escalations_step", **sealed.STEP),
    ]
