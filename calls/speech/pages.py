"""The clinic's page of voices: the level of the telephone now, every provider with its agreement, and tests."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from calls import levels
from calls.dialogue.levels import FALLBACKS
from calls.speech import results, shelf, testing
from calls.speech.forms import TestForm
from clinics.models import Clinic, VoiceTest, Warming
from clinics.people.access import require
from clinics.people.roles import Permission
from clinics.practice.policies import policy_in_force
from clinics.providers import breakers
from clinics.providers.gate import Carries, Outside, may_carry, providers
from clinics.providers.models import Capability, Signed

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Line:
    """One provider as this clinic sees it."""

    provider: Outside
    capability: str
    agreed: bool
    needed: str
    working: bool


@require_safe
@require(Permission.SEE_SETTINGS)
def overview(request: HttpRequest) -> HttpResponse:
    """htmx asks again for what works now and gets that alone."""
    name = "settings/voice.html#now" if request.htmx and not request.htmx.history_restore_request else None
    return _page(request, TestForm(), name=name)


@require_POST
@require(Permission.START_VOICE_TESTS)
def start_test(request: HttpRequest) -> HttpResponse:
    """Have a share of the calls answered in another voice."""
    form = TestForm(request.POST)
    if form.is_valid():
        try:
            testing.start_test(by=request.user, clinic=request.clinic, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, gettext("The test runs. It ends by itself when callers are worse off."))
            return redirect("voice:overview")
    return _page(request, form, status=422)


@require_POST
@require(Permission.STOP_VOICE_TESTS)
def stop_test(request: HttpRequest) -> HttpResponse:
    """Answer every call as before."""
    if testing.stop_test(by=request.user, clinic=request.clinic):
        messages.success(request, gettext("The test is over. Every new call is answered as before."))
    else:
        messages.error(request, gettext("No test was running."))
    return redirect("voice:overview")


def _page(request: HttpRequest, form: TestForm, *, name: str | None = None, status: int = 200) -> HttpResponse:
    clinic, policy = request.clinic, policy_in_force()
    context: dict[str, object] = {
        "policy": policy,
        "level": levels.level_now(policy),
        "lines": [_line(clinic, one) for capability in Capability for one in providers(capability)],
        "store_works": breakers.standing(shelf.STORE).closed,
        "fallbacks": FALLBACKS.items(),
        "warming": Warming.objects.filter(clinic=clinic).first(),
    }
    if name is None:
        tests = list(VoiceTest.objects.filter(clinic=clinic)[:SHOWN])
        context |= {"form": form, "tests": tests, "shown": _shown(clinic, tests[0]) if tests else None}
    return render(request, name or "settings/voice.html", context, status=status)


def _line(clinic: Clinic, provider: Outside) -> Line:
    return Line(
        provider=provider,
        capability=Capability(provider.capability).label,
        agreed=may_carry(clinic, provider, Carries.PATIENT),
        needed=Signed(provider.agreement_needed).label,
        working=breakers.standing(provider.key).closed,
    )


def _shown(clinic: Clinic, test: VoiceTest) -> dict[str, object]:
    """The latest test's figures side by side, and whether to move."""
    baseline, challenger = testing.arms(test)
    tried = next((one for one in providers(Capability.SPEECH) if one.key == test.challenger), None)
    agreed = tried is not None and may_carry(clinic, tried, Carries.PATIENT)
    return {
        "test": test,
        "rows": results.side_by_side(baseline, challenger),
        "baseline": baseline,
        "challenger": challenger,
        "verdict": results.verdict(baseline, challenger, agreed=agreed, worth=float(test.worth)),
    }
