"""Pages of calls: the list, and one call with its words and everything it led to."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from calls import listing
from calls.dialogue.decide import opening
from calls.dialogue.types import Lang
from calls.handover.listing import handovers_of
from calls.house import house_of
from calls.models import Call, Outcome
from calls.recordings.models import Disclosure, Recording
from calls.transcripts.lines import caller_of, clock
from calls.transcripts.views import about
from clinics import audit
from clinics.people.access import may, require
from clinics.people.roles import Permission
from clinics.practice.guard import why_not_published
from clinics.practice.models import RecordingMode
from clinics.practice.policies import policy_in_force
from clinics.practice.retention import LegalHold
from clinics.practice.sensitive import BrokenGlass, SensitiveCall, seen_or_404
from escalations.models import Escalation
from tasks.models import Task
from tasks.rows import zone_of_clinic


@require_safe
@require(Permission.SEE_CALLS)
def call_list(request: HttpRequest) -> HttpResponse:
    """What runs now, then the newest calls, fifty a page by key."""
    wanted, zone = listing.Wanted.of(request.GET.dict()), zone_of_clinic()
    found = listing.page(wanted, zone, request.user)
    running = (
        [] if wanted.before else list(Call.objects.listed_for(request.user).running().newest_first()[: listing.PAGE])
    )
    for call in (*found.calls, *running):
        call.caller = caller_of(call)
        call.length = clock(call.duration_sec) if call.duration_sec is not None else ""
    older_url = wanted.url(before=found.older) if found.older else ""
    context = {"wanted": wanted, "calls": found.calls, "older_url": older_url, "running": running}
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, "calls/list.html#list", context)
    audit.record_read(by=request.user, what="calls.call list", about=None, request=request)
    return render(request, "calls/list.html", context | _choices())


@require_safe
@require(Permission.SEE_CALLS)
def call_detail(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """One call with its words and everything it led to."""
    call = seen_or_404(Call.objects.all(), request.user, pk=call_id)
    audit.record_read(by=request.user, what="transcript", about=call.id, request=request)
    hears = may(request.user, Permission.HEAR_RECORDINGS)
    told = about(request, call)
    context = told | {
        "waited": [line for line in told["lines"] if line.n and line.waits],
        "length": clock(call.duration_sec) if call.duration_sec is not None else "",
        "handovers": handovers_of(call),
        "recordings": Recording.objects.audible().filter(call=call) if hears else (),
        "disclosure": Disclosure.objects.filter(call=call).first(),
        "held": LegalHold.objects.standing().filter(call_id=call.id).exists(),
        "tasks": Task.objects.filter(call_id=call.id).order_by("request_number"),
        "escalations": Escalation.objects.filter(call_id=call.id).order_by("raised_at"),
        "may_see_looks": may(request.user, Permission.SEE_AUDIT),
        "may_protect": may(request.user, Permission.SEE_SENSITIVE_CALLS),
        "sensitive": SensitiveCall.objects.standing().filter(pk=call.id).first(),
        "glass": BrokenGlass.objects.open_now().filter(call=call.id, person=request.user).first(),
        "may_review": may(request.user, Permission.SEE_REVIEWS) and not call.test,
    }
    return render(request, "calls/detail.html", context)


@require_POST
@require(Permission.SEE_SETTINGS)
def hear_greeting(request: HttpRequest) -> HttpResponse:
    """What callers would hear first with these words, in each language; nothing is changed."""
    policy = policy_in_force()
    now = policy.local(timezone.now())
    given = {lang: " ".join(request.POST.get(f"greeting_{lang}", "").split())[:300] for lang in Lang}
    refused = {lang: why_not_published(text, lang=lang) for lang, text in given.items()}
    house = replace(
        house_of(policy, now),
        greetings={lang: text for lang, text in given.items() if text and not refused[lang]},
        spanish="spanish" in request.POST,
        recording=request.POST.get("recording") == RecordingMode.ANNOUNCE,
        asks_to_record=request.POST.get("recording") == RecordingMode.ASK,
    )
    heard = [(lang, refused[lang], opening(house, caller="", now=now, lang=lang).reply.words) for lang in Lang]
    name = "calls/greeting.html#heard" if request.htmx else "calls/greeting.html"
    return render(request, name, {"heard": heard, "languages": listing.LANGUAGES})


def _choices() -> dict[str, object]:
    """What the filters offer."""
    return {
        "outcomes": Outcome.choices,
        "languages": listing.LANGUAGES.items(),
        "intents": listing.WANTED.items(),
        "types": listing.TYPES.items(),
    }
