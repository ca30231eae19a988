"""Sensitive deeds ask once more who one is: whoever finds an open desk must not take the account along."""

from __future__ import annotations

import time
from functools import wraps

from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from clinics.people import actions, factors
from clinics.people.access import View, to_sign_in
from clinics.people.api import error_body
from clinics.people.sessions import PROVED
from clinics.people.tries import address_of, count_try, note_success

PROOFS = ("proof_password", "proof_passkey")
WRONG = gettext_lazy("That is not right. Try again, or sign out.")
TOO_MANY = gettext_lazy("Too many tries. Wait a few minutes.")


def is_recent(request: HttpRequest) -> bool:
    """Whether this session's person has proved who they are a short while ago."""
    return time.time() - request.session.get(PROVED, 0) < settings.PROOF_SECONDS


def recently_signed_in(view: View) -> View:
    """Let a view run for who proved lately who they are; others are asked first, and nothing they sent is lost.

    Stands below `require`: that says whether, this says whether it is still the same person. Where a page is only
    read, it stands above its method's decorator too: the proof is a POST, and leads back to the page.
    """

    @wraps(view)
    @sensitive_post_parameters()
    def checked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return to_sign_in(request)
        proved = request.method == "POST" and any(request.POST.get(name) for name in PROOFS)
        problem, status = _take(request) if proved else ("", 403)
        if is_recent(request) and not problem:
            if proved and "proof_only" in request.POST:  # it was a page that was asked for
                return redirect(request.get_full_path())
            return view(request, *args, **kwargs)
        return _ask(request, problem, status)

    checked.asks_again = True
    return checked


def recently_signed_in_to_change(view: View) -> View:
    """The same for a page that everybody with the right may read and only who proved it lately may change."""
    guarded = recently_signed_in(view)

    @wraps(view)
    def checked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        return (guarded if request.method == "POST" else view)(request, *args, **kwargs)

    checked.asks_again = True
    return checked


def _take(request: HttpRequest) -> tuple[str, int]:
    """Look at the proof; returns what is wrong with it and the status that says so."""
    who = {"email": request.user.email, "address": address_of(request)}
    if not count_try(**who):
        return TOO_MANY, 429
    passkey = request.POST.get("proof_passkey", "")
    if passkey:
        right = factors.check_passkey(passkey, request.user) is not None
    else:
        right = _knows_password(request)
    if not right:
        actions.note_refused(user=request.user, step="proof")
        return WRONG, 422
    note_success(**who)
    request.session[PROVED] = int(time.time())
    return "", 200


def _knows_password(request: HttpRequest) -> bool:
    """Checking may renew an old hash, which would end the session that asks: it goes on with the new one."""
    before = request.user.password
    right = request.user.check_password(request.POST.get("proof_password", "")[:200])
    if request.user.password != before:
        update_session_auth_hash(request, request.user)
    return right


def _ask(request: HttpRequest, problem: str, status: int) -> HttpResponseBase:
    if request.path.startswith("/api/"):
        return JsonResponse(error_body(403, gettext("Sign in again to do this."), code="sign_in_again"), status=403)
    sent = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in (*PROOFS, "proof_only", "csrfmiddlewaretoken")
        for value in values
    ]
    shown = {
        "problem": problem,
        "sent": sent,
        "only": request.method != "POST" or "proof_only" in request.POST,
        "passkeys": bool(factors.passkeys_of(request.user)),
    }
    return render(request, "people/again.html", shown, status=status)
