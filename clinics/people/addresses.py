"""Another e-mail address to sign in with: asked for on the profile, proven by a link, told to the old address."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from clinics.people import actions
from clinics.people.access import require_sign_in
from clinics.people.forms import NewAddressForm, describe, email_is_on
from clinics.people.joining import FOLLOWED, followed, no_link
from clinics.people.models import Purpose
from clinics.people.recent import recently_signed_in
from clinics.people.tries import LETTER, address_of, count_try

TOO_MANY = gettext_lazy("Too many letters. Wait a few minutes.")


@require_http_methods(["GET", "HEAD", "POST"])
@require_sign_in
@recently_signed_in
def change_address(request: HttpRequest) -> HttpResponse:
    """Ask for a letter to the new address. The answer is the same whether or not a colleague has it."""
    form = NewAddressForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound:
        status = _asked(request, form) if form.is_valid() else 422
    shown = {"form": describe(form), "email_is_on": email_is_on(), "sent": form.is_bound and status == 200}
    return render(request, "people/address.html", shown, status=status)


def _asked(request: HttpRequest, form: NewAddressForm) -> int:
    """Do it, or say in the form why not; returns the status of the answer."""
    email = form.cleaned_data["email"]
    if not email_is_on():
        form.add_error("email", gettext("This server sends no e-mail."))
        return 422
    if not count_try(email=email, address=address_of(request), door=LETTER):
        form.add_error("email", gettext(TOO_MANY))
        return 429
    try:
        actions.ask_for_new_address(by=request.user, email=email)
    except ValidationError as wrong:
        form.add_error("email", wrong.message_dict["email"])
        return 422
    return 200


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@require_sign_in
def confirm_address(request: HttpRequest) -> HttpResponseBase:
    """Where the letter leads: its person, signed in, says that it is theirs. A mailbox that looks ahead cannot."""
    link = followed(request)
    if link is None or link.purpose != Purpose.MOVE or link.user_id != request.user.pk:
        return no_link(request, 404)
    if request.method == "POST":
        request.session.pop(FOLLOWED, None)
        try:
            actions.change_address(user=request.user, link=link, but=request.session.session_key)
        except ValidationError:
            return no_link(request, 404)
        messages.success(request, gettext("Your address is changed. You are signed out everywhere else."))
        return redirect("people:profile")
    return render(request, "people/confirm_address.html", {"link": link})
