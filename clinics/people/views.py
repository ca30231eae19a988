"""Signing in and out, the front page, and the pages for what went wrong."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import authenticate, logout
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from clinics.people import steps
from clinics.people.access import require_sign_in
from clinics.people.actions import note_refused
from clinics.people.api import error_page
from clinics.people.forms import SignInForm
from clinics.people.lending import recheck_streams
from clinics.people.models import User
from clinics.people.roles import Role
from clinics.people.tries import address_of, count_try, note_success
from clinics.tenancy import PUBLIC

WRONG = gettext_lazy("The e-mail address or the password is not right.")
TOO_MANY = gettext_lazy("Too many tries. Wait a few minutes, or telephone your clinic admin for help.")
OWN_HOMES = {Role.DOCTOR: "/decisions/", Role.ADMIN: "/analytics/", Role.AUDITOR: "/audit/"}
HOMES = {**dict.fromkeys(Role, "/tasks/"), **OWN_HOMES}
WHY = {
    "idle": gettext_lazy("You were signed out because nobody used this screen for 15 minutes."),
    "ended": gettext_lazy("Your session has ended: one lasts 12 hours."),
    "out": gettext_lazy("You were signed out on another screen, or how you sign in was changed."),
    "joined": gettext_lazy("Your new password is set. Sign in with it."),
}


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """The sign-in page of a host; works without scripts."""
    if request.method != "POST":
        if request.user.is_authenticated:
            return redirect(own_path(request, request.GET.get("next", "")))
        return _sign_in_page(request, SignInForm(initial={"next": request.GET.get("next", "")}))
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _sign_in_page(request, form, status=422)
    email, address = form.cleaned_data["email"], address_of(request)
    if not count_try(email=email, address=address):
        form.add_error(None, TOO_MANY)
        return _sign_in_page(request, form, status=429)
    user = _check(request, email, form.cleaned_data["password"])
    if user is None:
        note_refused(user=User.objects.filter(email=email.strip().lower()).first(), step="password")
        form.add_error(None, WRONG)
        return _sign_in_page(request, form, status=422)
    note_success(email=email, address=address)
    return steps.after_password(request, user, own_path(request, form.cleaned_data["next"]))


@sensitive_variables("password")
def _check(request: HttpRequest, email: str, password: str) -> User | None:
    """The person, if they are active and this is their password. An unknown address costs a hash as well."""
    user = authenticate(request, username=email, password=password)
    return user if isinstance(user, User) and may_enter(user) else None


def may_enter(user: User) -> bool:
    """Whether a person belongs to this host: operators to the platform's, everybody else to their clinic's."""
    return (connection.schema_name == PUBLIC) == (user.role == Role.OPERATOR)


def _sign_in_page(request: HttpRequest, form: SignInForm, *, status: int = 200) -> HttpResponse:
    code = request.GET.get("why", "")
    why = WHY.get(code, "")
    return render(
        request, "people/sign_in.html", {"form": form, "why": why, "alerts_are_off": code != "joined"}, status=status
    )


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    with transaction.atomic():
        logout(request)
        recheck_streams()
    return redirect("people:sign_in")


@require_sign_in
def dashboard(request: HttpRequest) -> HttpResponse:
    """Each role's own front page."""
    return redirect(HOMES.get(request.user.role, "/tasks/"))


def own_path(request: HttpRequest, path: str) -> str:
    """The path if it is one of this host's own and not signing in again, else home."""
    own = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    again = path.startswith((reverse("people:sign_in"), reverse("people:sign_out")))
    home = settings.LOGIN_REDIRECT_URL if connection.schema_name != PUBLIC else "/admin/"
    return path if own and not again else home


# --- What went wrong -----------------------------------------------------------------------------------------------
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_api(request):
        return error_page(404, gettext("There is nothing at this address."))
    return render(request, "404.html", status=404)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page names the role that is needed: the sentence comes from `access.refusal`."""
    reason = str(exception)
    if _is_api(request):
        return error_page(403, reason or gettext("You may not do this."))
    # A sensitive call opens with a reason: the exception brings what the page asks for.
    asked = {name: getattr(exception, name, None) for name in ("call_id", "reasons")}
    return render(request, "403.html", {"reason": reason, **asked}, status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_api(request):
        return error_page(400, gettext("This request is not right."))
    return HttpResponse(gettext("This request is not right.") + "\n", status=400, content_type="text/plain")


def server_error(request: HttpRequest) -> HttpResponse:
    """Says that we know, and nothing of what was asked. Touches no database: that may be what failed."""
    if _is_api(request):
        return error_page(500, gettext("Something failed on our side."))
    return render(None, "500.html", status=500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A page that was open while its person signed in elsewhere: htmx reloads it, a form says what to do."""
    if getattr(request, "htmx", False):
        return HttpResponse(status=403, headers={"HX-Refresh": "true"})
    if _is_api(request):
        return error_page(403, gettext("The CSRF token is missing or wrong."))
    return forbidden(request, Exception(gettext("This page was open too long. Go back, reload it and try again.")))


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")
