"""Take the plain reasons away, once the rows that came in since 0017 are sealed, too."""

from django.db import migrations, models
from django.db.models import Q

from clinics.practice.migrations import _sealed_glass as sealed
from clinics.sealing.migrating import seal_the_rest, swap_columns


class Migration(migrations.Migration):
    dependencies = [("practice", "0017_seal_glass")]

    operations = [
        migrations.RunPython(seal_the_rest(sealed.PLAN)),
        migrations.RemoveConstraint("brokenglass", "broken_glass_reasoned"),
        *swap_columns("brokenglass", "practice_brokenglass", **sealed.GLASS),
        migrations.AddConstraint(
            "brokenglass", models.CheckConstraint(condition=Q(words__blank=False), name="broken_glass_reasoned")
        ),
    ]
