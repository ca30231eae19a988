"""How careful the phone is in each phase of a clinic's life: what it does by itself, and when it calls a person. Pure.

A clinic begins as a pilot. Its policy may be stricter than its phase, never laxer: what is laxer waits for the next
phase. The numbers are cautious beginnings to be corrected by what reviews of calls show.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from clinics.words import gettext, gettext_noop

WORDS = {
    "pilot": gettext_noop("pilot"),
    "stabilisation": gettext_noop("stabilisation"),
    "expansion": gettext_noop("expansion"),
    "production": gettext_noop("production"),
}
REQUESTS: dict[str, str] = {
    "appointment": gettext_noop("Appointments"),
    "cancel_appointment": gettext_noop("Cancelled appointments"),
    "callback": gettext_noop("Callbacks"),
    "billing": gettext_noop("Billing questions"),
    "general": gettext_noop("General questions"),
    "human_request": gettext_noop("Messages for a person"),
    "unclear": gettext_noop("Asking again when the request is not clear"),
    "refill": gettext_noop("Refills and medication requests"),
    "test_result": gettext_noop("Requests about test results"),
    "medical_advice": gettext_noop("Medical questions, passed on"),
}
"""What the phone can take by itself, and its name for people. The rest goes to a person."""

LOW_RISK = frozenset({"appointment", "cancel_appointment", "callback", "billing", "general", "human_request"})

ALWAYS = frozenset({"human_request"})
"""A message for a person is what every other way ends in when nobody answers."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the phone does by itself and how far it lets a call go before a person takes over.

    Turns and counts are those of one call; the person comes when the figure is reached, and when a call is longer than
    `max_call_seconds`. `min_confidence` is the recogniser's figure (0 to 1) below which its words are not believed.
    """

    automates: frozenset[str]
    max_call_seconds: int
    max_turns: int
    no_progress_turns: int
    min_confidence: float
    misunderstood_in_a_row: int
    misunderstood_in_call: int
    doubted_in_call: int
    corrections_in_call: int
    distress_turns: int


PRESETS: dict[str, Limits] = {
    "pilot": Limits(
        automates=LOW_RISK,
        max_call_seconds=360,
        max_turns=36,
        no_progress_turns=4,
        min_confidence=0.45,
        misunderstood_in_a_row=2,
        misunderstood_in_call=3,
        doubted_in_call=3,
        corrections_in_call=3,
        distress_turns=2,
    ),
    "stabilisation": Limits(
        automates=LOW_RISK | {"unclear", "refill"},
        max_call_seconds=480,
        max_turns=40,
        no_progress_turns=5,
        min_confidence=0.4,
        misunderstood_in_a_row=2,
        misunderstood_in_call=4,
        doubted_in_call=4,
        corrections_in_call=4,
        distress_turns=2,
    ),
    "expansion": Limits(
        automates=frozenset(REQUESTS),
        max_call_seconds=600,
        max_turns=40,
        no_progress_turns=6,
        min_confidence=0.35,
        misunderstood_in_a_row=2,
        misunderstood_in_call=5,
        doubted_in_call=5,
        corrections_in_call=5,
        distress_turns=3,
    ),
    "production": Limits(
        automates=frozenset(REQUESTS),
        max_call_seconds=720,
        max_turns=48,
        no_progress_turns=6,
        min_confidence=0.35,
        misunderstood_in_a_row=2,
        misunderstood_in_call=6,
        doubted_in_call=6,
        corrections_in_call=6,
        distress_turns=3,
    ),
}

LIMITS: tuple[str, ...] = tuple(field.name for field in fields(Limits))
"""The names of the limits, which are the names of the policy's fields: a field left empty is the phase's own."""

MORE_IS_STRICTER = frozenset({"min_confidence"})

Own = Mapping[str, object]
"""A clinic's own limits by name; None where it keeps to its phase."""


def words(phase: str) -> str:
    """A phase as people read it."""
    return gettext(WORDS[phase])


def in_force(phase: str, own: Own) -> Limits:
    """The limits of a clinic: its own where they are stricter than its phase's, else the phase's."""
    preset = PRESETS[phase]
    return Limits(**{name: _stricter(name, own.get(name), getattr(preset, name)) for name in LIMITS})


def laxer(phase: str, own: Own) -> dict[str, str]:
    """For each of a clinic's own limits that is laxer than its phase allows, the sentence that says so."""
    preset = PRESETS[phase]
    return {
        name: _complaint(name, own[name], getattr(preset, name), phase)
        for name in LIMITS
        if own.get(name) is not None and _is_laxer(name, own[name], getattr(preset, name))
    }


def unknown(automates: object) -> dict[str, str]:
    """Why a list of what the phone takes by itself cannot be read, under the name of its field; empty when it can."""
    if automates is None:
        return {}
    if not isinstance(automates, list) or not all(isinstance(one, str) for one in automates):
        return {"automates": gettext("Give a list of requests.")}
    if strange := sorted(set(automates) - set(REQUESTS)):
        return {"automates": gettext("There is no such request: %(names)s.") % {"names": ", ".join(strange)}}
    missing = sorted(gettext(REQUESTS[one]) for one in ALWAYS - set(automates))
    return (
        {"automates": gettext("This cannot be left out: %(names)s.") % {"names": ", ".join(missing)}} if missing else {}
    )


def _stricter(name: str, own: object, preset: object) -> object:
    if own is None:
        return preset
    if name == "automates":
        return frozenset(_names(own)) & _names(preset) | ALWAYS
    return preset if _is_laxer(name, own, preset) else own


def _is_laxer(name: str, own: object, preset: object) -> bool:
    if name == "automates":
        return not _names(own) <= _names(preset)
    if not isinstance(own, int | float) or not isinstance(preset, int | float):
        return False  # no figure at all, which the field itself says
    return own < preset if name in MORE_IS_STRICTER else own > preset


def _names(value: object) -> frozenset[str]:
    assert isinstance(value, Iterable)
    return frozenset(map(str, value))


def _complaint(name: str, own: object, preset: object, phase: str) -> str:
    if name == "automates":
        beyond = sorted(gettext(REQUESTS[one]) for one in _names(own) - _names(preset) if one in REQUESTS)
        return gettext("In the %(phase)s phase a person takes these: %(names)s.") % {
            "phase": words(phase),
            "names": ", ".join(beyond),
        }
    told = (
        gettext("In the %(phase)s phase this is at least %(bound)s. Leave it empty for the phase's own.")
        if name in MORE_IS_STRICTER
        else gettext("In the %(phase)s phase this is at most %(bound)s. Leave it empty for the phase's own.")
    )
    return told % {"phase": words(phase), "bound": preset}
