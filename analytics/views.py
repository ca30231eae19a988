"""The page of a clinic's numbers, the calls behind each bar, and both as files."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from hashlib import sha256
from io import StringIO

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from analytics import board, listing, rows, spans
from analytics.behind import BEHIND, Asked, calls
from analytics.spans import Span
from clinics import audit
from clinics.people.access import require
from clinics.people.roles import Permission
from clinics.tenancy import current_clinic, inside
from tasks.rows import zone_of_clinic

FORMULA = ("=", "+", "-", "@", "\t", "\r")


@require_safe
@require(Permission.SEE_ANALYTICS)
def numbers(request: HttpRequest) -> HttpResponse:
    """What a manager asks for first, and the charts of some days."""
    span, now = _asked_span(request)
    pages = board.pages(span, now)
    context = {
        "span": span,
        "choices": spans.choices(),
        "tiles": board.tiles(pages),
        "charts": [board.chart(slug, pages) for slug in board.CHARTS],
        "channels": board.channels(request.clinic, pages),
    }
    context["seen"] = seen = _digest(context["tiles"], context["charts"], context["channels"])
    if not request.htmx or request.htmx.history_restore_request:
        return render(request, "analytics/numbers.html", context)
    if request.GET.get("seen") == seen:
        return HttpResponse(status=204)
    return render(request, "analytics/numbers.html#live", context | {"live": True})


def _digest(*shown: object) -> str:
    """What a page shows, in short: it asks every few seconds whether that is still so."""
    return sha256(repr(shown).encode()).hexdigest()[:16]


@require_safe
@require(Permission.SEE_ANALYTICS)
def download(request: HttpRequest, slug: str) -> HttpResponse:
    """The rows of one chart as CSV."""
    span, now = _asked_span(request)
    if slug not in board.CHARTS:
        raise Http404
    table = board.chart(slug, board.pages(span, now)).saved
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(table.heads)
    writer.writerows([_harmless(value) for value in row] for row in table.rows)
    return _file(HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8"), slug, span)


@require_safe
@require(Permission.SEE_ANALYTICS)
def call_rows(request: HttpRequest) -> HttpResponse:
    """The calls behind one bar, fifty a page by key; all calls of the span when no bar is named."""
    span, now = _asked_span(request)
    asked = _asked_bar(request, span, now)
    try:
        found = listing.page(asked, request.user, request.GET.get("before", ""))
    except (ValueError, KeyError) as no_such_bar:
        raise Http404(gettext("There is no such bar.")) from no_such_bar
    title = board.titles().get(asked.of, "")
    context = {"span": span, "title": title, "found": found}
    audit.record_read(by=request.user, what="analytics.call rows", about=None, request=request)
    return render(request, "analytics/calls.html", context)


@require_safe
@require(Permission.SEE_ANALYTICS)
def download_calls(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """One row per call of the span as CSV."""
    span, now = _asked_span(request)
    found = rows.in_batches(calls(Asked("all", "", span, now)), person=request.user, now=now, zone=span.zone)
    lines = _lines([rows.COLUMNS], (one.values().values() for one in _inside_clinic(found)))
    audit.record_read(by=request.user, what="analytics.call rows", about=None, request=request)
    return _file(StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8"), "calls", span)


def _inside_clinic(found: Iterator[rows.Row]) -> Iterator[rows.Row]:
    """A streamed answer is made after the request has left the clinic: it goes back in."""
    clinic = current_clinic()

    def again() -> Iterator[rows.Row]:
        with inside(clinic):
            yield from found

    return again()


def _lines(*parts: Iterable[Iterable[object]]) -> Iterator[str]:
    for part in parts:
        for row in part:
            text = StringIO()
            csv.writer(text).writerow([_harmless(value) for value in row])
            yield text.getvalue()


def _asked_span(request: HttpRequest) -> tuple[Span, datetime]:
    now = timezone.now()
    return spans.span(request.GET.get("days", ""), now=now, zone=zone_of_clinic()), now


def _asked_bar(request: HttpRequest, span: Span, now: datetime) -> Asked:
    of = request.GET.get("of", "all")
    return Asked(of if of in BEHIND else "all", request.GET.get("is", "")[:100], span, now)


def _file(
    response: HttpResponse | StreamingHttpResponse, name: str, span: Span
) -> HttpResponse | StreamingHttpResponse:
    named = f"{name}-{span.first.isoformat()}-{span.days}-days.csv"
    response["Content-Disposition"] = f'attachment; filename="{named}"'
    return response


def _harmless(value: object) -> object:
    """A text that a spreadsheet would run as a formula, made plain."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
