"""The clinic's host: pages, webhooks and the API. Each app brings its own list."""

from django.urls import include, path

urlpatterns = [
    path("", include("clinics.people.urls")),
    path("", include("notifications.urls")),
    path("", include("tasks.urls")),
    path("", include("escalations.urls")),
    path("", include("calls.urls")),
    path("api/", include("cliniqai.api_urls")),
]
