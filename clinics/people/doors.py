"""Every address is behind a permission, or it is named here with the reason why it is not. Checked at each start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.urls import URLPattern, URLResolver, get_resolver

_TWILIO = "Twilio calls it: its signature is the permission"
_SIGNED_IN = "whoever is signed in, whatever their role"
_WAY_IN = "a step of signing in: it proves who one is"
_OWN = f"one's own account and nobody else's: {_SIGNED_IN}"

OPEN: dict[str, str] = {
    "people:sign_in": "this is how a person gets in",
    "people:passkey": _WAY_IN,
    "people:code": _WAY_IN,
    "people:recovery": _WAY_IN,
    "people:set_up": _WAY_IN,
    "people:forgot": "says the same to everybody, and sends its letter to the address it knows",
    "people:follow_link": "the link of a letter is the permission",
    "people:choose_password": "the link of a letter is the permission",
    "people:session": "how long one's own session lasts",
    "people:profile": _OWN,
    "people:rename": _OWN,
    "people:set_keys": _OWN,
    "people:set_spanish": _OWN,
    "people:set_language": _OWN,
    "people:change_password": _OWN,
    "people:change_address": _OWN,
    "people:confirm_address": f"the link of a letter is the permission, and {_OWN}",
    "people:add_app": _OWN,
    "people:add_passkey": _OWN,
    "people:remove_factor": _OWN,
    "people:renew_codes": _OWN,
    "people:end_session": _OWN,
    "people:end_others": _OWN,
    "people:revoke_token": _OWN,
    "people:sign_out": "ends only the session that asks",
    "people:dashboard": f"leads each role to its own page: {_SIGNED_IN}",
    "people:styleguide": f"shows parts, no data: {_SIGNED_IN}",
    "api_schema": f"describes the API, no data: {_SIGNED_IN}",
    "api_docs": f"describes the API, no data: {_SIGNED_IN}",
    "calls:incoming": _TWILIO,
    "calls:hear": _TWILIO,
    "calls:status": _TWILIO,
    "calls:fallback": _TWILIO,
    "calls:overhear": _TWILIO,
    "calls:recording": _TWILIO,
    "calls:voicemail_transcript": _TWILIO,
    "handover:wait": _TWILIO,
    "relay:after": _TWILIO,
    "handover:events": _TWILIO,
    "handover:after": _TWILIO,
    "handover:brief": _TWILIO,
    "handover:key": _TWILIO,
    "handover:leg_status": _TWILIO,
    "calls:clip": "the sound of a sentence: its signed address, which ends, is the permission",
    "notifications:sms": _TWILIO,
    "notifications:sms_status": _TWILIO,
    "notifications:voice_answered": _TWILIO,
    "notifications:voice_key": _TWILIO,
    "notifications:voice_status": _TWILIO,
    "landing": "the platform's front page: no clinic, no data",
    "metrics": "monitoring: this machine, or who holds METRICS_TOKEN",
}
"""Names of addresses and why they need no permission of `clinics/people/roles.py`."""

OPEN_FAMILIES: dict[str, str] = {
    "admin:": "Django's admin on the public host asks for an operator itself",
}
"""The same for whole families, by the beginning of their names."""


def permission_of(view: Any) -> Any:
    """What a view asks for: a Permission, a dict of them by method, or None."""
    return getattr(view, "permission", None) or getattr(getattr(view, "view_class", None), "permission", None)


def why_open(name: str) -> str:
    """Why an address needs no permission; "" when it does."""
    family = (reason for beginning, reason in OPEN_FAMILIES.items() if name.startswith(beginning))
    return OPEN.get(name) or next(family, "")


def addresses(urlconf: str) -> Iterator[tuple[str, Any]]:
    """Name and view of every address of a URL configuration."""
    return _walk(get_resolver(urlconf), ())


def _walk(resolver: URLResolver, spaces: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    for pattern in resolver.url_patterns:
        space = (*spaces, pattern.namespace) if getattr(pattern, "namespace", None) else spaces
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern, space)
        elif isinstance(pattern, URLPattern):
            yield ":".join([*space, pattern.name or f"unnamed {pattern.pattern}"]), pattern.callback


@register(Tags.security)
def every_address_is_guarded(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """No address is open by having been forgotten."""
    hint = "Put @require(Permission...) on the view, or name it in clinics/people/doors.py with the reason."
    return [
        Error(f"{name} asks for no permission.", hint=hint, id="people.E001")
        for urlconf in (settings.ROOT_URLCONF, settings.PUBLIC_SCHEMA_URLCONF)
        for name, view in addresses(urlconf)
        if permission_of(view) is None and not why_open(name)
    ]
