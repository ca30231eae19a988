"""`/settings/webhooks/`: a clinic's admins register where its own systems are told."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from clinics.people.access import require
from clinics.people.roles import Permission
from clinics.tenancy import current_clinic
from notifications.hooks import actions
from notifications.hooks.models import MOST_PER_CLINIC, Webhook


@require_safe
@require(Permission.SEE_SETTINGS)
def webhooks(request: HttpRequest) -> HttpResponse:
    """All of the clinic's, with how their last try ended."""
    return _page(request)


@require_POST
@require(Permission.REGISTER_WEBHOOKS)
@never_cache
def register(request: HttpRequest) -> HttpResponse:
    """A new one. Its secret is in this answer and nowhere else."""
    url = request.POST.get("url", "").strip()
    try:
        hook, secret = actions.register(by=request.user, url=url)
    except actions.Refused as refused:
        return _page(request, status=422, problem=str(refused), url=url)
    return _page(request, made=hook, secret=secret)


@require_POST
@require(Permission.TEST_WEBHOOKS)
def test(request: HttpRequest, hook_id: UUID) -> HttpResponse:
    return _do(request, hook_id, actions.test, gettext("A ping is on its way. Look at its line in a moment."))


@require_POST
@require(Permission.SWITCH_WEBHOOKS_ON)
def switch_on(request: HttpRequest, hook_id: UUID) -> HttpResponse:
    return _do(request, hook_id, actions.switch_on, gettext("Switched on."))


@require_POST
@require(Permission.REMOVE_WEBHOOKS)
def remove(request: HttpRequest, hook_id: UUID) -> HttpResponse:
    return _do(request, hook_id, actions.remove, gettext("Removed."))


def _do(request: HttpRequest, hook_id: UUID, act: Callable[..., object], said: str) -> HttpResponse:
    try:
        act(by=request.user, hook_id=hook_id)
    except Webhook.DoesNotExist as missing:
        raise Http404 from missing
    except actions.Refused as refused:
        return _page(request, status=422, problem=str(refused))
    messages.success(request, said)
    return redirect("webhooks:list")


def _page(request: HttpRequest, *, status: int = 200, **more: object) -> HttpResponse:
    hooks = list(Webhook.objects.standing().filter(clinic=current_clinic()))
    context = {"hooks": hooks, "full": len(hooks) >= MOST_PER_CLINIC, "most": MOST_PER_CLINIC, **more}
    return render(request, "notifications/webhooks.html", context, status=status)
