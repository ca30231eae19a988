"""What every page shares: the headers of its response and the frame around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy

from clinics import drilling
from clinics.models import Drill
from clinics.people.models import User
from clinics.people.roles import Permission, allows
from clinics.people.sessions import TOUCH_EVERY, why_over

PARTIAL_HEADERS = ("HX-Request", "HX-History-Restore-Request")


class PageMiddleware:
    """Keep fragments and patients' pages out of caches, and bring an expired session's htmx call to sign-in.

    A cached fragment reopens as a bare piece of a page, and a redirect that htmx follows puts the sign-in form
    into a table row: both were seen.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        patch_vary_headers(response, PARTIAL_HEADERS)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store, private"
        if request.htmx and _leads_to_sign_in(response):  # type: ignore[attr-defined]
            return _sign_in_from(request, response)
        return response


def _leads_to_sign_in(response: HttpResponse) -> bool:
    return 300 <= response.status_code < 400 and urlsplit(response.get("Location", "")).path == settings.LOGIN_URL


def _sign_in_from(request: HttpRequest, redirect: HttpResponse) -> HttpResponse:
    """A 204 that makes the browser leave for sign-in and come back to the page it was on.

    The query string stays behind: a search may hold a patient's name, and `next` ends up in access logs.
    """
    here = urlsplit(request.htmx.current_url_abs_path or "/").path  # type: ignore[attr-defined]
    why = why_over(request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""))
    query = urlencode({**({"why": why} if why else {}), "next": here}, safe="/")
    response = HttpResponse(status=204)
    response["HX-Redirect"] = f"{settings.LOGIN_URL}?{query}"
    response["Vary"], response["Cache-Control"] = redirect["Vary"], redirect["Cache-Control"]
    response.cookies = redirect.cookies
    return response


@dataclass(frozen=True)
class NavItem:
    """One entry of the main navigation; `key` is pressed after `g`.

    A `seldom` one is not for every hour of the day: a role with several of them finds them behind one button.
    """

    slug: str
    label: str
    url_name: str
    permission: Permission
    key: str = ""
    seldom: bool = False


NAVIGATION = (
    NavItem("decisions", gettext_lazy("Decisions"), "decisions:waiting", Permission.SEE_DECISIONS, "d"),
    NavItem("queue", gettext_lazy("Queue"), "tasks:queue", Permission.SEE_TASKS, "q"),
    NavItem("escalations", gettext_lazy("Escalations"), "escalations:list", Permission.SEE_ESCALATIONS, "e"),
    NavItem("calls", gettext_lazy("Calls"), "calls:list", Permission.SEE_CALLS, "c"),
    NavItem("analytics", gettext_lazy("Numbers"), "analytics:numbers", Permission.SEE_ANALYTICS, "a"),
    NavItem("reviews", gettext_lazy("Reviews"), "reviews:list", Permission.SEE_REVIEWS, "r", seldom=True),
    NavItem("safety", gettext_lazy("Safety rules"), "safety:workbench", Permission.SEE_SAFETY_RULES, seldom=True),
    NavItem("notifications", gettext_lazy("Notifications"), "notifications:list", Permission.SEE_NOTIFICATIONS, "n"),
    NavItem("drills", gettext_lazy("Fire drills"), "drills:list", Permission.SEE_DRILLS, seldom=True),
    NavItem("cover", gettext_lazy("Cover for doctors"), "tasks:cover", Permission.SEE_SETTINGS, seldom=True),
    NavItem("audit", gettext_lazy("Audit trail"), "audit:trail", Permission.SEE_AUDIT, "u", seldom=True),
    NavItem(
        "sensitive",
        gettext_lazy("Sensitive calls"),
        "sensitive:overview",
        Permission.SEE_SENSITIVE_CALLS,
        seldom=True,
    ),
    NavItem(
        "deliveries",
        gettext_lazy("Failed messages"),
        "notifications:deliveries",
        Permission.SEE_DELIVERIES,
        seldom=True,
    ),
    NavItem("people", gettext_lazy("People"), "people:people", Permission.SEE_PEOPLE, seldom=True),
    NavItem("settings", gettext_lazy("Settings"), "practice:index", Permission.SEE_SETTINGS, "s", seldom=True),
    NavItem("phone", gettext_lazy("Test phone"), "calls:phone", Permission.USE_TEST_PHONE, "t"),
)


