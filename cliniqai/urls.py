"""The clinic's host: pages, webhooks and the API. Each app brings its own list."""

from django.urls import include, path

handler400 = "clinics.people.views.bad_request"
handler403 = "clinics.people.views.forbidden"
handler404 = "clinics.people.views.not_found"
handler500 = "clinics.people.views.server_error"

urlpatterns = [
    path("", include("calls.urls")),  # first, because a caller waits: patterns are tried one after the other
    path("", include("clinics.people.urls")),
    path("", include("clinics.practice.pages.urls")),
    path("", include("clinics.practice.urls")),
    path("", include("notifications.urls")),
    path("settings/webhooks/", include("notifications.hooks.urls")),
    path("", include("tasks.urls")),
    path("", include("tasks.decisions.urls")),
    path("", include("escalations.urls")),
    path("", include("calls.sensitive.urls")),
    path("", include("calls.handover.urls")),
    path("", include("calls.relay.urls")),
    path("", include("calls.recordings.urls")),
    path("", include("calls.workbench.urls")),
    path("", include("calls.reviews.urls")),
    path("", include("calls.drills.urls")),
    path("", include("calls.retention.urls")),
    path("", include("calls.readiness.urls")),
    path("", include("calls.phrasing.urls")),
    path("settings/voice/", include("calls.speech.urls")),
    path("", include("analytics.urls")),
    path("api/", include("cliniqai.api_urls")),
]
