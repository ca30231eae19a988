"""The test phone: a page that plays a caller through the real webhooks. The browser never holds a signature."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from calls.dialogue.levels import Level
from calls.simulator.far_end import FarEnd, Heard, Line, Unreachable, line_from_json
from calls.simulator.outcome import created_by, understood_in
from clinics.models import PhoneLine
from clinics.people.access import may, refusal, require
from clinics.people.roles import Permission
from clinics.tenancy import current_clinic

MOST_LINES = 2
"""Calls that one person can have open at once."""

CALLERS = (
    ("+12025550142", "+1 202-555-0142"),
    ("+12025550178", "+1 202-555-0178"),
    ("", gettext_lazy("Number withheld")),
)
SCENARIOS = (
    (gettext_lazy("Cancel an appointment"), "i have to cancel my appointment\nthe one on tuesday at ten\n"
     "maria alvarez\nyes\nmarch fourth nineteen eighty two\nyes\nyes\nno that is all"),
    (gettext_lazy("Asks for a person"), "let me talk to a human"),
    (gettext_lazy("A test result, by keys"), "[press 4]\nthe blood test from monday\nmaria alvarez\nyes\n"
     "[press 03041982]\nyes\nyes\nno that is all"),
    (gettext_lazy("Crisis"), "i do not want to live any more"),
    (gettext_lazy("Chest pain, in Spanish"), "[press 2]\na mi esposo le duele el pecho y está sudando"),
    (gettext_lazy("Says nothing"), "[silence]\n[silence]\n[silence]"),
    (gettext_lazy("Insulin refill"), "i need a refill of my insulin\nthe walgreens on main street\nmaria alvarez\nyes\n"
     "march fourth nineteen eighty two\nyes\nyes\nno that is all"),
    (gettext_lazy("Chest pain"), "my husband has chest pain and he is sweating"),
    (gettext_lazy("Appointment, in Spanish"), "necesito una cita\nme duele la rodilla\nel martes por la mañana\n"
     "ana lópez\nsí\ncuatro de marzo de mil novecientos ochenta y dos\nsí\nsí\nno gracias"),
    (gettext_lazy("A question and a bill"), "what are your opening hours\ni have a question about my bill\n"
     "why was i charged twice\njohn smith\nyes\nyes\nno thank you"),
)  # fmt: skip
"""Calls to begin with: a name, and what the caller does, a line a turn: says it, "[press KEYS]" or "[silence]"."""

OUTCOMES = frozenset({"completed", "no-answer", "busy", "failed"})


@require_safe
@require(Permission.USE_TEST_PHONE)
def page(request: HttpRequest) -> HttpResponse:
    shown = {"callers": CALLERS, "numbers": _numbers(), "scenarios": SCENARIOS, "may_drill": _may_drill(request)}
    return render(request, "calls/phone.html", shown | {"levels": list(Level)})


def _may_drill(request: HttpRequest) -> bool:
    """Whether this person may have the people on call rung by a test."""
    return may(request.user, Permission.RUN_DRILLS)


@require_POST
@require(Permission.USE_TEST_PHONE)
def ring(request: HttpRequest) -> HttpResponse:
    """Start a call; answers with its id and the greeting."""
    asked = _asked(request)
    caller = str(asked.get("from", CALLERS[0][0]))
    if caller not in dict(CALLERS):
        return JsonResponse({"message": gettext("Choose one of the caller numbers.")}, status=400)
    numbers = _numbers()
    if not numbers:
        return JsonResponse({"message": gettext("This clinic has no number yet.")}, status=409)
    drill = asked.get("duty") is True
    if drill and not _may_drill(request):
        return JsonResponse({"message": refusal(request.user, Permission.RUN_DRILLS)}, status=403)
    phone_id = str(uuid.uuid4())
    level = str(asked.get("level")) if asked.get("level") in set(Level) else ""
    wanted = {"caller": caller, "dialled": numbers[0], "drill": drill, "level": level}
    return _step(request, phone_id, asked, lambda far: far.ring(**wanted))


@require_POST
@require(Permission.USE_TEST_PHONE)
def say(request: HttpRequest, phone_id: UUID) -> HttpResponse:
    """Say words, press keys or stay silent in a call of this browser."""
    asked = _asked(request)
    line = _line(request, phone_id)

    def act(far: FarEnd) -> tuple[Line, Heard]:
        if asked.get("digits"):
            return line, far.press(line, str(asked["digits"])[:32])
        if asked.get("words"):
            return line, far.say(line, str(asked["words"])[:1000])
        return line, far.stay_silent(line)

    return _step(request, str(phone_id), asked, act)


@require_POST
@require(Permission.USE_TEST_PHONE)
def hang_up(request: HttpRequest, phone_id: UUID) -> HttpResponse:
    line = _line(request, phone_id)
    return _step(request, str(phone_id), _asked(request), lambda far: (line, far.hang_up(line)))


def _step(
    request: HttpRequest, phone_id: str, asked: dict[str, Any], act: Callable[[FarEnd], tuple[Line, Heard]]
) -> HttpResponse:
    """Do one thing at the far end and tell the page all that came of it."""
    outcome = asked.get("dial") if asked.get("dial") in OUTCOMES else "completed"
    down = asked.get("down") == "server"
    far = FarEnd(current_clinic(), _own_server(request), dial_outcome=str(outcome), server_down=down)
    try:
        line, heard = act(far)
    except Unreachable as error:
        return JsonResponse({"message": str(error)}, status=502)
    _remember(request, phone_id, line)
    return JsonResponse(
        {
            "call": phone_id,
            "exchanges": [exchange.to_json() for exchange in heard.exchanges],
            "heard": heard.sentences,
            "listening": line.listening or {"speech": False, "keypad": False, "digits": None},
            "over": line.over,
            "status": "completed" if line.over else "in-progress",
            "created": created_by(UUID(line.call_id)) if line.call_id else [],
            "understood": understood_in(UUID(line.call_id)) if line.call_id else None,
        }
    )


def _asked(request: HttpRequest) -> dict[str, Any]:
    """The request's JSON object or form fields; anything unreadable counts as nothing asked."""
    if request.content_type != "application/json":
        return request.POST.dict()
    try:
        asked = json.loads(request.body)
    except ValueError:
        return {}
    return asked if isinstance(asked, dict) else {}


def _numbers() -> list[str]:
    lines = PhoneLine.objects.filter(clinic=current_clinic(), active=True)
    return list(lines.order_by("id").values_list("number", flat=True))


def _own_server(request: HttpRequest) -> str:
    """This very server on loopback: the port it listens on, whatever proxy the browser came through."""
    return f"http://127.0.0.1:{request.META['SERVER_PORT']}"


def _line(request: HttpRequest, phone_id: UUID) -> Line:
    kept = request.session.get("phones", {}).get(str(phone_id))
    if kept is None:
        raise Http404
    return line_from_json(kept)


def _remember(request: HttpRequest, phone_id: str, line: Line) -> None:
    phones = {**request.session.get("phones", {}), phone_id: line.to_json()}
    request.session["phones"] = dict(list(phones.items())[-MOST_LINES:])
