"""A forgotten password and an invitation: a link in a letter, and the page where a password is chosen."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from clinics.afterwards import afterwards
from clinics.people import actions, links, steps
from clinics.people.forms import ForgotForm, JoinForm, PasswordForm, describe, email_is_on
from clinics.people.models import OneTimeLink, Purpose
from clinics.people.tries import LETTER, LINK, address_of, count_try
from clinics.tenancy import inside

FOLLOWED = "_link"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def forgot(request: HttpRequest) -> HttpResponse:
    """Ask for a link. The answer is the same for everybody, and what it leads to happens after it has left."""
    form = ForgotForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        shown = {"form": describe(form), "email_is_on": email_is_on()}
        return render(request, "people/forgot.html", shown, status=422 if request.method == "POST" else 200)
    email, clinic = form.cleaned_data["email"], request.clinic
    if count_try(email=email, address=address_of(request), door=LETTER):

        def ask() -> None:
            with inside(clinic):
                actions.ask_for_reset(email=email)

        afterwards(ask)
    return render(request, "people/forgot.html", {"sent": True, "email_is_on": email_is_on()})


@never_cache
@require_safe
def follow_link(request: HttpRequest, link_id: UUID, token: str) -> HttpResponseBase:
    """Keep the link in the session and leave its address, which histories and logs remember."""
    if not count_try(email="", address=address_of(request), door=LINK):
        return no_link(request, 429)
    link = links.find(link_id, token)
    if link is None:
        return no_link(request, 404)
    request.session[FOLLOWED] = str(link.pk)
    return redirect("people:confirm_address" if link.purpose == Purpose.MOVE else "people:choose_password")


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def choose_password(request: HttpRequest) -> HttpResponseBase:
    """Name and password of who was invited; a new password of who forgot theirs. Then the second step, as always."""
    link = followed(request)
    if link is None or link.purpose == Purpose.MOVE:
        return no_link(request, 404)
    form = (JoinForm if link.purpose == Purpose.INVITE else PasswordForm)(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, link, form)
    try:
        return _chosen(request, link, form)
    except ValidationError as wrong:
        named = wrong.message_dict if hasattr(wrong, "error_dict") else {"password": wrong.messages}
        for field, words in named.items():
            form.add_error(field if field in form.fields else "password", words)
        return _page(request, link, form)


def _chosen(request: HttpRequest, link: OneTimeLink, form: PasswordForm) -> HttpResponseBase:
    password = form.cleaned_data["password"]
    if link.purpose == Purpose.INVITE:
        user = actions.join(link=link, name=form.cleaned_data["name"], password=password)
        request.session.pop(FOLLOWED, None)
        return steps.after_password(request, user, "/")
    actions.reset_password(link=link, password=password)
    request.session.flush()
    return redirect(reverse("people:sign_in") + "?why=joined")


def _page(request: HttpRequest, link: OneTimeLink, form: PasswordForm) -> HttpResponse:
    shown = {"form": describe(form), "link": link, "invited": link.purpose == Purpose.INVITE}
    return render(request, "people/choose.html", shown, status=422 if form.errors else 200)


def followed(request: HttpRequest) -> OneTimeLink | None:
    """The link that this browser came by, while it is live."""
    return links.find(request.session.get(FOLLOWED, "00000000-0000-0000-0000-000000000000"))


def no_link(request: HttpRequest, status: int) -> HttpResponse:
    request.session.pop(FOLLOWED, None)
    return render(request, "people/no_link.html", status=status)
