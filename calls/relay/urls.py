"""Where a streamed call goes on. The socket itself is `socket.py`, outside Django's addresses."""

from django.urls import path

from calls.relay import webhooks

app_name = "relay"

urlpatterns = [path("calls/voice/<uuid:call_id>/relay/after/", webhooks.after, name="after")]
