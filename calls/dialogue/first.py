"""Who answers first: the assistant, the clinic's people, or a voicemail. The clinic's mode and its hours decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType

from calls.dialogue import closing, consent, promises, wording
from calls.dialogue.house import House
from calls.dialogue.levels import Level
from calls.dialogue.reply import Sentence, Then
from calls.dialogue.scene import Scene
from calls.dialogue.state import Request, State, Step
from calls.dialogue.types import Field, Intent, Lang, Value

MOST_SECONDS = 180
"""How long a voicemail may be."""


UNHEARD = ", not yet listened to"
"""Of a message's task, until somebody of the clinic has listened to it."""


class First(StrEnum):
    """Who answers now. `STAFF` is followed by the assistant when nobody answers, `STAFF_ONLY` by the voicemail."""

    ASSISTANT = "assistant"
    STAFF = "staff"
    STAFF_ONLY = "staff_only"
    VOICEMAIL = "voicemail"


MODES: Mapping[str, tuple[First, First]] = MappingProxyType(
    {
        "assistant_first": (First.ASSISTANT, First.ASSISTANT),
        "staff_first": (First.STAFF, First.ASSISTANT),
        "when_closed": (First.STAFF_ONLY, First.ASSISTANT),
        "off": (First.STAFF_ONLY, First.VOICEMAIL),
    }
)
"""The modes of `CallPolicy.answers`: who answers while the clinic is open, and who while it is closed."""


def who(house: House) -> First:
    """Who answers a call that comes in now. Where nothing else works, a message is taken."""
    if house.level is Level.RECORD:
        return First.VOICEMAIL
    while_open, while_closed = MODES[house.answers]
    return while_open if house.is_open else while_closed


def greeting(house: House, lang: Lang) -> list[Sentence]:
    """Who answers, that it is a machine, what to do in an emergency, recording, Spanish, the way to a person."""
    said = []
    if own := house.greetings.get(lang):
        said.append(replace(wording.speak("greet.hello", lang, clinic=house.name), text=own))
        said.append(wording.speak("bot.short", lang))
    else:
        said.append(wording.speak("greet.hello", lang, clinic=house.name))
    said.append(wording.speak("greet.emergency", lang, emergency=wording.digit_by_digit(house.emergency_number)))
    if house.recording:
        said.append(wording.speak("greet.recording", lang))
    if house.spanish and lang is Lang.EN:
        said.append(wording.speak("greet.spanish", Lang.ES))
    said.append(wording.speak("greet.person", lang))
    return said


def voicemail(house: House, lang: Lang) -> list[Sentence]:
    """What a caller hears before the tone, in both languages where the clinic speaks both."""
    others = [Lang.ES] if house.spanish and lang is Lang.EN else []
    emergency = wording.digit_by_digit(house.emergency_number)
    return [wording.speak("voicemail.ask", one, clinic=house.name, emergency=emergency) for one in (lang, *others)]


def nobody_answered(scene: Scene) -> bool:
    """The clinic's people were rung first and did not answer: the assistant greets, or the voicemail does."""
    if scene.before.n or scene.before.step is not Step.DIALLING:
        return False
    if who(scene.house) is First.STAFF_ONLY:
        record(scene)
        return True
    scene.move(dial_failed=True)
    scene.state, scene.consent = begin(scene.state, scene.house)
    scene.said.extend(greeting(scene.house, scene.state.lang))
    scene.record = scene.consent == consent.ANNOUNCED
    return True


def begin(state: State, house: House) -> tuple[State, str]:
    """What the assistant waits for first, and what it says of recording, a key of `consent.SAID` or ""."""
    if house.asks_to_record:
        return state.but(step=Step.CONSENT), consent.ASKED
    return state.but(step=Step.ROUTE), consent.ANNOUNCED if house.recording else ""


def record(scene: Scene) -> None:
    """Ask for a message after the tone."""
    scene.said.extend(voicemail(scene.house, scene.state.lang))
    scene.then, scene.consent = Then.RECORD, consent.VOICEMAIL
    scene.move(step=Step.VOICEMAIL)


def take_voicemail(scene: Scene) -> bool:
    """Write the task of the message that was left; who said nothing is called back if their number is known."""
    if scene.state.step is not Step.VOICEMAIL:
        return False
    if not scene.heard.recorded_seconds:
        closing.silent_goodbye(scene)
        return True
    told = Value(f"Voicemail, {scene.heard.recorded_seconds} seconds{UNHEARD}")
    request = scene.new_request(Request(Intent.CALLBACK, slots={Field.REASON: told}, unheard=True))
    scene.write_task(request, complete=True)
    scene.say("voicemail.kept")
    promises.after(scene, request)
    scene.move(requests_done=scene.state.requests_done + 1)
    closing.goodbye(scene)
    return True
