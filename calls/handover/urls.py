"""What the network asks about handovers."""

from django.urls import path

from calls.handover import webhooks

app_name = "handover"

urlpatterns = [
    path("calls/voice/<uuid:call_id>/handover/<int:n>/wait/", webhooks.wait, name="wait"),
    path("calls/voice/<uuid:call_id>/handover/<int:n>/events/", webhooks.events, name="events"),
    path("calls/voice/<uuid:call_id>/handover/<int:n>/after/", webhooks.after, name="after"),
    path("calls/voice/legs/<uuid:leg_id>/brief/", webhooks.brief, name="brief"),
    path("calls/voice/legs/<uuid:leg_id>/key/", webhooks.key, name="key"),
    path("calls/voice/legs/<uuid:leg_id>/status/", webhooks.leg_status, name="leg_status"),
]
