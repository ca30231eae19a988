"""A clinic's numbers for programs."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analytics import board, queries, rows, spans, summary
from analytics.behind import real_calls, with_fate
from analytics.rolling import numbers
from clinics import audit
from clinics.people.api import ERRORS, Pages
from clinics.people.roles import Permission
from tasks.rows import zone_of_clinic

FORECAST_DAYS = 7


class SpanIn(serializers.Serializer):
    """How many days up to today; the usual week when none are named."""

    days = serializers.ChoiceField(choices=list(spans.CHOICES), required=False, default=spans.USUAL)

    def span(self, now: datetime) -> spans.Span:
        return spans.span(str(self.validated_data["days"]), now=now, zone=zone_of_clinic())


class RaisedOut(serializers.Serializer):
    reason = serializers.CharField()
    count = serializers.IntegerField()
    unanswered = serializers.IntegerField()
    median_seconds_to_acknowledge = serializers.FloatField(allow_null=True)
    p95_seconds_to_acknowledge = serializers.FloatField(allow_null=True)


class MetOut(serializers.Serializer):
    kind = serializers.CharField()
    in_time = serializers.IntegerField()
    late = serializers.IntegerField()
    open_late = serializers.IntegerField()


class StageOut(serializers.Serializer):
    stage = serializers.CharField()
    answers = serializers.IntegerField()
    p50_ms = serializers.FloatField(allow_null=True)
    p95_ms = serializers.FloatField(allow_null=True)
    asked = serializers.IntegerField()
    provider_p50_ms = serializers.FloatField(allow_null=True)
    provider_p95_ms = serializers.FloatField(allow_null=True)
    failed = serializers.IntegerField()


class ChannelOut(serializers.Serializer):
    channel = serializers.CharField()
    delivered = serializers.IntegerField()
    given_up = serializers.IntegerField()
    expired = serializers.IntegerField()
    tries_per_message = serializers.FloatField(allow_null=True)
    failed_tries = serializers.IntegerField()
    lag_p50_ms = serializers.FloatField(allow_null=True)
    lag_p95_ms = serializers.FloatField(allow_null=True)
    lag_p99_ms = serializers.FloatField(allow_null=True)
    provider_p50_ms = serializers.FloatField(allow_null=True)
    provider_p95_ms = serializers.FloatField(allow_null=True)


class FiguresOut(serializers.Serializer):
    calls = serializers.IntegerField()
    average_duration_sec = serializers.FloatField(allow_null=True)
    median_duration_sec = serializers.FloatField(allow_null=True)
    p95_duration_sec = serializers.FloatField(allow_null=True)
    abandoned_rate = serializers.FloatField(allow_null=True)
    outcomes = serializers.DictField(child=serializers.IntegerField())
    intents = serializers.DictField(child=serializers.IntegerField())
    languages = serializers.DictField(child=serializers.IntegerField())
    levels = serializers.DictField(child=serializers.IntegerField())
    containment_rate = serializers.FloatField(allow_null=True)
    verified_resolution_rate = serializers.FloatField(allow_null=True)
    fates = serializers.DictField(child=serializers.IntegerField())
    service_level = serializers.FloatField(allow_null=True)
    completion = MetOut(many=True)
    promises_kept_rate = serializers.FloatField(allow_null=True)
    promises = MetOut(many=True)
    handovers = serializers.IntegerField()
    handovers_held_rate = serializers.FloatField(allow_null=True)
    reprompts_per_call = serializers.FloatField(allow_null=True)
    unread = serializers.DictField(child=serializers.IntegerField())
    requests = serializers.IntegerField()
    degraded_calls = serializers.IntegerField()
    degraded_seconds = serializers.IntegerField()
    escalations = RaisedOut(many=True)
    answer_p95_ms = serializers.FloatField(allow_null=True)
    first_sound_p50_ms = serializers.FloatField(
        allow_null=True, help_text="From the caller's last word to the first sound, partly estimated"
    )
    first_sound_p95_ms = serializers.FloatField(allow_null=True)
    stages = StageOut(many=True)
    messages = ChannelOut(many=True)


class ReviewsOut(serializers.Serializer):
    calls = serializers.IntegerField()
    reviewed = serializers.IntegerField()
    caught = serializers.IntegerField()
    missed = serializers.IntegerField()
    false_alarms = serializers.IntegerField()
    recall = serializers.FloatField(allow_null=True)
    recall_low = serializers.FloatField(allow_null=True)
    recall_high = serializers.FloatField(allow_null=True)


class SummaryOut(FiguresOut):
    days = serializers.IntegerField()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    waiting = serializers.IntegerField()
    late = serializers.IntegerField()
    calls_now = serializers.IntegerField()
    emergencies_open = serializers.IntegerField()
    policy_version = serializers.IntegerField()
    before = FiguresOut()
    reviews = ReviewsOut()


class HourOut(serializers.Serializer):
    hour = serializers.IntegerField(min_value=0, max_value=23)
    calls = serializers.IntegerField()


class HourlyOut(serializers.Serializer):
    days = serializers.IntegerField()
    hours = HourOut(many=True)
    weekdays = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField()),
        help_text="The same for each weekday, Monday first",
    )


class RowOut(serializers.Serializer):
    """One call; lists hold codes joined by blanks. Of a closed sensitive call there is only when it began."""

    id = serializers.UUIDField()
    started_at = serializers.DateTimeField()
    closed = serializers.BooleanField()
    status = serializers.CharField(allow_blank=True)
    language = serializers.CharField(allow_blank=True)
    intent = serializers.CharField(allow_blank=True)
    outcome = serializers.CharField(allow_blank=True)
    end_reason = serializers.CharField(allow_blank=True)
    duration_sec = serializers.IntegerField(allow_null=True)
    level = serializers.CharField(allow_blank=True)
    turns = serializers.IntegerField(allow_null=True)
    slowest_answer_ms = serializers.IntegerField(allow_null=True)
    reprompts = serializers.IntegerField(allow_null=True)
    unread = serializers.CharField(allow_blank=True)
    fate = serializers.CharField(allow_blank=True)
    tasks = serializers.CharField(allow_blank=True)
    promises = serializers.CharField(allow_blank=True)
    escalations = serializers.CharField(allow_blank=True)
    seconds_to_acknowledge = serializers.CharField(allow_blank=True)
    handover = serializers.CharField(allow_blank=True)
    provider_errors = serializers.IntegerField(allow_null=True)
    review = serializers.CharField(allow_blank=True)
    policy_version = serializers.IntegerField(allow_null=True)


class DayOut(serializers.Serializer):
    day = serializers.DateField()
    calls = serializers.ListField(child=serializers.FloatField(), help_text="One for each half hour, 48")
    low = serializers.ListField(child=serializers.IntegerField())
    high = serializers.ListField(child=serializers.IntegerField())


class BackTestOut(serializers.Serializer):
    days = serializers.IntegerField()
    off_by_calls_per_half_hour = serializers.FloatField()
    share_off = serializers.FloatField(allow_null=True)
    as_last_week_off_by = serializers.FloatField()


class ForecastOut(serializers.Serializer):
    days = DayOut(many=True)
    back_test = BackTestOut(allow_null=True)


class Summary(APIView):
    """Counts, lengths and rates of some days and of as many days before them, without test calls."""

    permission = Permission.SEE_ANALYTICS

    @extend_schema(parameters=[SpanIn], responses={200: SummaryOut, **ERRORS})
    def get(self, request: Request) -> Response:
        span, now = _asked(request)
        return Response(SummaryOut(summary.summary(board.pages(span, now, by_day=False))).data)


class Hourly(APIView):
    """How many calls began in each hour of the clinic's clock."""

    permission = Permission.SEE_ANALYTICS

    @extend_schema(parameters=[SpanIn], responses={200: HourlyOut, **ERRORS})
    def get(self, request: Request) -> Response:
        span, now = _asked(request)
        counted = numbers(span, now)
        hours = [{"hour": hour, "calls": count} for hour, count in enumerate(queries.calls_by_hour(counted))]
        return Response(
            HourlyOut({"days": span.days, "hours": hours, "weekdays": queries.calls_by_weekday(counted)}).data
        )


