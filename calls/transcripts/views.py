"""The words of one call: as a panel beside a queue, live while it runs, and with corrections."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from calls.models import Call, Turn
from calls.transcripts import actions
from calls.transcripts.forms import CorrectionForm
from calls.transcripts.lines import caller_of, last_of, lines_of
from clinics import audit
from clinics.people.access import may, require
from clinics.people.roles import Permission
from clinics.practice.sensitive import seen_or_404


@require_safe
@require(Permission.SEE_CALLS)
def transcript(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """The words of one call, as the panel beside a queue shows them."""
    call = seen_or_404(Call.objects.all(), request.user, pk=call_id)
    audit.record_read(by=request.user, what="transcript", about=call.id, request=request)
    template = "calls/transcript.html#panel" if request.htmx else "calls/transcript.html"
    return render(request, template, about(request, call))


@require_safe
@require(Permission.SEE_CALLS)
def live(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """A call that runs, asked for again and again by a page that shows it: nothing new is a 204.

    The page was written down when it was opened; its own refreshing is not a further look.
    """
    call = seen_or_404(Call.objects.all(), request.user, pk=call_id)
    shown = _number(request.GET.get("shown", ""))
    last = call.turns.order_by("-n").values_list("n", flat=True).first()
    if call.is_running and last is not None and shown == last:
        return HttpResponse(status=204)
    return render(request, "calls/transcript.html#panel", about(request, call))


@require_safe
@require(Permission.SEE_CALLS)
def evidence(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """What the telephone understood, each with the sentence it came from: what a summary rests on."""
    call = seen_or_404(Call.objects.all(), request.user, pk=call_id)
    audit.record_read(by=request.user, what="transcript", about=call.id, request=request)
    return render(request, "calls/transcript.html#evidence", about(request, call))


@require_POST
@require(Permission.CORRECT_TRANSCRIPTS)
def correct(request: HttpRequest, call_id: UUID, n: int) -> HttpResponse:
    """Write what the caller really said; the recogniser's words stay beside it."""
    call = seen_or_404(Call.objects.all(), request.user, pk=call_id)
    form = CorrectionForm(request.POST)
    if not form.is_valid():
        return _answer(
            request,
            call,
            n,
            gettext("Write what the caller said, at most %(length)s characters.") % {"length": actions.LENGTH},
            422,
        )
    try:
        actions.correct_turn(by=request.user, call_id=call.id, n=n, **form.cleaned_data)
    except Turn.DoesNotExist as missing:
        raise Http404 from missing
    except actions.Moved as moved:
        return _answer(request, call, n, str(moved), 409)
    except actions.NotCorrected as refused:
        return _answer(request, call, n, str(refused), 422, kept=form.cleaned_data["words"])
    return _answer(request, call, n, gettext("Corrected. What the recogniser wrote stays beside it."))


def about(request: HttpRequest, call: Call) -> dict[str, object]:
    """Everything that a transcript shows."""
    lines = lines_of(call)
    call.caller = caller_of(call)
    return {
        "call": call,
        "lines": lines,
        "last": last_of(lines),
        "may_correct": may(request.user, Permission.CORRECT_TRANSCRIPTS) and not call.is_running,
    }


def _answer(
    request: HttpRequest, call: Call, n: int, sentence: str, status: int = 200, *, kept: str = ""
) -> HttpResponse:
    """The transcript as it is afterwards, whether or not it worked."""
    done = status == 200
    if done and not request.htmx:
        messages.success(request, sentence)
        return redirect(f"{call.path}#turn-{n}")
    context = about(request, call) | {"problem": "" if done else sentence, "problem_at": n, "kept": kept}
    name = "calls/transcript.html#panel" if request.htmx else "calls/transcript.html"
    return trigger_client_event(render(request, name, context, status=status), "say", {"value": sentence})


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1
