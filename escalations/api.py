"""The API of escalations: the list, one of them, and who has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinics import audit
from clinics.people.api import DEED_ERRORS, ERRORS, IDEMPOTENCY_KEY, Conflict, Pages, Refusal
from clinics.people.roles import Permission
from clinics.practice.api_use import once
from escalations import actions, policy
from escalations.models import Escalation, Level, Outcome, Reason, Status


class HandlerOut(serializers.Serializer):
    """A person of the clinic."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class EscalationOut(serializers.ModelSerializer):
    summary = serializers.CharField()
    acknowledged_by = HandlerOut(allow_null=True)

    class Meta:
        model = Escalation
        fields = [
            "id",
            "reason",
            "level",
            "status",
            "call_id",
            "summary",
            "raised_at",
            "acknowledged_by",
            "acknowledged_at",
            "resolved_at",
            "outcome",
        ]
        read_only_fields = fields


class EscalationFilter(serializers.Serializer):
    """What a list of escalations can be narrowed to; a value that makes no sense is refused, never ignored."""

    status = serializers.ChoiceField(choices=Status.choices, required=False)
    reason = serializers.ChoiceField(choices=Reason.choices, required=False)
    level = serializers.ChoiceField(choices=Level.choices, required=False)


class EscalationList(APIView):
    """Escalations, newest first."""

    permission = Permission.SEE_ESCALATIONS
    ordering = ("-raised_at", "-id")
    pagination_class = Pages

    @extend_schema(parameters=[EscalationFilter], responses={200: EscalationOut(many=True), **ERRORS})
    def get(self, request: Request) -> Response:
        asked = EscalationFilter(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        pages = self.pagination_class()
        told = Escalation.objects.told_to(request.user).with_people()
        found = told.filter(**asked.validated_data)
        rows = pages.paginate_queryset(found, request, view=self)
        ids = [row.id for row in rows]
        audit.record_read(by=request.user, what="escalations.escalation list", about=None, request=request, rows=ids)
        return pages.get_paginated_response(EscalationOut(rows, many=True).data)


class EscalationDetail(APIView):
    """One escalation."""

    permission = Permission.SEE_ESCALATIONS

    @extend_schema(responses={200: EscalationOut, **ERRORS})
    def get(self, request: Request, escalation_id: UUID) -> Response:
        Escalation.objects.check_told(request.user, escalation_id)
        escalation = get_object_or_404(Escalation.objects.told_to(request.user).with_people(), pk=escalation_id)
        audit.record_read(by=request.user, what="escalations.escalation", about=escalation.id, request=request)
        return Response(EscalationOut(escalation).data)


# --- Deeds ---------------------------------------------------------------------------------------------------------
class ResolveIn(serializers.Serializer):
    outcome = serializers.ChoiceField(choices=Outcome.choices)
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class EscalationDeed(APIView):
    """One deed; the answer is the escalation as it is afterwards."""

    permission: Permission
    asked: type[serializers.Serializer] = serializers.Serializer
    act: Callable[..., Escalation]

    def post(self, request: Request, escalation_id: UUID) -> Response:
        asked = self.asked(data=request.data)
        asked.is_valid(raise_exception=True)
        return once(request, lambda: self._do(request, escalation_id, asked.validated_data))

    def _do(self, request: Request, escalation_id: UUID, given: dict[str, Any]) -> Response:
        Escalation.objects.check_told(request.user, escalation_id)
        try:
            self.act(by=request.user, escalation_id=escalation_id, **given)
        except Escalation.DoesNotExist as missing:
            raise Http404 from missing
        except actions.AlreadyHandled as faster:
            raise Conflict("Somebody has handled it already. Read it again.") from faster
        except policy.Refused as refused:
            raise Refusal(str(refused)) from refused
        escalation = get_object_or_404(Escalation.objects.told_to(request.user).with_people(), pk=escalation_id)
        audit.record_read(by=request.user, what="escalations.escalation", about=escalation.id, request=request)
        return Response(EscalationOut(escalation).data)


def _described(asked: type[serializers.Serializer] | None, summary: str) -> Any:
    return extend_schema(
        parameters=[IDEMPOTENCY_KEY], request=asked, responses={200: EscalationOut, **DEED_ERRORS}, description=summary
    )


@extend_schema_view(post=_described(None, "Say that you have it; the alarm and the ladder stop"))
class AcknowledgeEscalation(EscalationDeed):
    permission = Permission.ACKNOWLEDGE_ESCALATIONS
    act = staticmethod(actions.acknowledge)


@extend_schema_view(post=_described(ResolveIn, "Close it with how it ended"))
class ResolveEscalation(EscalationDeed):
    permission = Permission.RESOLVE_ESCALATIONS
    asked = ResolveIn
    act = staticmethod(actions.resolve)