class CallRows(APIView):
    """One row per call of some days: what the figures are made of, without a patient's words, name or number."""

    permission = Permission.SEE_ANALYTICS
    ordering = ("-started_at", "-id")
    pagination_class = Pages

    @extend_schema(parameters=[SpanIn], responses={200: RowOut(many=True), **ERRORS})
    def get(self, request: Request) -> Response:
        span, now = _asked(request)
        pages = self.pagination_class()
        found = with_fate(real_calls(span).listed_for(request.user), now)
        told = rows.made_of(pages.paginate_queryset(found, request, view=self), now, span.zone)
        audit.record_read(
            by=request.user, what="analytics.call rows", about=None, request=request, rows=[one.id for one in told]
        )
        return pages.get_paginated_response([one.values() for one in told])


class Forecast(APIView):
    """The calls expected in each half hour of the next seven days, and how far off that was lately."""

    permission = Permission.SEE_ANALYTICS

    @extend_schema(responses={200: ForecastOut, **ERRORS})
    def get(self, request: Request) -> Response:
        now = timezone.now()
        return Response(ForecastOut(summary.expected(now, zone=zone_of_clinic(), days=FORECAST_DAYS)).data)


def _asked(request: Request) -> tuple[spans.Span, datetime]:
    asked, now = SpanIn(data=request.query_params), timezone.now()
    asked.is_valid(raise_exception=True)
    return asked.span(now), now
