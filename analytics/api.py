"""A clinic's numbers for programs."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analytics import board, queries, spans
from clinics.people.api import ERRORS
from clinics.people.roles import Permission
from tasks.rows import zone_of_clinic


class SpanIn(serializers.Serializer):
    """How many days up to today; the usual week when none are named."""

    days = serializers.ChoiceField(choices=list(spans.CHOICES), required=False, default=spans.USUAL)

    def span(self) -> spans.Span:
        return spans.span(str(self.validated_data["days"]), now=timezone.now(), zone=zone_of_clinic())


class RaisedOut(serializers.Serializer):
    reason = serializers.CharField()
    count = serializers.IntegerField()
    unanswered = serializers.IntegerField()
    median_seconds_to_acknowledge = serializers.FloatField(allow_null=True)
    p95_seconds_to_acknowledge = serializers.FloatField(allow_null=True)


class SummaryOut(serializers.Serializer):
    days = serializers.IntegerField()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    calls = serializers.IntegerField()
    average_duration_sec = serializers.FloatField(allow_null=True)
    median_duration_sec = serializers.FloatField(allow_null=True)
    p95_duration_sec = serializers.FloatField(allow_null=True)
    abandoned_rate = serializers.FloatField(allow_null=True)
    outcomes = serializers.DictField(child=serializers.IntegerField())
    intents = serializers.DictField(child=serializers.IntegerField())
    languages = serializers.DictField(child=serializers.IntegerField())
    waiting = serializers.IntegerField()
    late = serializers.IntegerField()
    calls_now = serializers.IntegerField()
    emergencies_open = serializers.IntegerField()
    service_level = serializers.FloatField(allow_null=True)
    promises_kept_rate = serializers.FloatField(allow_null=True)
    escalations = RaisedOut(many=True)
    policy_version = serializers.IntegerField()


class HourOut(serializers.Serializer):
    hour = serializers.IntegerField(min_value=0, max_value=23)
    calls = serializers.IntegerField()


class HourlyOut(serializers.Serializer):
    days = serializers.IntegerField()
    hours = HourOut(many=True)


class Summary(APIView):
    """Counts, lengths and rates of some days, without test calls."""

    permission = Permission.SEE_ANALYTICS

    @extend_schema(parameters=[SpanIn], responses={200: SummaryOut, **ERRORS})
    def get(self, request: Request) -> Response:
        asked = SpanIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = board.summary(request.clinic, asked.span(), timezone.now())
        return Response(SummaryOut(found).data)


class Hourly(APIView):
    """How many calls began in each hour of the clinic's clock."""

    permission = Permission.SEE_ANALYTICS

    @extend_schema(parameters=[SpanIn], responses={200: HourlyOut, **ERRORS})
    def get(self, request: Request) -> Response:
        asked = SpanIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        span = asked.span()
        hours = [{"hour": hour, "calls": count} for hour, count in enumerate(queries.calls_by_hour(span))]
        return Response(HourlyOut({"days": span.days, "hours": hours}).data)
