"""Calls per half hour of the days that are past, as the forecast asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from analytics import spans
from analytics.counting import count
from analytics.forecast import HALF_HOURS, TESTED_DAYS, WEEKS, History
from analytics.models import Daily
from tasks.rows import zone_of_clinic

DAYS = TESTED_DAYS + 7 * WEEKS


def history(now: datetime) -> History:
    """Every past day from the first that had a call; the days before are not known, rather than empty."""
    zone = zone_of_clinic()
    today = now.astimezone(zone).date()
    days = [today - timedelta(days=back) for back in range(DAYS, 0, -1)]
    kept = dict(Daily.objects.filter(day__gte=days[0]).values_list("day", "parts__calls__half_hour"))
    missing = [day for day in days if day not in kept]
    if missing:
        since, until = spans.midnight(missing[0], zone), spans.midnight(missing[-1] + timedelta(days=1), zone)
        found = count("calls", since=since, until=until, now=now, zone=zone)
        kept |= {day: found.get(day, {}).get("half_hour", {}) for day in missing}
    begun = next((day for day in days if kept[day]), today)
    return {day: _half_hours(kept[day] or {}) for day in days if day >= begun}


def _half_hours(counts: Mapping[str, int]) -> list[int]:
    return [counts.get(str(place), 0) for place in range(HALF_HOURS)]
