"""The clinic's telephone account, and the one gate through which Twilio's requests come in.

Nothing of a request is believed before its signature fits, and the signature is computed over the address that the
settings and the clinic's primary host say, never over headers. The same parameters can be cut into names and values
in more than one way under one signature, so every known field must have its exact shape (`webhook_fields`).
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django_tenants.utils import get_public_schema_name
from twilio.request_validator import RequestValidator

from clinics import webhook_fields
from clinics.models import Clinic, Domain, PhoneLine
from clinics.remembered import Remembered
from clinics.sealed import seal_text, unseal_text
from clinics.webhook_fields import Kind, Malformed

logger = logging.getLogger(__name__)

FORM = "application/x-www-form-urlencoded"
MOST_BYTES = 64 * 1024

CLOSED_LINE = (
    '<?xml version="1.0" encoding="UTF-8"?><Response><Say language="en-US">This line cannot take your call right now. '
    "If this is an emergency, hang up and dial 9 1 1.</Say>"
    '<Say language="es-US">Esta línea no puede atender su llamada en este momento. '
    "Si es una emergencia, cuelgue y marque 9 1 1.</Say><Hangup/></Response>"
)


# --- The account ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Account:
    """A Twilio account: its SID, and the primary auth token with which it signs."""

    sid: str
    token: str


def account_for(clinic: Clinic) -> Account:
    """The clinic's own account, else the platform's."""
    if not clinic.twilio_account_sid:
        return Account(settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN)
    return Account(clinic.twilio_account_sid, unseal_text(clinic.twilio_token_sealed, about=_token_of(clinic)))


def seal_token(clinic: Clinic, token: str) -> None:
    """Put a clinic's own auth token on its row, encrypted and bound to that clinic. The caller saves."""
    clinic.twilio_token_sealed = seal_text(token, about=_token_of(clinic)) if token else ""


def _token_of(clinic: Clinic) -> str:
    return f"twilio-token:{clinic.public_id}"


# --- Where the clinic is reached -----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Reach:
    """The host that Twilio is given, the numbers that patients may dial, and the zones of those on another clock."""

    host: str
    lines: frozenset[str]
    zones: Mapping[str, str] = field(default_factory=dict)


_reach: Remembered[int, Reach] = Remembered(seconds=5.0, limit=4096)


def reach_of(clinic: Clinic) -> Reach:
    return _reach.get(clinic.pk, lambda: _fetch_reach(clinic))


def _fetch_reach(clinic: Clinic) -> Reach:
    if clinic.schema_name == get_public_schema_name():  # the platform's own row is reached at the platform's host
        return Reach(settings.BASE_DOMAIN, frozenset())
    hosts = Domain.objects.filter(tenant=clinic).order_by("-is_primary", "id")
    lines = dict(PhoneLine.objects.filter(clinic=clinic, active=True).values_list("number", "timezone"))
    zones = {number: zone for number, zone in lines.items() if zone}
    return Reach(hosts.values_list("domain", flat=True).first() or "", frozenset(lines), zones)


def zone_of(clinic: Clinic, number: str) -> str:
    """The time zone of the site at which a number rings; "" for the clinic's own."""
    return reach_of(clinic).zones.get(number, "")


def public_url(clinic: Clinic, path: str) -> str:
    """The absolute address of a path of this clinic, as Twilio is given it and as it signs."""
    port = f":{settings.PUBLIC_PORT}" if settings.PUBLIC_PORT else ""
    return f"{settings.PUBLIC_SCHEME}://{reach_of(clinic).host}{port}{path}"


# --- The signature ---------------------------------------------------------------------------------------------------
def signature(url: str, params: Mapping[str, str], *, token: str) -> str:
    """The X-Twilio-Signature of a form POST: base64 of HMAC-SHA1 over the URL and the sorted parameters."""
    return RequestValidator(token).compute_signature(url, dict(params))


def is_signed(request: HttpRequest, params: Mapping[str, str], *, url: str, token: str) -> bool:
    """Whether the header fits. Bytes are compared: `compare_digest` raises for a str that is not ASCII."""
    given = request.META.get("HTTP_X_TWILIO_SIGNATURE", "")
    wanted = signature(url, params, token=token)
    return bool(token) and hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace"))


