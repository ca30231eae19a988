"""What operators may look at: the state of events and deliveries, none of it theirs to change by hand."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import F
from django.http import HttpRequest

from clinics.admin import operators
from notifications.models import Attempt, Delivery, Event, Heartbeat, Incident, Messaging, Replay


class ReadOnly:
    """Looked at here; brought back by `manage.py replay`, which writes down who did it and why."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return operators.has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return operators.has_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    has_change_permission = has_delete_permission = has_add_permission


@admin.register(Event, site=operators)
class EventAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["id", "clinic", "kind", "lane", "state", "attempts", "test", "created_at", "planned_at"]
    list_filter = ["state", "lane", "kind", "clinic"]
    list_select_related = ["clinic"]
    ordering = ["-id"]
    show_full_result_count = False


class AttemptInline(ReadOnly, admin.TabularInline):
    model = Attempt
    extra = 0
    fields = [
        *("number", "started_at", "finished_at", "outcome", "error_code", "http_status"),
        *("provider_status", "resent_after_unknown"),
    ]
    readonly_fields = fields


@admin.register(Delivery, site=operators)
class DeliveryAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["id", "clinic", "channel", "state", "attempts", "last_error_code", "provider_status", "done_at"]
    list_filter = ["state", "channel", "lane", "clinic"]
    list_select_related = ["clinic"]
    raw_id_fields = ["event"]
    inlines = [AttemptInline]
    ordering = ["-id"]
    show_full_result_count = False


@admin.register(Incident, site=operators)
class IncidentAdmin(ReadOnly, admin.ModelAdmin):
    """Trouble over all clinics; what is open comes first."""

    list_display = ["sentence", "clinic", "opened_at", "closed_at"]
    list_filter = ["name", "clinic"]
    list_select_related = ["clinic"]
    ordering = [F("closed_at").desc(nulls_first=True), "-opened_at"]


@admin.register(Heartbeat, site=operators)
class HeartbeatAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["name", "at"]


@admin.register(Replay, site=operators)
class ReplayAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["created_at", "by", "reason", "clinic", "kind", "deliveries", "events"]
    ordering = ["-id"]


@admin.register(Messaging, site=operators)
class MessagingAdmin(ReadOnly, admin.ModelAdmin):
    """What each clinic lets leave the portal; its own admins change it."""

    list_display = [
        *("clinic", "request_received", "decision_made", "missed_you", "quiet_from", "quiet_until"),
        *("staff_language", "answers_keywords"),
    ]
    list_select_related = ["clinic"]
