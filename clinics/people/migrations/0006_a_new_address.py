"""A link may prove a new e-mail address; the address that it replaced is kept, to be told of it."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("people", "0005_spanish")]

    operations = [
        migrations.AddField(
            "onetimelink",
            "former_email",
            models.EmailField(
                blank=True,
                db_default="",
                help_text="What a used link to a new address replaced: told once more",
                max_length=254,
            ),
        ),
        migrations.AlterField(
            "onetimelink",
            "purpose",
            models.CharField(
                choices=[("invite", "Invitation"), ("reset", "New password"), ("move", "New e-mail address")],
                max_length=8,
            ),
        ),
        migrations.RemoveConstraint("onetimelink", "people_a_reset_names_its_person"),
        migrations.AddConstraint(
            "onetimelink",
            models.CheckConstraint(
                condition=Q(purpose="invite", user=None) | Q(purpose__in=["reset", "move"], user__isnull=False),
                name="people_a_link_names_its_person",
            ),
        ),
    ]
