"""The notification bell, its page and its API."""

from django.urls import path

from notifications import api, views

app_name = "notifications"
urlpatterns = [
    path("notifications/", views.list_page, name="list"),
    path("notifications/bell/", views.bell, name="bell"),
    path("notifications/read/", views.mark_all_read, name="mark_all_read"),
    path("notifications/clear/", views.clear_read, name="clear_read"),
    path("notifications/<uuid:notification_id>/read/", views.mark_read, name="mark_read"),
]
api_urlpatterns = [path("notifications/", api.Notifications.as_view(), name="notifications")]
