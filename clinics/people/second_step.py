"""The second step of signing in: a code, a passkey or a recovery code; setting one up where it is the rule."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from clinics.people import actions, factors, steps
from clinics.people.forms import CodeForm, RecoveryForm, describe
from clinics.people.models import User
from clinics.people.sessions import SECOND
from clinics.people.steps import OnTheWay
from clinics.people.tries import CODE, PASSKEY, address_of, count_try, note_success, tries_left
from clinics.people.views import may_enter, own_path

LOCKED = gettext_lazy("Too many wrong codes. Wait 15 minutes, or telephone your clinic admin for help.")
NO_PASSKEY = gettext_lazy("This passkey does not open an account here.")
START_AGAIN = "people:sign_in"


# --- With a passkey alone --------------------------------------------------------------------------------------------
@never_cache
@sensitive_post_parameters("credential")
@require_http_methods(["GET", "POST"])
def passkey(request: HttpRequest) -> HttpResponseBase:
    """GET: what the browser needs to ask for a passkey. POST: what the passkey has signed."""
    who = {"email": "", "address": address_of(request), "door": PASSKEY}
    if request.method == "GET":
        if not count_try(**who):
            return JsonResponse({"error": {"code": "too_many_requests", "message": LOCKED, "fields": {}}}, status=429)
        return JsonResponse(factors.ask_for_passkey(request))
    user = factors.check_passkey(request.POST.get("credential", ""))
    if user is None or not may_enter(user):
        actions.note_refused(user=None, step="passkey")
        messages.error(request, NO_PASSKEY)
        return redirect(START_AGAIN)
    note_success(**who)
    return steps.finish(request, user, own_path(request, request.POST.get("next", "")), second="passkey")


# --- After a password ------------------------------------------------------------------------------------------------
@never_cache
@sensitive_post_parameters("code", "credential")
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponseBase:
    """The code of an authenticator app, or a passkey."""
    return _second(request, "people/code.html", CodeForm)


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def recovery(request: HttpRequest) -> HttpResponseBase:
    """A recovery code, for who has neither app nor passkey at hand."""
    return _second(request, "people/recovery.html", RecoveryForm)


def _second(request: HttpRequest, template: str, form_class: type[CodeForm] | type[RecoveryForm]) -> HttpResponseBase:
    who = steps.on_the_way(request)
    if who is None or not factors.has_second_step(who.user):
        return redirect(START_AGAIN)
    if request.method != "POST":
        return _page(request, template, form_class(), who.user)
    signed = request.POST.get("credential", "")
    form = form_class(request.POST)
    if not signed and not form.is_valid():
        return _page(request, template, form, who.user, status=422)
    tried = {"email": who.user.email, "address": address_of(request), "door": CODE}
    if not count_try(**tried):
        return _refuse(request, template, form, who.user, LOCKED, 429)
    done = _done_with(who.user, signed, "" if signed else form.cleaned_data["code"], form_class)
    if not done:
        actions.note_refused(user=who.user, step="second")
        return _refuse(request, template, form, who.user, _left(tries_left(**tried)), 422)
    note_success(**tried)
    return _let_in(request, who, done)


def _done_with(user: User, signed: str, typed: str, form_class: type) -> str:
    """Which second step was right; "" when none was."""
    if signed:
        return "passkey" if factors.check_passkey(signed, user) else ""
    if form_class is RecoveryForm:
        return "recovery" if factors.check_recovery_code(user, typed) else ""
    return "totp" if factors.check_code(user, typed) else ""


def _let_in(request: HttpRequest, who: OnTheWay, done: str) -> HttpResponseBase:
    response = steps.finish(request, who.user, who.next, second=done)
    if request.POST.get("trust") and steps.may_trust():
        steps.trust(request, response, who.user)
    if done == "recovery":
        left = factors.recovery_codes_left(who.user)
        left_words = ngettext(
            "You have %(left)s recovery code left. Your profile makes new ones.",
            "You have %(left)s recovery codes left. Your profile makes new ones.",
            left,
        )
        messages.warning(request, left_words % {"left": left})
    return response


def _left(count: int) -> str:
    if not count:
        return gettext("That code is not right. Wait 15 minutes before the next try.")
    left = ngettext(
        "That code is not right. You have %(count)s try left.",
        "That code is not right. You have %(count)s tries left.",
        count,
    )
    return left % {"count": count}


def _refuse(
    request: HttpRequest, template: str, form: CodeForm | RecoveryForm, user: User, words: str, status: int
) -> HttpResponse:
    form.full_clean()
    form.errors.pop("code", None)
    form.add_error("code", words)
    return _page(request, template, form, user, status=status)


def _page(
    request: HttpRequest, template: str, form: CodeForm | RecoveryForm, user: User, *, status: int = 200
) -> HttpResponse:
    kinds = factors.kinds_of(user)
    shown: dict[str, Any] = {"form": describe(form), "app": "totp" in kinds, "may_trust": steps.may_trust()}
    shown["recovery_codes"] = "recovery_codes" in kinds
    if "webauthn" in kinds:
        shown["options"] = as_json(factors.ask_for_passkey(request, user))
    return render(request, template, shown, status=status)


def as_json(options: dict[str, Any]) -> str:
    """What the passkey script reads from its form's attribute."""
    return json.dumps(options, cls=DjangoJSONEncoder)


# --- Setting one up on the way in ------------------------------------------------------------------------------------
@never_cache
@sensitive_post_parameters("code", "credential")
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest) -> HttpResponseBase:
    """Where a second step is the rule and a person has none yet; nobody is signed in before it is done."""
    who = steps.on_the_way(request)
    if who is None or factors.has_second_step(who.user):
        return redirect(START_AGAIN)
    if request.method != "POST":
        return _set_up_page(request, who, CodeForm())
    signed, form = request.POST.get("credential", ""), CodeForm(request.POST)
    if signed:
        if not actions.add_passkey(user=who.user, name=gettext("First passkey"), answer=signed):
            messages.error(request, gettext("This passkey could not be kept. Try again."))
            return redirect("people:set_up")
    elif not form.is_valid():
        return _set_up_page(request, who, form, status=422)
    elif not actions.add_app(user=who.user, secret=who.secret, code=form.cleaned_data["code"]):
        form.add_error("code", gettext("That code is not right. Wait for the next one in your app."))
        return _set_up_page(request, who, form, status=422)
    steps.finish(request, who.user, who.next, second="passkey" if signed else "totp")
    return show_codes(request, actions.renew_recovery_codes(user=who.user), onward=who.next)


def _set_up_page(request: HttpRequest, who: OnTheWay, form: CodeForm, *, status: int = 200) -> HttpResponse:
    shown = app_to_add(who.user, who.secret) | {"form": describe(form)}
    shown["options"] = as_json(factors.offer_passkey(request, who.user))
    return render(request, "people/set_up.html", shown, status=status)


def app_to_add(user: User, secret: str) -> dict[str, str]:
    """What a person scans or types into an authenticator app."""
    address = factors.address_of_secret(user, secret)
    spaced = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return {"secret": spaced, "picture": factors.picture_of(address)}


def show_codes(request: HttpRequest, codes: list[str], *, onward: str) -> HttpResponse:
    """The recovery codes, this once: the answer to a POST, so that no address shows them again."""
    spaced = [f"{code[:4]} {code[4:]}" for code in codes]
    return render(request, "people/recovery_codes.html", {"codes": spaced, "onward": onward})


def keep_second(request: HttpRequest, kind: str) -> None:
    """This session has the second step that was just added."""
    request.session[SECOND] = request.session.get(SECOND) or kind
