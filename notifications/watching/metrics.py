"""`/metrics` in Prometheus' text format: for whoever shows the token, or asks from this machine. Figures only.

Answered by the platform's host only. Counts are read from the database at each scrape, so every web process tells the
same and none has to be asked for all.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Iterator

from django.conf import settings
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from notifications.kinds import Lane
from notifications.watching import service
from notifications.watching.measuring import measure
from notifications.watching.models import Incident
from notifications.watching.objectives import MINUTES, OBJECTIVES, budget_left, burn

_STATES = """
SELECT lane, channel, state, count(*) FROM public.notifications_delivery
WHERE created_at > now() - interval '1 day' GROUP BY lane, channel, state"""


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not _may_read(request):
        raise Http404
    registry = CollectorRegistry()
    registry.register(Road())  # type: ignore[arg-type]
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    """With the token, or from this machine without a proxy in between."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if settings.METRICS_TOKEN and hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        return True
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


class Road:
    """The road of messages as gauges."""

    def collect(self) -> Iterator[Metric]:
        found = measure()
        lag = GaugeMetricFamily("cliniqai_lag_seconds", "Age of the oldest message that is due", labels=["lane"])
        for lane in Lane:
            lag.add_metric([lane.name.lower()], found.lag.get(lane.name.lower(), 0.0))
        yield lag
        for name, seconds in (("worker", found.worker_seconds), ("sweeper", found.sweeper_seconds)):
            if seconds is not None:
                yield GaugeMetricFamily(f"cliniqai_{name}_silence_seconds", f"Since the {name}'s heartbeat", seconds)
        yield GaugeMetricFamily("cliniqai_dead_letters", "Messages given up", sum(found.dead.values()))
        yield GaugeMetricFamily(
            "cliniqai_unknown_deliveries", "Messages of which nobody knows whether they arrived",
            sum(found.unknown.values()),
        )  # fmt: skip
        yield GaugeMetricFamily(
            "cliniqai_open_incidents", "Incidents that are open", Incident.objects.filter(closed_at=None).count()
        )
        yield _deliveries()
        yield from _objectives()


def _objectives() -> Iterator[Metric]:
    """Of all clinics together; the figures of one are on the operators' page."""
    ratio = GaugeMetricFamily("cliniqai_slo_ratio", "The good part of 28 days", labels=["objective"])
    goal = GaugeMetricFamily("cliniqai_slo_goal", "What it must be", labels=["objective"])
    left = GaugeMetricFamily("cliniqai_slo_budget_left", "The part of the error budget left", labels=["objective"])
    for name, counted in service.of_everybody(service.of_days()).items():
        wanted = OBJECTIVES[name].goal
        goal.add_metric([name], wanted)
        left.add_metric([name], budget_left(counted, wanted))
        if counted.ratio is not None:
            ratio.add_metric([name], counted.ratio)
    burns = GaugeMetricFamily("cliniqai_slo_burn", "Times faster than it lasts", labels=["objective", "minutes"])
    for minutes in MINUTES:
        for name, counted in service.of_everybody(service.lately(minutes)).items():
            burns.add_metric([name, str(minutes)], burn(counted, OBJECTIVES[name].goal))
    yield from (ratio, goal, left, burns)


def _deliveries() -> Metric:
    family = GaugeMetricFamily(
        "cliniqai_deliveries_day", "Deliveries planned within a day", labels=["lane", "channel", "state"]
    )
    with connection.cursor() as cursor:
        cursor.execute(_STATES)
        for lane, channel, state, count in cursor.fetchall():
            family.add_metric([Lane(lane).name.lower(), channel, state], count)
    return family
