"""Pages, webhooks and API routes of calls."""

from django.urls import path

from calls import api, looks, views, webhooks
from calls.simulator import phone
from calls.speech import views as speech
from calls.transcripts import views as transcripts

app_name = "calls"

urlpatterns = [
    path("calls/voice/", webhooks.incoming, name="incoming"),
    path("calls/voice/<uuid:call_id>/turn/<int:n>/", webhooks.hear, name="hear"),
    path("calls/voice/<uuid:call_id>/turn/<int:n>/partial/", webhooks.overhear, name="overhear"),
    path("calls/voice/status/", webhooks.status, name="status"),
    path("calls/voice/fallback/", webhooks.fallback, name="fallback"),
    path("calls/voice/recording/", webhooks.recording, name="recording"),
    path("calls/voice/transcript/", webhooks.transcript, name="voicemail_transcript"),
    path("calls/voice/clips/<slug:clip>/<int:ends>/<str:signature>.mp3", speech.clip, name="clip"),
    path("calls/", views.call_list, name="list"),
    path("calls/<uuid:call_id>/", views.call_detail, name="detail"),
    path("calls/<uuid:call_id>/looks/", looks.looks, name="looks"),
    path("calls/<uuid:call_id>/transcript/", transcripts.transcript, name="transcript"),
    path("calls/<uuid:call_id>/transcript/live/", transcripts.live, name="live"),
    path("calls/<uuid:call_id>/evidence/", transcripts.evidence, name="evidence"),
    path("calls/<uuid:call_id>/turns/<int:n>/correct/", transcripts.correct, name="correct_turn"),
    path("settings/policy/hear/", views.hear_greeting, name="hear_greeting"),
    path("phone/", phone.page, name="phone"),
    path("phone/calls/", phone.ring, name="phone_ring"),
    path("phone/calls/<uuid:phone_id>/say/", phone.say, name="phone_say"),
    path("phone/calls/<uuid:phone_id>/hangup/", phone.hang_up, name="phone_hang_up"),
]

api_urlpatterns = [
    path("calls/", api.CallList.as_view(), name="api-calls"),
    path("calls/<uuid:call_id>/", api.CallDetail.as_view(), name="api-call"),
    path("transcripts/<uuid:call_id>/", api.Transcript.as_view(), name="api-transcript"),
]
