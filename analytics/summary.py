"""A clinic's figures for programs: lengths in seconds unless named otherwise, rates 0 to 1, None for none."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from typing import Any

from analytics import machine, messages, queries, reviewed
from analytics.chart import Pages
from analytics.forecast import back_test, forecast
from analytics.history import history
from analytics.rolling import Numbers
from clinics.practice.policies import policy_in_force


def summary(made_of: Pages) -> dict[str, Any]:
    """Everything the page shows but the drawings."""
    desk, span = queries.waiting(made_of.now), made_of.span
    weeks = reviewed.together_of(reviewed.weeks(span, made_of.now))
    return {
        "days": span.days,
        "since": span.since,
        "until": span.until,
        "waiting": desk.waiting,
        "late": desk.late,
        "calls_now": desk.calls,
        "emergencies_open": desk.emergencies,
        "policy_version": policy_in_force().version,
        **_figures(made_of.counted),
        "before": _figures(made_of.before),
        "reviews": {
            "calls": weeks.calls,
            "reviewed": weeks.reviewed,
            "caught": weeks.caught,
            "missed": weeks.missed,
            "false_alarms": weeks.false,
            "recall": weeks.recall.point if weeks.recall.known else None,
            "recall_low": weeks.recall.low if weeks.recall.known else None,
            "recall_high": weeks.recall.high if weeks.recall.known else None,
        },
    }


def _figures(counted: Numbers) -> dict[str, Any]:
    held, settled, heard = queries.calls(counted), queries.settled(counted), queries.heard(counted)
    handed, lost = queries.handovers(counted), queries.degraded(counted)
    first_sound = machine.heard(counted)
    return {
        "calls": held.count,
        "average_duration_sec": held.average,
        "median_duration_sec": held.median,
        "p95_duration_sec": held.p95,
        "abandoned_rate": held.abandoned.rate,
        "outcomes": dict(queries.calls_by(counted, "outcome")),
        "intents": dict(queries.calls_by(counted, "intent")),
        "languages": dict(queries.calls_by(counted, "language")),
        "levels": dict(queries.calls_by(counted, "level")),
        "containment_rate": settled.contained.rate,
        "verified_resolution_rate": settled.verified.rate,
        "fates": dict(settled.fates),
        "service_level": queries.service_level(queries.completion(counted)).rate,
        "completion": [_met(one) for one in queries.completion(counted)],
        "promises_kept_rate": queries.service_level(queries.promises(counted)).rate,
        "promises": [_met(one) for one in queries.promises(counted)],
        "handovers": handed.held.whole,
        "handovers_held_rate": handed.held.rate,
        "reprompts_per_call": heard.per_call,
        "unread": dict(heard.unread),
        "requests": heard.requests,
        "degraded_calls": lost.calls,
        "degraded_seconds": lost.seconds,
        "escalations": [
            {
                "reason": one.reason,
                "count": one.count,
                "unanswered": one.unanswered,
                "median_seconds_to_acknowledge": one.median,
                "p95_seconds_to_acknowledge": one.p95,
            }
            for one in queries.escalations(counted)
        ],
        "answer_p95_ms": machine.thought(counted),
        "first_sound_p50_ms": first_sound[0],
        "first_sound_p95_ms": first_sound[1],
        "stages": [
            {
                "stage": one.name,
                "answers": one.answers,
                "p50_ms": one.p50,
                "p95_ms": one.p95,
                "asked": one.asked,
                "provider_p50_ms": one.provider_p50,
                "provider_p95_ms": one.provider_p95,
                "failed": one.failed,
            }
            for one in machine.stages(counted)
        ],
        "messages": [_channel(one) for one in messages.by_channel(counted) if one.used],
    }


def _met(one: queries.Met) -> dict[str, Any]:
    return {"kind": one.kind, "in_time": one.in_time, "late": one.late, "open_late": one.open_late}


def _channel(one: messages.Channel) -> dict[str, Any]:
    return {
        "channel": one.name,
        "delivered": one.messages.delivered,
        "given_up": one.messages.given_up,
        "expired": one.messages.expired,
        "tries_per_message": one.messages.tries,
        "failed_tries": one.failed,
        "lag_p50_ms": one.messages.lag_p50,
        "lag_p95_ms": one.messages.lag_p95,
        "lag_p99_ms": one.messages.lag_p99,
        "provider_p50_ms": one.sent_p50,
        "provider_p95_ms": one.sent_p95,
    }


def expected(now: datetime, *, zone: tzinfo, days: int) -> dict[str, Any]:
    """The calls that each half hour of the next days will bring, and how far off that was on days that are past."""
    today, known = now.astimezone(zone).date(), history(now)
    tested = back_test(known, until=today)
    made = [forecast(known, today + timedelta(days=ahead)) for ahead in range(days)]
    return {
        "days": [
            {"day": one.day, "calls": list(one.expected), "low": list(one.low), "high": list(one.high)}
            for one in made
            if one is not None
        ],
        "back_test": {
            "days": tested.days,
            "off_by_calls_per_half_hour": tested.off_by,
            "share_off": tested.share_off,
            "as_last_week_off_by": tested.as_last_week,
        }
        if tested
        else None,
    }
