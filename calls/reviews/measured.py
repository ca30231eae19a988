"""The measured figures as the portal shows them: a table, two charts drawn as SVG, and the sentences beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext, ngettext

from calls.reviews.figures import NAMES, Figures, Rate, together
from calls.reviews.listing import Week
from calls.reviews.rows import said
from calls.reviews.selecting import SAMPLED

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 480, 190, 44, 12, 34


@dataclass(frozen=True, slots=True)
class Point:
    """One week of a chart: the place of its estimate and of the ends of its interval, in the SVG's own units."""

    x: float
    y: float
    low: float
    high: float
    label: str
    told: str
    known: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: its points, the lines of its scale as (place, words), and the sentence that says it."""

    name: str
    points: tuple[Point, ...]
    scale: tuple[tuple[float, str], ...]
    sentence: str
    empty: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One week of the table."""

    week: str
    figures: Figures
    recall: str
    false_alarms: str
    groups: tuple[str, ...]


def measured(weeks: Sequence[Week]) -> dict[str, object]:
    """Everything the figures' page shows, from the oldest week to the newest."""
    figures = [week.figures for week in weeks]
    known = [one for one in figures if one.calls and not one.not_reviewed]
    whole = together(known)
    return {
        "lines": [_line(week.week, one) for week, one in zip(weeks, figures, strict=True) if one.calls][::-1],
        "whole": _line("", whole) if known else None,
        "whole_weeks": len(known),
        "charts": (
            _chart(gettext("Emergencies caught"), weeks, [one.recall for one in figures], top=1.0),
            _chart(gettext("False alarms"), weeks, [one.false_alarm_rate for one in figures], top=0.0),
        ),
        "sentence": _sentence(whole, len(known)),
        "size": (WIDTH, HEIGHT),
    }


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def percent(share: float) -> str:
    """A share in words: one decimal below ten in a hundred, none above."""
    return f"{share:.1%}" if 0 < share < 0.1 else f"{share:.0%}"


def in_words(rate: Rate) -> str:
    """ "96 % (81 % to 99 %)", or why there is no figure."""
    if not rate.known:
        return rate.unknown
    return gettext("%(point)s (%(low)s to %(high)s)") % {
        "point": percent(rate.point),
        "low": percent(rate.low),
        "high": percent(rate.high),
    }


def _line(week: str, figures: Figures) -> Line:
    groups = [
        gettext("%(reviewed)s of %(calls)s %(names)s")
        % {"reviewed": group.reviewed, "calls": group.calls, "names": gettext(NAMES[group.name])}
        for group in figures.groups
        if group.calls and week
    ]
    return Line(
        _capital(said(week)) if week else "", figures, in_words(figures.recall), in_words(figures.false_alarm_rate),
        tuple(groups),
    )  # fmt: skip


def _sentence(whole: Figures, weeks: int) -> str:
    if not weeks:
        return gettext(
            "There is no figure yet: a week has one when every group of its calls has at least one review, "
            "the calls that nothing went wrong in included."
        )
    when = ngettext("In the one week", "Over the %(weeks)s weeks", weeks) % {"weeks": weeks}
    seen = gettext(
        "%(when)s with reviews in every group, %(reviewed)s of %(calls)s calls were reviewed: "
        "%(caught)s caught, %(missed)s missed, %(false)s."
    ) % {
        "when": when,
        "reviewed": whole.reviewed,
        "calls": whole.calls,
        "caught": ngettext("%(count)s emergency", "%(count)s emergencies", whole.caught) % {"count": whole.caught},
        "missed": whole.missed,
        "false": ngettext("%(count)s false alarm", "%(count)s false alarms", whole.false) % {"count": whole.false},
    }
    return f"{seen} {_recall_sentence(whole)} {_alarm_sentence(whole)} {_sample_sentence(whole)}".strip()


def _recall_sentence(whole: Figures) -> str:
    if not whole.recall.known:
        return gettext("Emergencies caught: %(unknown)s") % {"unknown": whole.recall.unknown}
    return gettext("Weighted to all calls, an estimated %(share)s of emergencies were caught.") % {
        "share": in_words(whole.recall)
    }


def _alarm_sentence(whole: Figures) -> str:
    if not whole.false_alarm_rate.known:
        return gettext("False alarms: %(unknown)s") % {"unknown": whole.false_alarm_rate.unknown}
    return gettext("A false alarm was raised on %(share)s of the calls without an emergency.") % {
        "share": in_words(whole.false_alarm_rate)
    }


def _sample_sentence(whole: Figures) -> str:
    """What the sample cannot say, where nothing was missed in it."""
    rest = [group for group in whole.groups if group.name == SAMPLED]
    left = sum(group.calls - group.reviewed for group in rest)
    if not left:
        return ""
    return ngettext(
        "%(left)s call that nothing went wrong in was not reviewed: the lower end counts the emergency that it could "
        "hide, so it rises when the call is reviewed.",
        "%(left)s calls that nothing went wrong in were not reviewed: the lower end counts the emergencies that they "
        "could hide, so it rises with every sampled call that is reviewed.",
        left,
    ) % {"left": left}


def _chart(name: str, weeks: Sequence[Week], rates: Sequence[Rate], *, top: float) -> Chart:
    known = [rate for rate in rates if rate.known]
    top = top or max([0.05, *(rate.high for rate in known)])
    step = (WIDTH - LEFT) / len(weeks)

    def place(share: float) -> float:
        return round(TOP + (1 - share / top) * (HEIGHT - TOP - BOTTOM), 1)

    points = tuple(
        Point(
            x=round(LEFT + step * (number + 0.5), 1),
            y=place(rate.point) if rate.known else place(0),
            low=place(rate.low) if rate.known else 0,
            high=place(rate.high) if rate.known else 0,
            label=week.week[5:],
            told=f"{_capital(said(week.week))}: {in_words(rate)}",
            known=rate.known,
        )
        for number, (week, rate) in enumerate(zip(weeks, rates, strict=True))
    )
    scale = tuple((place(top * part), percent(top * part)) for part in (0, 0.5, 1))
    return Chart(name, points, scale, _chart_sentence(name, known, len(weeks)), not known)


def _chart_sentence(name: str, known: Sequence[Rate], weeks: int) -> str:
    if not known:
        return gettext("%(name)s: no week of the last %(weeks)s has a figure yet.") % {"name": name, "weeks": weeks}
    low, high = min(rate.point for rate in known), max(rate.point for rate in known)
    between = (
        percent(low)
        if percent(low) == percent(high)
        else gettext("between %(low)s and %(high)s") % {"low": percent(low), "high": percent(high)}
    )
    those = gettext("the %(count)s of %(weeks)s weeks that have a figure") % {"count": len(known), "weeks": weeks}
    return gettext("%(name)s: %(between)s in %(those)s; the latest is %(latest)s.") % {
        "name": name,
        "between": between,
        "those": those,
        "latest": in_words(known[-1]),
    }
