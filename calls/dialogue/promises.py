"""Which sentences commit somebody, and to what. Nothing else the phone says may.

A sentence of `COMMITS` is spoken only together with its promise, which becomes a row with a due time; one of `ALARMS`
only when the call has raised an escalation.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from calls.dialogue.scene import Scene
from calls.dialogue.state import Request
from calls.dialogue.types import Field, Intent
from clinics.practice.hours import deadline
from clinics.practice.promises import TABLE

SPOKEN = "promise."

COMMITS: Mapping[str, str] = MappingProxyType(
    {
        "urgent.told": "nurse_calls_today",
        "urgent.told_closed": "nurse_calls",
        "done.urgent": "nurse_calls_today",
        "done.urgent_closed": "nurse_calls",
        **{f"{SPOKEN}{name}": name for name in TABLE if not name.startswith("nurse_")},
    }
)
"""Key of the wording table -> name in `clinics.practice.promises.TABLE`."""

ALARMS = frozenset({"danger.emergency", "danger.crisis", "danger.no_answer", "danger.still"})
"""What says that the clinic is being told: an escalation stands for it."""

AFTER: Mapping[Intent, str] = MappingProxyType(
    {
        Intent.APPOINTMENT: "staff_confirm_appointment",
        Intent.CALLBACK: "staff_call_back",
        Intent.REFILL: "doctor_decides",
        Intent.TEST_RESULT: "clinician_calls",
        Intent.MEDICAL_ADVICE: "clinician_answers",
        Intent.GENERAL: "staff_answer",
        Intent.BILLING: "billing_answers",
        Intent.HUMAN_REQUEST: "person_calls",
    }
)
"""What is promised when a request is complete."""


def after(scene: Scene, request: Request) -> None:
    """Promise what follows a request, and say by when; nobody is promised a call to no number, nor one twice."""
    name = AFTER.get(request.intent)
    reachable = bool(scene.state.caller) or Field.CALLBACK_NUMBER in request.slots
    told_already = request.opened and request.intent is Intent.HUMAN_REQUEST
    if name is None or told_already or not (reachable or name == "doctor_decides"):
        return
    due = scene.promise(name, request)
    scene.say(f"{SPOKEN}{name}", by=deadline(due, now=scene.now, lang=scene.state.lang))


def with_sentence(scene: Scene, key: str, request: Request, **values: str) -> None:
    """Say a sentence that commits by itself, and make its promise."""
    scene.promise(COMMITS[key], request)
    scene.say(key, **values)
