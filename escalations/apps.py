from django.apps import AppConfig


class EscalationsConfig(AppConfig):
    name = "escalations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from clinics.backups import quieting
        from escalations import restored
        from escalations.actions import take_by_key
        from escalations.climbing import climb_everywhere
        from notifications import chores, doors

        chores.in_every_pass("ladders", climb_everywhere)
        quieting.still_inside("ladders", restored.still)
        doors.lend_key(kind="escalation.step", take=lambda person, about: take_by_key(by=person, escalation_id=about))
