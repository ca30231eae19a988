from django.apps import AppConfig


class EscalationsConfig(AppConfig):
    name = "escalations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from escalations.climbing import climb_everywhere
        from notifications import chores

        chores.in_every_pass("ladders", climb_everywhere)
