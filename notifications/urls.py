"""The notification bell, its page and its API; what the network tells of texts and calls to people."""

from django.urls import path

from notifications import api, choosing, views, webhooks
from notifications.watching import views as watching

app_name = "notifications"
urlpatterns = [
    path("notifications/", views.list_page, name="list"),
    path("notifications/bell/", views.bell, name="bell"),
    path("notifications/read/", views.mark_all_read, name="mark_all_read"),
    path("notifications/clear/", views.clear_read, name="clear_read"),
    path("notifications/bring-back/", views.bring_back, name="bring_back"),
    path("notifications/<uuid:notification_id>/read/", views.mark_read, name="mark_read"),
    path("deliveries/", watching.dead_letters, name="deliveries"),
    path("deliveries/retry/", watching.retry_kind, name="deliveries_retry"),
    path("deliveries/<int:delivery_id>/retry/", watching.retry, name="delivery_retry"),
    path("deliveries/<int:delivery_id>/discard/", watching.discard, name="delivery_discard"),
    path("notifications/settings/", choosing.page, name="settings"),
    path("notifications/settings/choices/", choosing.choose, name="choose"),
    path("notifications/settings/code/", choosing.ask_code, name="ask_code"),
    path("notifications/settings/confirm/", choosing.prove, name="prove"),
    path("notifications/settings/clinic/", choosing.set_messaging, name="set_messaging"),
    path("calls/sms/", webhooks.sms, name="sms"),
    path("calls/sms/status/<uuid:token>/", webhooks.sms_status, name="sms_status"),
    path("calls/alert/<uuid:token>/", webhooks.voice_answered, name="voice_answered"),
    path("calls/alert/<uuid:token>/key/", webhooks.voice_key, name="voice_key"),
    path("calls/alert/<uuid:token>/status/", webhooks.voice_status, name="voice_status"),
]
api_urlpatterns = [
    path("notifications/", api.Notifications.as_view(), name="notifications"),
    path("notifications/read/", api.ReadAllNotifications.as_view(), name="api-read_all_notifications"),
    path("notifications/<uuid:notification_id>/read/", api.ReadNotification.as_view(), name="api-read_notification"),
]
