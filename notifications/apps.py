from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from clinics.backups import quieting
        from clinics.fleet.board import offer_column
        from clinics.fleet.waves.watching import offer
        from notifications import chores, restored, sign_in
        from notifications.hooks.actions import tell_of_switched_off
        from notifications.watching import columns, guarding, service
        from notifications.watching.incidents import look_now_and_then

        sign_in.lend()
        quieting.still_shared("messages", restored.still)
        offer("turns", guarding.of_turns)
        offer_column("Delivered in a day", columns.delivered)
        offer_column("Dead letters", columns.dead_letters)
        offer_column("Incidents", columns.incidents)
        offer_column("Error budgets", columns.objectives)
        chores.in_every_pass("webhooks switched off", tell_of_switched_off)
        chores.in_every_pass("objectives", service.count_now_and_then)
        chores.in_every_pass("incidents", look_now_and_then)
