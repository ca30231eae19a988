"""Who may listen to a clinic's stream: a person who is signed in there and active. Asked again every minute."""

from __future__ import annotations

from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from types import SimpleNamespace
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user
from django.db import connection, connections

from clinics.people.access import may
from clinics.people.roles import Permission
from clinics.tenancy import clinic_by_host, inside, why_stopped


@dataclass(frozen=True)
class Visitor:
    """What a request says of itself, before any of it is believed."""

    host: str
    session_key: str
    origin: str
    site: str


@dataclass(frozen=True)
class Admission:
    """200 with a schema, or why not."""

    status: int
    schema: str = ""


def visitor(headers: list[tuple[bytes, bytes]]) -> Visitor:
    """Read an ASGI request's headers."""
    said = {name.lower(): value.decode("latin-1") for name, value in headers}
    host = said.get(b"host", "").lower()
    name, colon, port = host.rpartition(":")
    try:
        cookie = SimpleCookie(said.get(b"cookie", "")).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        cookie = None
    return Visitor(
        host=(name if colon and port.isdigit() else host).removesuffix("."),
        session_key=cookie.value if cookie else "",
        origin=said.get(b"origin", ""),
        site=said.get(b"sec-fetch-site", ""),
    )


def admit(who: Visitor) -> Admission:
    """Look up host, session and person. Runs in a plain thread and always gives the database connection back."""
    if who.site == "cross-site" or (who.origin and urlsplit(who.origin).hostname != who.host):
        return Admission(403)
    connection.set_schema_to_public()
    try:
        clinic = clinic_by_host(who.host) if who.host else None
        if clinic is None:
            return Admission(404)
        if why_stopped(clinic):
            return Admission(503)
        with inside(clinic):
            return Admission(200, clinic.schema_name) if _signed_in(who.session_key) else Admission(401)
    finally:
        connections.close_all()


def _signed_in(session_key: str) -> bool:
    if not session_key:
        return False
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = get_user(SimpleNamespace(session=session))
    return user.is_active and may(user, Permission.SEE_NOTIFICATIONS)
