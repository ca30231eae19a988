"""The API of escalations: reading only."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinics import audit
from clinics.people.api import Pages
from clinics.people.roles import Permission
from escalations.models import Escalation, Level, Reason, Status


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

    @extend_schema(parameters=[EscalationFilter], responses=EscalationOut(many=True))
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

    @extend_schema(responses=EscalationOut)
    def get(self, request: Request, escalation_id: UUID) -> Response:
        Escalation.objects.check_told(request.user, escalation_id)
        escalation = get_object_or_404(Escalation.objects.told_to(request.user).with_people(), pk=escalation_id)
        audit.record_read(by=request.user, what="escalations.escalation", about=escalation.id, request=request)
        return Response(EscalationOut(escalation).data)
