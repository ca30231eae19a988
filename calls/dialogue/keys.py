"""What changes where only the keypad can answer: nobody hears the caller, or nobody should have to."""

from __future__ import annotations

from dataclasses import replace

from calls.dialogue import forms
from calls.dialogue.house import House
from calls.dialogue.state import State, Step
from calls.dialogue.types import Field, Finding, FindingKind, Heard, Verdict

ALARM = "9"
ALARM_RULE = "keys.alarm"


def with_alarm(verdict: Verdict, heard: Heard, state: State, house: House) -> Verdict:
    """The verdict with the emergency that a caller reports by a key; inside a number it is a digit like any other."""
    in_a_number = state.step is Step.ASK and state.asking in forms.KEYPAD
    if not house.keys_only or heard.digits != ALARM or in_a_number:
        return verdict
    found = Finding(FindingKind.EMERGENCY, ALARM_RULE, "pressed the alarm key")
    return replace(verdict, findings=(found, *verdict.findings))


def unanswerable(house: House) -> frozenset[Field]:
    """The fields that keys cannot give: a person asks for them when they call back."""
    return frozenset(Field) - forms.KEYPAD.keys() if house.keys_only else frozenset()
