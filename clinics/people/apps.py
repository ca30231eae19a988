from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "clinics.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from clinics.people import doors  # noqa: F401  (registers its check with Django)
