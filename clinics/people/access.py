"""Who gets in: one decorator for pages, the same rule for the API. Decided before anything is fetched or rendered."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from clinics.people.models import User
from clinics.people.roles import Permission, Role, allows, who_may
from clinics.tenancy import PUBLIC

if TYPE_CHECKING:
    from rest_framework.views import APIView  # at run time DRF's settings import this module first

View = Callable[..., HttpResponseBase]


def may(user: Any, permission: Permission) -> bool:
    """Whether a person of the current clinic holds a right. Nobody holds one in the public schema."""
    return bool(user.is_authenticated) and connection.schema_name != PUBLIC and allows(user.role, permission)


def refusal(user: User, permission: Permission) -> str:
    """Why a person is refused, in words that name the role which is needed."""
    label = Role(user.role).label if user.role in set(Role) else "role"
    return gettext("Your role (%(role)s) may not %(deed)s. It needs: %(who_may)s.") % {
        "role": label,
        "deed": gettext(permission.value),
        "who_may": who_may(permission),
    }


def check_may(user: User, permission: Permission) -> None:
    """Raise `PermissionDenied` with the sentence that the refused person reads."""
    if not may(user, permission):
        raise PermissionDenied(refusal(user, permission))


def require(permission: Permission, *, to_change: Permission | None = None) -> Callable[[View], View]:
    """Let a view run for people with this right: strangers are sent to sign in, others read which role is needed.

    A page that takes its own form asks for `to_change` when something is sent to it.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return to_sign_in(request)
            check_may(request.user, to_change if to_change and request.method not in SAFE_METHODS else permission)
            return view(request, *args, **kwargs)

        checked.permission = {"GET": permission, "POST": to_change} if to_change else permission
        return checked

    return decorate


def require_sign_in(view: View) -> View:
    """Let a view run for everyone who is signed in, whatever their role."""

    @wraps(view)
    def checked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        return view(request, *args, **kwargs) if request.user.is_authenticated else to_sign_in(request)

    return checked


def to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """To the sign-in page, and back afterwards to the page asked for; a deed is not repeated, so it goes home."""
    return redirect_to_login(request.get_full_path() if request.method in {"GET", "HEAD"} else "/")


class HasPermission(BasePermission):
    """The API's rule: the view names its `permission`, one for all methods or a dict by method. Unnamed is refused."""

    message = ""

    def has_permission(self, request: Request, view: APIView) -> bool:
        named = getattr(view, "permission", None)
        method = "GET" if request.method in {"HEAD", "OPTIONS"} else request.method
        permission = named.get(method) if isinstance(named, dict) else named
        if permission is None:  # a method that the view does not have gets its 405, but only from people signed in
            return bool(request.user.is_authenticated) and method not in view.allowed_methods
        if may(request.user, permission):
            return True
        if request.user.is_authenticated:
            self.message = refusal(request.user, permission)
        return False
