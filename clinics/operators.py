"""The operators' admin site, who gets in, and what everything in it has in common."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path, reverse

from clinics.fleet.views import fleet
from clinics.fleet.waves import views as waves
from clinics.people.roles import Role
from clinics.people.views import sign_out
from clinics.tenancy import PUBLIC


class OperatorsAdmin(admin.AdminSite):
    site_header = site_title = "CliniqAI operators"
    index_title = "The platform"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return (
            connection.schema_name == PUBLIC
            and user.is_authenticated
            and user.is_active
            and user.is_staff
            and user.role == Role.OPERATOR
        )

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """One door for everybody: the sign-in page, with its second step."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied("This page is for the platform's operators.")
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return sign_out(request)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        own = {
            "fleet/": (fleet, "fleet"),
            "fleet/changes/": (waves.changes, "fleet_changes"),
            "fleet/changes/<uuid:change_id>/": (waves.change, "fleet_change"),
            "fleet/differences/": (waves.differences, "fleet_differences"),
        }
        return [
            *(path(route, self.admin_view(view), name=name) for route, (view, name) in own.items()),
            *super().get_urls(),
        ]


operators = OperatorsAdmin(name="admin")


class ForOperators:
    """Who is let into this admin may use all of it: there are no ranks among operators. Nothing is ever deleted."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return operators.has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return operators.has_permission(request)

    has_add_permission = has_change_permission = has_view_permission

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class OnlyToRead(ForOperators):
    """What the product writes down by itself."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
