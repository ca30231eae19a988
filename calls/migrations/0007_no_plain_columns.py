"""Take the plain columns away, once the rows that came in since 0006 are sealed, too."""

from django.db import migrations

from calls.migrations import _sealed_columns as sealed
from clinics.sealing.migrating import seal_the_rest, swap_columns


class Migration(migrations.Migration):
    dependencies = [("calls", "0006_seal")]

    operations = [
        migrations.RunPython(seal_the_rest(*sealed.PLANS)),
        migrations.RemoveIndex("call", "call_of_number"),
        *swap_columns("call", "calls_call", **sealed.CALL),
        *swap_columns("turn", "calls_turn", **sealed.TURN),
        *swap_columns("correction", "calls_correction", **sealed.CORRECTION),
        *swap_columns("review", "calls_review", **sealed.REVIEW),
        *swap_columns("utterance", "calls_utterance", **sealed.UTTERANCE),
    ]
