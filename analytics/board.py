"""The numbers of a clinic as its page shows them: what a manager asks for first, and the charts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from analytics import messages, of_calls, of_machine, of_messages, of_work, queries, spans
from analytics.chart import Chart, Pages
from analytics.figures import Share, length
from analytics.rolling import numbers
from analytics.spans import Span
from clinics.models import Clinic


@dataclass(frozen=True, slots=True)
class Tile:
    """One number with what it means."""

    label: str
    value: str
    note: str = ""
    tone: str = ""
    href: str = ""


CHARTS: dict[str, Callable[[Pages], Chart]] = {
    **of_calls.CHARTS,
    **of_work.CHARTS,
    **of_machine.CHARTS,
    **of_messages.CHARTS,
}


def pages(span: Span, now: datetime, *, by_day: bool = True) -> Pages:
    """What everything on a page is made of; without `by_day`, but for the charts of days."""
    return Pages(numbers(span, now, by_day=by_day), numbers(spans.before(span), now, by_day=False), now)


def chart(slug: str, made_of: Pages) -> Chart:
    """One chart by its name; raise KeyError for a name that is none."""
    return CHARTS[slug](made_of)


def titles() -> dict[str, str]:
    """What each chart with bars that lead to calls is called."""
    return {
        "hourly": gettext("Calls per hour"),
        "week": gettext("Calls by weekday and hour"),
        "intents": gettext("What callers wanted"),
        "languages": gettext("Languages"),
        "outcomes": gettext("How calls ended"),
        "levels": gettext("How much of the telephone worked"),
        "resolution": gettext("Settled by the telephone"),
        "reprompts": gettext("How often the telephone had to ask again"),
        "unread": gettext("What could not be read"),
        "completion": gettext("Work done in time, by kind"),
        "promises": gettext("What callers were promised"),
        "escalations": gettext("Escalations by reason"),
        "handovers": gettext("Calls handed to a person"),
        "stages": gettext("What an answer waits for (95th percentile, milliseconds)"),
        "errors": gettext("Errors of providers, by stage"),
    }


def tiles(made_of: Pages) -> list[Tile]:
    """The numbers that a manager asks for first, the later ones beside those of the span before."""
    return [*_now(made_of.now), *_of_calls(made_of), *_of_work(made_of)]


def _now(now: datetime) -> list[Tile]:
    desk = queries.waiting(now)
    oldest = length((now - desk.oldest).total_seconds()) if desk.oldest else gettext("none")
    return [
        Tile(
            gettext("Emergencies open"), str(desk.emergencies), tone="bad" if desk.emergencies else "",
            href="/escalations/",
        ),
        Tile(gettext("Calls now"), str(desk.calls), href="/calls/"),
        Tile(gettext("Waiting"), str(desk.waiting), gettext("oldest %(oldest)s") % {"oldest": oldest}, href="/tasks/"),
        Tile(gettext("Late"), str(desk.late), tone="bad" if desk.late else "", href="/tasks/"),
    ]  # fmt: skip


def _of_calls(made_of: Pages) -> list[Tile]:
    now, before = queries.calls(made_of.counted), queries.calls(made_of.before)
    settled, was = queries.settled(made_of.counted), queries.settled(made_of.before)
    return [
        Tile(
            gettext("Calls"),
            str(now.count),
            _before(str(before.count)),
            href=f"/analytics/calls/?days={made_of.span.days}",
        ),
        Tile(gettext("Half of all calls under"), length(now.median), _before(length(before.median))),
        _share(gettext("Callers who left"), now.abandoned, before.abandoned),
        _share(gettext("Contained"), settled.contained, was.contained),
        _share(gettext("Verified as settled"), settled.verified, was.verified),
    ]


def _of_work(made_of: Pages) -> list[Tile]:
    found: list[tuple[str, Callable[..., Share], str]] = [
        (gettext("Done in time"), lambda one: queries.service_level(queries.completion(one)), "/tasks/?late=1"),
        (gettext("Promises kept"), lambda one: queries.service_level(queries.promises(one)), "/tasks/promises/"),
        (gettext("Handovers that held"), lambda one: queries.handovers(one).held, ""),
    ]
    return [_share(label, figure(made_of.counted), figure(made_of.before), href) for label, figure, href in found]


def _share(label: str, now: Share, before: Share, href: str = "") -> Tile:
    if not now.whole:
        return Tile(label, now.percent, _before(before.percent), href=href)
    note = gettext("%(part)s of %(whole)s, before: %(before)s") % {
        "part": now.part, "whole": now.whole, "before": before.percent,
    }  # fmt: skip
    return Tile(label, now.percent, note, href=href)


def _before(words: str) -> str:
    return gettext("before: %(words)s") % {"words": words}


def channels(clinic: Clinic, made_of: Pages) -> list[tuple[messages.Channel, int]]:
    """How each channel did, with how many of its messages wait as dead letters for somebody now."""
    dead = messages.dead_now(clinic)
    return [(one, dead.get(one.name, 0)) for one in messages.by_channel(made_of.counted)]
