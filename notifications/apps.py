from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from notifications import chores, sign_in
        from notifications.hooks.actions import tell_of_switched_off
        from notifications.watching.incidents import look_now_and_then

        sign_in.lend()
        chores.in_every_pass("webhooks switched off", tell_of_switched_off)
        chores.in_every_pass("incidents", look_now_and_then)
