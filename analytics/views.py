"""The page of a clinic's numbers, and each chart's rows as a file."""

from __future__ import annotations

import csv
from io import StringIO

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from analytics import board, spans
from clinics.people.access import require
from clinics.people.roles import Permission
from tasks.rows import zone_of_clinic

FORMULA = ("=", "+", "-", "@", "\t", "\r")


@require_safe
@require(Permission.SEE_ANALYTICS)
def numbers(request: HttpRequest) -> HttpResponse:
    """What a manager asks for first, and the charts of some days."""
    now = timezone.now()
    span = spans.span(request.GET.get("days", ""), now=now, zone=zone_of_clinic())
    context = {
        "span": span,
        "choices": spans.choices(),
        "tiles": board.tiles(now, span),
        "charts": [board.chart(slug, span, now) for slug in board.CHARTS],
        "providers": board.providers(request.clinic, span),
    }
    fragment = request.htmx and not request.htmx.history_restore_request
    return render(request, "analytics/numbers.html#board" if fragment else "analytics/numbers.html", context)


@require_safe
@require(Permission.SEE_ANALYTICS)
def download(request: HttpRequest, slug: str) -> HttpResponse:
    """The rows of one chart as CSV."""
    now = timezone.now()
    span = spans.span(request.GET.get("days", ""), now=now, zone=zone_of_clinic())
    if slug not in board.CHARTS:
        raise Http404
    table = board.chart(slug, span, now).table
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(table.heads)
    writer.writerows([_harmless(value) for value in row] for row in table.rows)
    name = f"{slug}-{span.first.isoformat()}-{span.days}-days.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def _harmless(value: object) -> object:
    """A text that a spreadsheet would run as a formula, made plain."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
