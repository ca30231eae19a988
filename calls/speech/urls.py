"""Where a clinic sees whose voice speaks and what works, and tries another voice."""

from django.urls import path

from calls.speech import pages

app_name = "voice"

urlpatterns = [
    path("", pages.overview, name="overview"),
    path("tests/", pages.start_test, name="start_test"),
    path("tests/stop/", pages.stop_test, name="stop_test"),
]
