"""The notification bell, its page and its API."""

from django.urls import path

app_name = "notifications"
urlpatterns: list = []
api_urlpatterns: list = []
