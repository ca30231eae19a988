"""What operators may look at: the state of events and deliveries, none of it theirs to change by hand."""

from __future__ import annotations

from functools import partial

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest

from clinics.admin import operators
from notifications.kinds import title
from notifications.models import Attempt, Delivery, DeliveryState, Event, Heartbeat, Incident, Messaging, Replay
from notifications.replaying import Wanted, replay
from notifications.watching import letters


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
    list_display = ["id", "clinic", "kind", "lane", "state", "attempts", "mark", "created_at", "planned_at"]
    list_filter = ["state", "lane", "kind", "clinic"]
    list_select_related = ["clinic"]
    search_fields = ["id__exact", "about__exact", "clinic__slug"]
    search_help_text = "The number of an event, the id of what it is about, or a clinic"
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
    """Deliveries of all clinics; what is dead is tried again or put aside here as the clinic's own admins do it."""

    list_display = [
        *("id", "clinic", "kind", "mark", "channel", "state", "cause", "attempts", "provider_status", "done_at")
    ]
    list_filter = ["state", "event__kind", "channel", "lane", "clinic"]
    search_fields = ["id__exact", "event__about__exact", "person__exact", "clinic__slug"]
    search_help_text = "The number of a delivery, the id of what it is about or of a person, or a clinic"
    list_select_related = ["clinic", "event"]
    actions = ["try_again"]
    raw_id_fields = ["event"]
    inlines = [AttemptInline]
    ordering = ["-id"]
    show_full_result_count = False

    @admin.display(ordering="event__kind")
    def kind(self, row: Delivery) -> str:
        return title(row.event.kind)

    @admin.display(description="Drill or test")
    def mark(self, row: Delivery) -> str:
        return row.event.mark

    @admin.display(ordering="last_error_code")
    def cause(self, row: Delivery) -> str:
        return letters.cause_of(row) if row.last_error_code else ""

    def get_actions(self, request: HttpRequest) -> dict[str, tuple]:
        """One action for each reason to put a dead letter aside, besides trying it again."""
        aside = {
            f"aside_{why}": (
                partial(DeliveryAdmin.put_aside, why=why),
                f"aside_{why}",
                f"Put dead letters aside: {words.lower()}",
            )
            for why, words in letters.WHY.items()
        }
        return super().get_actions(request) | aside

    @admin.action(description="Try dead letters again")
    def try_again(self, request: HttpRequest, chosen: QuerySet[Delivery]) -> None:
        done = 0
        for one in chosen.filter(state=DeliveryState.DEAD).select_related("clinic"):
            wanted = Wanted(clinic=one.clinic, delivery=one.pk, even_expired=True)
            done += replay(wanted, by=str(request.user.pk), reason="asked for by an operator").deliveries
            self.log_change(request, one, "tried again")
        self.message_user(request, f"{done} are tried again.")

    def put_aside(self, request: HttpRequest, chosen: QuerySet[Delivery], why: str) -> None:
        done = 0
        for one in chosen.filter(state=DeliveryState.DEAD).select_related("clinic"):
            done += letters.put_aside(clinic=one.clinic, delivery_id=one.pk, why=why)
            self.log_change(request, one, f"put aside: {why}")
        self.message_user(request, f"{done} are put aside.")


@admin.register(Incident, site=operators)
class IncidentAdmin(ReadOnly, admin.ModelAdmin):
    """Trouble over all clinics; what is open comes first."""

    list_display = ["sentence", "clinic", "opened_at", "closed_at"]
    list_filter = ["name", "clinic"]
    list_select_related = ["clinic"]
    search_fields = ["name", "clinic__slug", "clinic__name"]
    ordering = [F("closed_at").desc(nulls_first=True), "-opened_at"]


@admin.register(Heartbeat, site=operators)
class HeartbeatAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["name", "at"]


@admin.register(Replay, site=operators)
class ReplayAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["created_at", "by", "reason", "clinic", "kind", "deliveries", "events"]
    list_filter = ["clinic", "kind"]
    search_fields = ["reason", "by", "clinic__slug"]
    ordering = ["-id"]


@admin.register(Messaging, site=operators)
class MessagingAdmin(ReadOnly, admin.ModelAdmin):
    """What each clinic lets leave the portal; its own admins change it."""

    list_display = [
        *("clinic", "request_received", "decision_made", "missed_you", "missed_call", "quiet_from", "quiet_until"),
        *("staff_language", "answers_keywords"),
    ]
    list_select_related = ["clinic"]
