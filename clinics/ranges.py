"""Bytes that may be asked for in part (RFC 9110, section 14): one range, an ETag, and HEAD."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified

_ONE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\Z", re.ASCII)


def in_part(request: HttpRequest, content: bytes, *, content_type: str, etag: str) -> HttpResponse:
    """All of it, the part that was asked for (206), nothing new (304), or a part that there is not (416).

    Several ranges at once, and what cannot be read, are answered with all of it, as the RFC allows.
    """
    if request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified(headers={"ETag": etag})
    headers = {"ETag": etag, "Accept-Ranges": "bytes"}
    asked = request.headers.get("Range", "") if request.headers.get("If-Range", etag) == etag else ""
    length = len(content)
    span = _span(asked, length)
    if span is None:
        return HttpResponse(content, content_type=content_type, headers={**headers, "Content-Length": str(length)})
    first, last = span
    if first > last:
        return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{length}"})
    part = content[first : last + 1]
    headers |= {"Content-Range": f"bytes {first}-{last}/{length}", "Content-Length": str(len(part))}
    return HttpResponse(part, status=206, content_type=content_type, headers=headers)


def _span(asked: str, length: int) -> tuple[int, int] | None:
    """First and last byte of the range, the first above the last when there are none; None: all of it."""
    found = _ONE.match(asked)
    if found is None or found.groups() == ("", ""):
        return None
    begin, end = found.groups()
    if not begin:
        return max(0, length - int(end)), length - 1 if int(end) else -1
    last = min(int(end), length - 1) if end else length - 1
    if end and int(end) < int(begin):
        return None
    return int(begin), last
