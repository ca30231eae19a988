from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "tasks"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from clinics.backups import quieting
        from tasks import restored

        quieting.still_inside("promises", restored.still)
