"""One's own account: name, password, second step, where one is signed in, keys to the API."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext, ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinics.people import actions, factors
from clinics.people.access import require_sign_in
from clinics.people.api import error_page
from clinics.people.forms import CodeForm, NameForm, PasswordForm, describe
from clinics.people.language import LANGUAGES, language_of
from clinics.people.models import ApiToken, Session
from clinics.people.recent import recently_signed_in
from clinics.people.second_step import app_to_add, as_json, keep_second, show_codes

NEW_APP = "_new_app"
HOME = "people:profile"


@require_safe
@require_sign_in
def profile(request: HttpRequest) -> HttpResponse:
    return _page(request, NameForm(initial={"name": request.user.name}))


def _page(request: HttpRequest, form: NameForm, *, status: int = 200) -> HttpResponse:
    user = request.user
    shown = {
        "form": describe(form),
        "factors": factors.factors_of(user).exclude(type="recovery_codes"),
        "has_app": "totp" in factors.kinds_of(user),
        "recovery_codes": factors.recovery_codes_left(user) if factors.has_recovery_codes(user) else None,
        "sessions": Session.objects.of(user).open().order_by("-active_at"),
        "here": request.session.session_key,
        "languages": LANGUAGES.items(),
        "tokens": ApiToken.objects.filter(user=user, revoked_at=None).order_by("-created_at"),
    }
    return render(request, "people/profile.html", shown, status=status)


@require_POST
@require_sign_in
def rename(request: HttpRequest) -> HttpResponse:
    form = NameForm(request.POST)
    if form.is_valid():
        try:
            actions.rename(by=request.user, name=form.cleaned_data["name"])
        except ValidationError as wrong:
            form.add_error("name", wrong.messages)
    if form.errors:
        return _page(request, form, status=422)
    messages.success(request, gettext("Your name is changed."))
    return redirect(HOME)


@require_POST
@require_sign_in
def set_keys(request: HttpRequest) -> HttpResponse:
    """Turn single-letter keys on or off, on every computer."""
    actions.set_single_keys(by=request.user, on=request.POST.get("single_keys") == "1")
    return redirect(HOME)


@require_POST
@require_sign_in
def set_spanish(request: HttpRequest) -> HttpResponse:
    """Whether callers who speak Spanish are handed over to this person first."""
    actions.set_spanish(by=request.user, speaks=request.POST.get("speaks_spanish") == "1")
    return redirect(HOME)


@require_POST
@require_sign_in
def set_language(request: HttpRequest) -> HttpResponse:
    """Choose the language of one's pages and letters; none: the clinic's."""
    language = request.POST.get("language", "")
    if language not in ("", *LANGUAGES):
        return error_page(400, gettext("This request is not right."))
    actions.set_language(by=request.user, language=language)
    with translation.override(language_of(request)):  # the answer speaks it already
        messages.success(request, gettext("Saved."))
    return redirect(HOME)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@require_sign_in
@recently_signed_in
def change_password(request: HttpRequest) -> HttpResponse:
    form = PasswordForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        key = request.session.session_key
        try:
            actions.change_password(user=request.user, password=form.cleaned_data["password"], but=key)
        except ValidationError as wrong:
            form.add_error("password", wrong.messages)
        else:
            update_session_auth_hash(request, request.user)
            messages.success(request, gettext("Your password is changed. You are signed out everywhere else."))
            return redirect(HOME)
    return render(request, "people/password.html", {"form": describe(form)}, status=422 if form.errors else 200)


# --- The second step -------------------------------------------------------------------------------------------------
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
@require_sign_in
@recently_signed_in
def add_app(request: HttpRequest) -> HttpResponseBase:
    """Scan, type one code, done; recovery codes come with the first second step."""
    secret = request.session.setdefault(NEW_APP, factors.new_secret())
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        here = request.session.session_key
        if actions.add_app(user=request.user, secret=secret, code=form.cleaned_data["code"], but=here):
            del request.session[NEW_APP]
            return _added(request, "totp", gettext("Your authenticator app is set up."))
        form.add_error("code", gettext("That code is not right. Wait for the next one in your app."))
    shown = app_to_add(request.user, secret) | {"form": describe(form)}
    return render(request, "people/add_app.html", shown, status=422 if form.errors else 200)


@sensitive_post_parameters("credential")
@require_http_methods(["GET", "HEAD", "POST"])
@require_sign_in
@recently_signed_in
def add_passkey(request: HttpRequest) -> HttpResponseBase:
    signed = request.POST.get("credential", "")
    full = len(factors.passkeys_of(request.user)) >= factors.MOST_PASSKEYS
    if signed and not full:
        name = request.POST.get("name", "").strip()[:60] or gettext("Passkey")
        here = request.session.session_key
        if actions.add_passkey(user=request.user, name=name, answer=signed, but=here):
            return _added(request, "passkey", gettext("Your passkey is kept."))
        messages.error(request, gettext("This passkey could not be kept. Try again."))
    options = "" if full else as_json(factors.offer_passkey(request, request.user))
    shown = {"options": options, "most": factors.MOST_PASSKEYS}
    return render(request, "people/add_passkey.html", shown, status=422 if request.method == "POST" else 200)


def _added(request: HttpRequest, kind: str, words: str) -> HttpResponseBase:
    keep_second(request, kind)
    messages.success(request, words)
    if factors.has_recovery_codes(request.user):
        return redirect(HOME)
    return show_codes(request, actions.renew_recovery_codes(user=request.user), onward="/profile/")


@require_POST
@require_sign_in
@recently_signed_in
def remove_factor(request: HttpRequest, factor_id: int) -> HttpResponse:
    if not actions.remove_factor(user=request.user, factor_id=factor_id, but=request.session.session_key):
        return error_page(404, gettext("There is no such second step."))
    messages.success(request, gettext("Removed. You are signed out everywhere else."))
    return redirect(HOME)


@require_POST
@require_sign_in
@recently_signed_in
def renew_codes(request: HttpRequest) -> HttpResponse:
    if not factors.has_second_step(request.user):
        messages.error(request, gettext("Set up an authenticator app or a passkey first."))
        return redirect(HOME)
    return show_codes(request, actions.renew_recovery_codes(user=request.user), onward="/profile/")


# --- Where one is signed in ------------------------------------------------------------------------------------------
@require_POST
@require_sign_in
def end_session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    session = get_object_or_404(Session.objects.of(request.user), public_id=session_id)
    actions.end_session(by=request.user, session=session)
    return redirect(HOME)


@require_POST
@require_sign_in
def end_others(request: HttpRequest) -> HttpResponse:
    ended = actions.end_sessions(by=request.user, user=request.user, but=request.session.session_key)
    messages.success(
        request,
        ngettext("Signed out in %(count)s other place.", "Signed out in %(count)s other places.", ended)
        % {"count": ended},
    )
    return redirect(HOME)


@require_POST
@require_sign_in
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    token = get_object_or_404(ApiToken, pk=token_id, user=request.user)
    actions.revoke_token(by=request.user, token=token)
    messages.success(request, gettext("The token is revoked."))
    return redirect(HOME)


# --- The session of this page ----------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def session(request: HttpRequest) -> JsonResponse:
    """GET: how long this session still lasts, asked by the page itself. POST: a person is there, so it goes on."""
    if not request.user.is_authenticated:
        return error_page(401, gettext("You are signed out."))
    if request.method == "POST":
        request.session.touch()
    left = request.session.seconds_left()
    if left is None:
        return error_page(401, gettext("You are signed out."))
    idle, hard = left
    return JsonResponse({"idle": idle, "hard": hard})
