"""Addresses below /settings/webhooks/."""

from django.urls import path

from notifications.hooks import views

app_name = "webhooks"
urlpatterns = [
    path("", views.webhooks, name="list"),
    path("new/", views.register, name="register"),
    path("<uuid:hook_id>/test/", views.test, name="test"),
    path("<uuid:hook_id>/on/", views.switch_on, name="switch_on"),
    path("<uuid:hook_id>/remove/", views.remove, name="remove"),
]
