"""The clinic's people, for its admins: who they are, what they may, how they sign in, and letting them in or out."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from clinics.people import actions, links, steps
from clinics.people.access import require
from clinics.people.forms import InviteForm, describe, email_is_on
from clinics.people.models import OneTimeLink, User
from clinics.people.recent import recently_signed_in
from clinics.people.roles import Permission, Role
from clinics.telephone import public_url

HOME = "people:people"
WORDS = {"totp": gettext_lazy("App"), "webauthn": gettext_lazy("Passkey")}


@require_safe
@require(Permission.SEE_PEOPLE)
def people(request: HttpRequest) -> HttpResponse:
    return _page(request, InviteForm())


def _page(request: HttpRequest, form: InviteForm, *, status: int = 200, **more: object) -> HttpResponse:
    everybody = User.objects.annotate(seen=Max("sessions__active_at")).order_by("-is_active", "name")
    second: dict[UUID, list[str]] = {}
    for user_id, kind in Authenticator.objects.values_list("user_id", "type").distinct():
        if kind in WORDS:
            second.setdefault(user_id, []).append(WORDS[kind])
    shown = {
        "form": describe(form),
        "people": [(user, gettext(" and ").join(sorted(map(str, second.get(user.pk, []))))) for user in everybody],
        "invitations": OneTimeLink.objects.live().invitations().order_by("-made_at"),
        "roles": actions.CLINIC_ROLES,
        "may_trust": steps.may_trust(),
        "email_is_on": email_is_on(),
    }
    return render(request, "people/people.html", shown | more, status=status)


@require_POST
@require(Permission.INVITE_PEOPLE)
@recently_signed_in
def invite(request: HttpRequest) -> HttpResponse:
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        link = actions.invite(by=request.user, email=form.cleaned_data["email"], role=Role(form.cleaned_data["role"]))
    except ValidationError as wrong:
        for field, words in wrong.message_dict.items():
            form.add_error(field, words)
        return _page(request, form, status=422)
    return _handed_over(
        request, link, gettext("Invited %(email)s. The link works for three days.") % {"email": link.email}
    )


def _handed_over(request: HttpRequest, link: OneTimeLink, words: str) -> HttpResponse:
    """A letter is on its way; where none leaves this server, the admin hands the link over, and sees it this once."""
    if email_is_on():
        messages.success(request, words)
        return redirect(HOME)
    address = public_url(request.clinic, links.path_of(link))
    return _page(request, InviteForm(), link_address=address, link_words=words)


@require_POST
@require(Permission.WITHDRAW_INVITATIONS)
def withdraw_invitation(request: HttpRequest, link_id: UUID) -> HttpResponse:
    link = get_object_or_404(OneTimeLink.objects.live().invitations(), pk=link_id)
    actions.withdraw_invitation(by=request.user, link=link)
    messages.success(request, gettext("The invitation is withdrawn."))
    return redirect(HOME)


@require_POST
@require(Permission.SET_SIGN_IN_RULES)
@recently_signed_in
def set_rules(request: HttpRequest) -> HttpResponse:
    actions.set_rules(by=request.user, trust_computers=request.POST.get("trust_computers") == "1")
    messages.success(request, gettext("Saved."))
    return redirect(HOME)


# --- One person ------------------------------------------------------------------------------------------------------
Deed = Callable[[HttpRequest, User], str]


def _about_one(deed: Deed, permission: Permission) -> Callable[..., HttpResponse]:
    """A view that does one thing to one person, says what it did, or why not."""

    def view(request: HttpRequest, person_id: UUID) -> HttpResponse:
        user = get_object_or_404(User, pk=person_id)
        try:
            messages.success(request, deed(request, user))
        except ValidationError as wrong:
            messages.error(request, " ".join(wrong.messages))
        return redirect(HOME)

    return require_POST(require(permission)(recently_signed_in(view)))


def _change_role(request: HttpRequest, user: User) -> str:
    wanted = request.POST.get("role", "")
    if wanted not in set(actions.CLINIC_ROLES):
        raise ValidationError(gettext("Choose a role."))
    actions.change_role(by=request.user, user=user, role=Role(wanted))
    return gettext("%(user)s is now %(role)s, and signs in again.") % {"user": user, "role": Role(wanted).label}


def _deactivate(request: HttpRequest, user: User) -> str:
    actions.deactivate(by=request.user, user=user)
    return gettext("%(user)s can no longer sign in, and is signed out everywhere.") % {"user": user}


def _reactivate(request: HttpRequest, user: User) -> str:
    actions.reactivate(by=request.user, user=user)
    return gettext("%(user)s may sign in again.") % {"user": user}


def _sign_out(request: HttpRequest, user: User) -> str:
    here = request.session.session_key if user.pk == request.user.pk else None
    places = actions.end_sessions(by=request.user, user=user, but=here)
    return ngettext(
        "%(user)s is signed out in %(places)s place.", "%(user)s is signed out in %(places)s places.", places
    ) % {"user": user, "places": places}


def _reset_second(request: HttpRequest, user: User) -> str:
    actions.reset_second_step(by=request.user, user=user)
    return gettext("%(user)s sets up a new second step at the next sign-in, if the rules ask for one.") % {"user": user}


change_role = _about_one(_change_role, Permission.CHANGE_ROLES)
deactivate = _about_one(_deactivate, Permission.DEACTIVATE_PEOPLE)
reactivate = _about_one(_reactivate, Permission.REACTIVATE_PEOPLE)
sign_out_everywhere = _about_one(_sign_out, Permission.SIGN_PEOPLE_OUT)
reset_second_step = _about_one(_reset_second, Permission.RESET_SECOND_STEPS)


@require_POST
@require(Permission.SEND_PASSWORD_LINKS)
@recently_signed_in
def send_password_link(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """For who cannot reach the form, or where no e-mail leaves the server."""
    user = get_object_or_404(User.objects.active(), pk=person_id)
    link = actions.make_reset(by=request.user, user=user)
    return _handed_over(
        request, link, gettext("A link for a new password of %(user)s. It works for 30 minutes.") % {"user": user}
    )
