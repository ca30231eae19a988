"""Charts of the machine: how long callers waited, on what, what failed, how much of it worked, and what is to come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.utils.translation import gettext, ngettext

from analytics import charts, machine, queries
from analytics.chart import Chart, Pages, Table, behind, counts, milliseconds, short, whole
from analytics.figures import length
from analytics.forecast import back_test, forecast
from analytics.history import history
from calls.dialogue.levels import Level


def answers(pages: Pages) -> Chart:
    days = machine.answer_times(pages.counted)
    known = [p95 for _, _, p95 in days if p95 is not None]
    worst = (
        gettext("the slowest day's 95th percentile was %(ms)s ms") % {"ms": round(max(known))}
        if known
        else gettext("no answers yet")
    )
    return Chart(
        "answers",
        gettext("How long the telephone thinks (milliseconds)"),
        gettext(
            "Per answer, median and 95th percentile; %(worst)s. 95 of 100 within %(p95)s, in the days before within "
            "%(before)s. What callers waited for the first sound: half under %(heard)s, 95 of 100 under %(late)s, "
            "partly estimated."
        )
        % {
            "worst": worst,
            "p95": milliseconds(machine.thought(pages.counted)),
            "before": milliseconds(machine.thought(pages.before)),
            **dict(zip(("heard", "late"), map(milliseconds, machine.heard(pages.counted)), strict=True)),
        },
        "charts/lines.html",
        charts.lines(
            pages.days,
            [
                (gettext("Median"), [p50 for _, p50, _ in days]),
                (gettext("95th percentile"), [p95 for _, _, p95 in days]),
            ],
        ),
        Table(
            (gettext("Day"), gettext("Median ms"), gettext("95th percentile ms")),
            tuple((d.isoformat(), whole(a), whole(b)) for d, a, b in days),
            tuple(behind("day", d.isoformat(), pages.span) if a is not None else "" for d, a, _ in days),
        ),
    )


def stages(pages: Pages) -> Chart:
    found = machine.stages(pages.counted)
    slowest = max(found, key=lambda one: one.p95 or 0, default=None)
    sentence = (
        gettext("Slowest: %(stage)s, 95 of 100 within %(ms)s.")
        % {"stage": slowest.label, "ms": milliseconds(slowest.p95)}
        if slowest
        else gettext("No answers yet.")
    )
    before = {one.name: one for one in machine.stages(pages.before)}
    hrefs = tuple(
        behind("stages", f"{one.name} {round(one.p95)}", pages.span) if one.p95 is not None else "" for one in found
    )
    return Chart(
        "stages",
        gettext("What an answer waits for (95th percentile, milliseconds)"),
        sentence,
        "charts/bars.html",
        charts.bars([(one.label, round(one.p95 or 0)) for one in found], hrefs=hrefs),
        Table(
            (
                gettext("Stage"),
                gettext("95th percentile ms"),
                gettext("Median ms"),
                gettext("Answers"),
                gettext("Asked of providers"),
                gettext("Provider's median ms"),
                gettext("Provider's 95th percentile ms"),
                gettext("Failed"),
                gettext("95th percentile before"),
            ),
            tuple(
                (
                    one.label,
                    whole(one.p95),
                    whole(one.p50),
                    one.answers,
                    one.asked,
                    whole(one.provider_p50),
                    whole(one.provider_p95),
                    one.failed,
                    whole(before[one.name].p95) if one.name in before else "",
                )
                for one in found
            ),
            hrefs,
        ),
    )


def errors(pages: Pages) -> Chart:
    found = machine.troubles(pages.counted)
    before = {(stage, code): number for stage, code, number in machine.troubles(pages.before)}
    asked = sum(pages.counted.of("asked").values())
    failed = sum(number for *_, number in found)
    labels = {stage: str(label) for stage, label in machine.STAGES.items()}
    return counts(
        "errors",
        gettext("Errors of providers, by stage"),
        ngettext(
            "%(failed)s of %(asked)s request to providers failed.",
            "%(failed)s of %(asked)s requests to providers failed.",
            asked,
        )
        % {"failed": failed, "asked": asked},
        heads=(gettext("Stage and error"), gettext("Requests")),
        rows=[
            (f"{stage} {code}", f"{labels.get(stage, stage)}: {code}", number, before.get((stage, code), 0))
            for stage, code, number in found
        ],
        span=pages.span,
    )


def levels(pages: Pages) -> Chart:
    now, before, lost = pages.counted.of("level"), pages.before.of("level"), queries.degraded(pages.counted)
    return counts(
        "levels",
        gettext("How much of the telephone worked"),
        ngettext(
            "%(calls)s call got less than the clinic wants, over %(time)s.",
            "%(calls)s calls got less than the clinic wants, over %(time)s in all.",
            lost.calls,
        )
        % {"calls": lost.calls, "time": length(lost.seconds)},
        heads=(gettext("Level"), gettext("Calls")),
        rows=[(one, one.label, now.get(one, 0), before.get(one, 0)) for one in Level if one in now or one in before],
        span=pages.span,
    )


def coming(pages: Pages) -> Chart:
    """What tomorrow will bring, and how far off the same method was on days that are past."""
    today = pages.now.astimezone(pages.span.zone).date()
    known = history(pages.now)
    day, tested = today + timedelta(days=1), back_test(known, until=today)
    made = forecast(known, day)
    title = gettext("Calls expected on %(day)s, per half hour") % {"day": short(day)}
    if made is None or tested is None:
        sentence = gettext("Nothing is forecast before three weeks of calls are known.")
        return Chart("forecast", title, sentence, "charts/bars.html", charts.bars([]), Table((), ()))
    labels = [f"{number // 2:02d}:{30 * (number % 2):02d}" for number in range(48)]
    return Chart(
        "forecast",
        title,
        gettext(
            "%(calls)s calls are expected: the mean of the last %(weeks)s such weekdays. Tried on the last %(days)s "
            "days it was off by %(off)s calls a half hour, %(share)s %% of all calls; expecting the same as a week "
            "before, by %(naive)s."
        )
        % {
            "calls": round(sum(made.expected)),
            "weeks": len(made.made_of),
            "days": tested.days,
            "off": f"{tested.off_by:.2f}",
            "share": round(100 * (tested.share_off or 0)),
            "naive": f"{tested.as_last_week:.2f}",
        },
        "charts/bars.html",
        charts.bars([(label, round(one, 1)) for label, one in zip(labels, made.expected, strict=True)], every=6),
        Table(
            (gettext("Half hour"), gettext("Expected"), gettext("Least seen"), gettext("Most seen")),
            tuple(
                (label, round(one, 1), low, high)
                for label, one, low, high in zip(labels, made.expected, made.low, made.high, strict=True)
            ),
        ),
    )


CHARTS: dict[str, Callable[[Pages], Chart]] = {
    "answers": answers,
    "stages": stages,
    "errors": errors,
    "levels": levels,
    "forecast": coming,
}
