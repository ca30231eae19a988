"""The steps of signing in: a password or a passkey, then a second step, then a session.

Between the steps nobody is signed in: the session only remembers who is on the way, so there is no half of a person
that a page, the API, a file or the event stream could take for a whole one.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from allauth.mfa.internal.flows.trust import create_config_fingerprint
from django.conf import settings
from django.contrib.auth import login, logout
from django.core import signing
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.crypto import constant_time_compare

from clinics.people import actions, factors
from clinics.people.devices import device_of
from clinics.people.models import Session, SignInRules, User
from clinics.people.sessions import BEGAN, PROVED, SECOND
from clinics.people.tries import address_of

ON_THE_WAY = "_on_the_way"
LIVES = 10 * 60
TRUST_HOURS = 12


@dataclass(frozen=True)
class OnTheWay:
    """Somebody who has done the first step."""

    user: User
    next: str
    secret: str  # of an authenticator app that is being set up; "" otherwise


def after_password(request: HttpRequest, user: User, path: str) -> HttpResponseBase:
    """The password was right: on to the second step where there is one, else in."""
    if factors.has_second_step(user):
        if is_trusted(request, user):
            return finish(request, user, path, second="trusted")
        begin(request, user, path)
        return redirect("people:code")
    if settings.REQUIRE_MFA:
        begin(request, user, path)
        return redirect("people:set_up")
    return finish(request, user, path, second="")


def begin(request: HttpRequest, user: User, path: str) -> None:
    """Remember who is on the way. Whoever was signed in here before no longer is."""
    if request.user.is_authenticated:
        logout(request)
    request.session.cycle_key()
    request.session[ON_THE_WAY] = {
        "user": str(user.pk),
        "next": path,
        "at": int(time.time()),
        "hash": user.get_session_auth_hash(),
        "secret": factors.new_secret(),
    }


def on_the_way(request: HttpRequest) -> OnTheWay | None:
    """Who is between the steps; None when nobody is, or it took too long, or they left or changed their password."""
    kept: dict[str, Any] = request.session.get(ON_THE_WAY) or {}
    if not kept or time.time() - kept["at"] > LIVES:
        return None
    user = User.objects.active().filter(pk=kept["user"]).first()
    if user is None or not constant_time_compare(kept["hash"], user.get_session_auth_hash()):
        return None
    return OnTheWay(user, kept["next"], kept["secret"])


def forget(request: HttpRequest) -> None:
    request.session.pop(ON_THE_WAY, None)


def finish(request: HttpRequest, user: User, path: str, *, second: str) -> HttpResponseBase:
    """A session of their own, with a new key, and to the page they wanted."""
    forget(request)
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session.pop(BEGAN, None)  # the twelve hours start now, not with an earlier visit
    request.session[SECOND] = second
    request.session[PROVED] = int(time.time())
    request.session.save()
    Session.objects.filter(pk=request.session.session_key).update(
        address=address_of(request)[:45], device=device_of(request.headers.get("User-Agent", ""))
    )
    actions.note_sign_in(user=user, second=second)
    return redirect(path)


# --- A computer that is trusted for half a day -----------------------------------------------------------------------
def may_trust() -> bool:
    """Whether this clinic lets its people trust a computer."""
    return SignInRules.objects.filter(trust_computers=True).exists()


def trust(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Spare this browser the second step for twelve hours. A new password, factor or sign-out everywhere ends it."""
    response.set_cookie(
        _cookie_of(user),
        signing.dumps(create_config_fingerprint(user), salt=_salt_of(user)),
        max_age=TRUST_HOURS * 3600,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def is_trusted(request: HttpRequest, user: User) -> bool:
    kept = request.COOKIES.get(_cookie_of(user), "")
    if not kept or not may_trust():
        return False
    try:
        mark = signing.loads(kept, salt=_salt_of(user), max_age=TRUST_HOURS * 3600)
    except signing.BadSignature:
        return False
    return constant_time_compare(str(mark), create_config_fingerprint(user))


def _cookie_of(user: User) -> str:
    return f"trusted-{user.pk.hex[:12]}"


def _salt_of(user: User) -> str:
    return f"clinics.people.trust:{connection.schema_name}:{user.pk}:{user.signed_out_at}"