class Portal:
    """The frame of a page, asked for piece by piece so that a fragment pays for nothing it does not show."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def person(self) -> User | None:
        user = getattr(self.request, "user", None)  # a refused host has none
        return user if user is not None and user.is_authenticated else None

    @cached_property
    def clinic(self) -> str:
        """The clinic's name; empty on the platform's own host."""
        clinic = getattr(self.request, "clinic", None)
        return clinic.name if clinic else ""

    @cached_property
    def timezone(self) -> str:
        """The clinic's time zone, so that scripts write times as the pages do."""
        clinic = getattr(self.request, "clinic", None)
        return clinic.timezone if clinic else ""

    @property
    def idle_seconds(self) -> int:
        """How long this page may lie idle before its session ends, to the safe side."""
        return settings.SESSION_IDLE_SECONDS - int(TOUCH_EVERY.total_seconds())

    @cached_property
    def watches(self) -> bool:
        """Whether this page must show the clinic's alarms: to everyone who can answer one."""
        return bool(self.clinic and self.person and allows(self.person.role, Permission.ACKNOWLEDGE_ESCALATIONS))

    @cached_property
    def notified(self) -> bool:
        """Whether this person has an inbox."""
        return bool(self.clinic and self.person and allows(self.person.role, Permission.SEE_NOTIFICATIONS))

    @cached_property
    def may(self) -> dict[str, bool]:
        """Every right by its name, and whether this person holds it here."""
        here = self.person if self.clinic else None
        return {one.name: bool(here and allows(here.role, one)) for one in Permission}

    @cached_property
    def may_break_glass(self) -> bool:
        """Whether this person may open a sensitive call with a reason."""
        return bool(self.clinic and self.person and allows(self.person.role, Permission.OPEN_SENSITIVE_CALLS))

    @cached_property
    def scripts(self) -> tuple[str, ...]:
        """The scripts of the frame."""
        if self.watches:
            return settings.FRAME_SCRIPTS
        return (*settings.FRAME_SOURCES[:2], *(settings.FRAME_SOURCES[-1:] if self.person else ()))

    @cached_property
    def drill_missing(self) -> str:
        """How the clinic stands with its fire drills when that needs somebody, for who can run one; else "".

        The drills' own page says it itself, and goes on saying how it stands while a drill is under way.
        """
        if not (self.clinic and self.person and allows(self.person.role, Permission.RUN_DRILLS)):
            return ""
        if self._at(reverse("drills:list")):
            return ""
        last, now = Drill.objects.last_passed(self.request.clinic), timezone.now()
        return drilling.standing(last, now) if drilling.is_stale(last, now) else ""

    @cached_property
    def nav(self) -> list[dict[str, object]]:
        """The entries in the bar."""
        managed = {entry["slug"] for entry in self.managed}
        return [entry for entry in self._entries if entry["slug"] not in managed]

    @cached_property
    def managed(self) -> list[dict[str, object]]:
        """The entries behind the Manage button; a single one stands in the bar instead."""
        seldom = [entry for entry in self._entries if entry["seldom"]]
        return seldom if len(seldom) > 1 else []

    @cached_property
    def manages_here(self) -> bool:
        """Whether this page is one of those behind the Manage button."""
        return any(entry["current"] for entry in self.managed)

    @cached_property
    def _entries(self) -> list[dict[str, object]]:
        if not (self.clinic and self.person):
            return []
        allowed = [(item, reverse(item.url_name)) for item in NAVIGATION if allows(self.person.role, item.permission)]
        return [
            {"slug": i.slug, "label": i.label, "key": i.key, "seldom": i.seldom, "url": url, "current": self._at(url)}
            for i, url in allowed
        ]

    def _at(self, url: str) -> bool:
        return self.request.path.startswith(url)


def page(request: HttpRequest) -> dict[str, Portal]:
    """The context processor of every template: `portal`."""
    return {"portal": Portal(request)}
