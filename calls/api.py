"""The API of calls and transcripts: reading only."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from calls.models import Call, Outcome, Status, Turn
from clinics import audit
from clinics.people.api import ERRORS, Moment, Pages
from clinics.people.roles import Permission
from clinics.practice.sensitive import seen_or_404


class CallOut(serializers.ModelSerializer):
    from_number = serializers.CharField()

    class Meta:
        model = Call
        fields = [
            "id",
            "sid",
            "from_number",
            "status",
            "language",
            "intent",
            "outcome",
            "started_at",
            "duration_sec",
            "recording_url",
            "recording_duration_sec",
            "consent",
            "policy_version",
            "voice",
            "test",
        ]
        read_only_fields = fields


class TurnOut(serializers.ModelSerializer):
    words = serializers.CharField()
    digits = serializers.CharField()
    findings = serializers.ListField(child=serializers.DictField())
    filled = serializers.DictField(child=serializers.CharField())
    said = serializers.CharField()

    class Meta:
        model = Turn
        fields = [
            "n",
            "at",
            "words",
            "digits",
            "confidence",
            "language",
            "intent",
            "findings",
            "filled",
            "said",
            "took_ms",
        ]
        read_only_fields = fields


class TranscriptOut(serializers.Serializer):
    call = serializers.UUIDField()
    turns = TurnOut(many=True)


class CallFilter(serializers.Serializer):
    """What a list of calls can be narrowed to; an unknown value is refused, never ignored."""

    status = serializers.ChoiceField(choices=Status.choices, required=False)
    outcome = serializers.ChoiceField(choices=Outcome.choices, required=False)
    test = serializers.BooleanField(required=False, allow_null=True, default=None)
    started_after = Moment(required=False)
    started_before = Moment(required=False)

    LOOKUPS = {"started_after": "started_at__gte", "started_before": "started_at__lt"}

    def lookups(self) -> dict[str, object]:
        chosen = {name: value for name, value in self.validated_data.items() if value is not None}
        return {self.LOOKUPS.get(name, name): value for name, value in chosen.items()}


class CallList(APIView):
    permission = Permission.SEE_CALLS
    ordering = ("-started_at", "-id")
    pagination_class = Pages

    @extend_schema(parameters=[CallFilter], responses={200: CallOut(many=True), **ERRORS})
    def get(self, request: Request) -> Response:
        asked = CallFilter(data=request.query_params)
        asked.is_valid(raise_exception=True)
        pages = self.pagination_class()
        rows = pages.paginate_queryset(
            Call.objects.visible_to(request.user).filter(**asked.lookups()), request, view=self
        )
        ids = [row.id for row in rows]
        audit.record_read(by=request.user, what="calls.call list", about=None, request=request, rows=ids)
        return pages.get_paginated_response(CallOut(rows, many=True).data)


class CallDetail(APIView):
    permission = Permission.SEE_CALLS

    @extend_schema(responses={200: CallOut, **ERRORS})
    def get(self, request: Request, call_id: UUID) -> Response:
        call = seen_or_404(Call.objects.all(), request.user, pk=call_id)
        audit.record_read(by=request.user, what="calls.call", about=call.id, request=request)
        return Response(CallOut(call).data)


class Transcript(APIView):
    permission = Permission.SEE_CALLS

    @extend_schema(responses={200: TranscriptOut, **ERRORS})
    def get(self, request: Request, call_id: UUID) -> Response:
        call = seen_or_404(Call.objects.all(), request.user, pk=call_id)
        audit.record_read(by=request.user, what="transcript", about=call.id, request=request)
        return Response(TranscriptOut({"call": call.id, "turns": call.turns.order_by("n")}).data)
