"""Where escalations live."""

from django.urls import path

from escalations import api, on_call, views

app_name = "escalations"

urlpatterns = [
    path("escalations/", views.escalation_list, name="list"),
    path("escalations/<uuid:escalation_id>/", views.detail, name="detail"),
    path("escalations/<uuid:escalation_id>/acknowledge/", views.acknowledge_escalation, name="acknowledge_escalation"),
    path("escalations/<uuid:escalation_id>/text/", views.from_text, name="from_text"),
    path("escalations/<uuid:escalation_id>/ladder/", views.ladder, name="ladder"),
    path("escalations/<uuid:escalation_id>/take-over/", views.take_over_escalation, name="take_over_escalation"),
    path("escalations/<uuid:escalation_id>/reopen/", views.reopen_escalation, name="reopen_escalation"),
    path("escalations/<uuid:escalation_id>/resolve/", views.resolve_escalation, name="resolve_escalation"),
    path("escalations/on-call/", on_call.on_call, name="on_call"),
    path("escalations/on-call/shifts/", on_call.add_shift, name="add_shift"),
    path("escalations/on-call/shifts/<int:shift_id>/remove/", on_call.remove_shift, name="remove_shift"),
    path("escalations/on-call/people/<uuid:person_id>/number/", on_call.set_number, name="set_number"),
    path("escalations/on-call/times/", on_call.set_times, name="set_times"),
    path("alarms/open/", views.open_alarms, name="open_alarms"),
]

api_urlpatterns = [
    path("escalations/", api.EscalationList.as_view(), name="api-escalations"),
    path("escalations/<uuid:escalation_id>/", api.EscalationDetail.as_view(), name="api-escalation"),
    path(
        "escalations/<uuid:escalation_id>/acknowledge/",
        api.AcknowledgeEscalation.as_view(),
        name="api-acknowledge_escalation",
    ),
    path("escalations/<uuid:escalation_id>/resolve/", api.ResolveEscalation.as_view(), name="api-resolve_escalation"),
]