# --- The gate --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Refused(Exception):
    status: int
    why: str


def from_twilio(view: Callable[..., HttpResponse] | None = None, *, kind: Kind = Kind.CALL) -> Any:
    """Let a view run for a request that Twilio signed for this clinic; its parameters are in `request.twilio`.

    405 for other methods, 415 for other content types, 413 when too long, 400 for doubled or unreadable parameters,
    403 for a wrong signature, a foreign account or fields out of shape, 404 for a number that is not this clinic's.
    """
    if view is None:
        return lambda inner: from_twilio(inner, kind=kind)

    @wraps(view)
    def gate(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            request.twilio = _admit(request, kind)
        except Refused as refused:
            return _refusal(request, refused)
        if request.stopped:
            return _closed(kind)
        return view(request, *args, **kwargs)

    gate.csrf_exempt = True
    gate.is_twilio_gate = True
    gate.speaks_when_stopped = True
    return gate


class TwilioRoad:
    """Brings a webhook's POST straight to its gate, past all that is there for people in a browser.

    A webhook has no session, no cookie, no form token and no page around it: what it does not pass, it cannot attack
    and a caller does not wait for. Whatever is no webhook goes on as usual, and so does its every other method.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method != "POST" or request.clinic is None:
            return self.get_response(request)
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return self.get_response(request)
        if not getattr(match.func, "is_twilio_gate", False):
            return self.get_response(request)
        request.resolver_match = match
        try:
            response = match.func(request, *match.args, **match.kwargs)
        except Http404:
            response = HttpResponse(status=404, content_type="text/plain")
        response.headers.setdefault("Content-Length", str(len(response.content)))
        response.headers.setdefault("Cache-Control", "no-store, private")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        return response


def _admit(request: HttpRequest, kind: Kind) -> dict[str, str]:
    clinic = request.clinic
    if clinic is None:
        raise Refused(404, "no clinic")
    if request.method != "POST":
        raise Refused(405, "method")
    params = _read(request)
    account = account_for(clinic)
    address = request.path + (f"?{query}" if (query := request.META.get("QUERY_STRING", "")) else "")
    if not is_signed(request, params, url=public_url(clinic, address), token=account.token):
        raise Refused(403, "signature")
    if not hmac.compare_digest(params.get("AccountSid", "").encode(), account.sid.encode()):
        raise Refused(403, "account")
    try:
        webhook_fields.check(params, kind)
    except Malformed as malformed:
        raise Refused(403, f"field {malformed}") from malformed
    _check_line(params, kind, reach_of(clinic).lines)
    return params


def _read(request: HttpRequest) -> dict[str, str]:
    """The form's parameters, each once. The body is read here: Django's own parser believes the sender's charset."""
    if request.content_type != FORM:
        raise Refused(415, "content type")
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length[:12]) > MOST_BYTES:
        raise Refused(413, "length")
    try:
        return webhook_fields.read_form(request.body, query=request.META.get("QUERY_STRING", ""))
    except Malformed as malformed:
        raise Refused(400, str(malformed)) from malformed


def _check_line(params: Mapping[str, str], kind: Kind, lines: frozenset[str]) -> None:
    """The clinic's own end of the line: dialled on calls that come in, calling on those that go out."""
    ours = webhook_fields.own_end(params, kind)
    if ours is not None and ours not in lines:
        raise Refused(404, "line")


def _refusal(request: HttpRequest, refused: Refused) -> HttpResponse:
    logger.warning("webhook refused: %d %s at %s", refused.status, refused.why, request.resolver_match.view_name)
    response = HttpResponse(status=refused.status, content_type="text/plain")
    if refused.status == 405:
        response["Allow"] = "POST"
    return response


def _closed(kind: Kind) -> HttpResponse:
    """A suspended clinic, or one that is being updated: nothing is written, and a caller is still told of 911."""
    if kind in (Kind.CALL, Kind.HOLD):
        return HttpResponse(CLOSED_LINE, content_type="text/xml")
    if kind is Kind.MESSAGE:
        return HttpResponse("<Response/>", content_type="text/xml")
    return HttpResponse(status=204)
