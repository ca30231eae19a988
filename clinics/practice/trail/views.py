"""The audit trail for clinic admins and auditors: the page, and the same rows as a download."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import tzinfo
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinics import audit
from clinics.people.access import may, require
from clinics.people.models import User
from clinics.people.recent import recently_signed_in
from clinics.people.roles import Permission
from clinics.practice.trail import listing

MOST = 50_000
"""Rows of one download; a longer trail is taken by dates."""

COLUMNS = ("number", "at", "who", "what", "about", "about id", "why", "where", "refused")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@require_safe
@require(Permission.SEE_AUDIT)
def trail(request: HttpRequest) -> HttpResponse:
    """Who read, changed or was refused what, the newest first."""
    wanted, zone = listing.Wanted.of(request.GET.dict()), _zone(request)
    found = listing.page(wanted, zone)
    audit.record_read(by=request.user, what="auditlog.logentry list", about=None, request=request)
    context = {
        "wanted": wanted,
        "rows": found.rows,
        "older_url": wanted.url(before=found.older) if found.older else "",
        "export_url": wanted.url(),
        "people": User.objects.order_by("name").only("id", "name", "email"),
        "kinds": [(name, label) for name, (label, _) in listing.KINDS.items()],
        "may_export": may(request.user, Permission.EXPORT_AUDIT),
        "most": MOST,
    }
    return render(request, "audit/trail.html", context)


@require(Permission.EXPORT_AUDIT)
@recently_signed_in
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The rows of these filters as CSV; that somebody took them is a row of its own."""
    wanted, zone = listing.Wanted.of(request.GET.dict()), _zone(request)
    found = wanted.entries(zone)[:MOST]
    audit.record_read(by=request.user, what="auditlog.logentry export", about=None, request=request)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="audit-trail.csv"'
    writer = csv.writer(response)
    writer.writerow(COLUMNS)
    writer.writerows(_lines(found.iterator(chunk_size=2000), zone))
    return response


def _lines(entries: Iterator, zone: tzinfo) -> Iterator[list[str]]:
    people = listing.names()
    for row in (listing.row_of(one, people) for one in entries):
        at = row.at.astimezone(zone).isoformat(timespec="seconds")
        told = (row.number, at, row.who, row.what, row.about, row.about_id, row.why, row.where, row.denied or "")
        yield [_harmless(str(cell)) for cell in told]


def _harmless(cell: str) -> str:
    """What a spreadsheet would take for a formula is text: `=cmd|...` in somebody's name runs on no machine."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _zone(request: HttpRequest) -> tzinfo:
    return ZoneInfo(request.clinic.timezone)
