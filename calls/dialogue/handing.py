"""Requests that are a person's from the start, because the clinic's phase does not let the phone take them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from calls.dialogue import wording
from calls.dialogue.scene import Scene
from calls.dialogue.state import Request
from calls.dialogue.types import Field, Intent, Value


def automated(scene: Scene, intent: Intent) -> bool:
    """Whether the phone takes requests of this kind by itself."""
    return intent in scene.house.limits.automates


def worded(scene: Scene, intent: Intent, slots: Mapping[Field, Value]) -> Mapping[Field, Value]:
    """The answers that came with a request; what a person will handle keeps the caller's own words as its reason."""
    if automated(scene, intent) or Field.REASON in slots or not scene.heard.words:
        return slots
    return {**slots, Field.REASON: Value(scene.heard.words, scene.heard.words)}


def hand(scene: Scene, request: Request) -> bool:
    """Connect a person for the request, or say why not; True when a message is to be taken now."""
    known = request.slots
    if Field.QUESTION in known and Field.REASON not in known:
        request = request.with_slot(Field.REASON, known[Field.QUESTION])
    scene.move(request=replace(request, handed=True))
    key = f"hand.{request.intent}"
    scene.say(key if key in wording.TABLE else "hand.other")
    if scene.person_available:
        scene.say("person.connecting")
        scene.dial()
        return False
    say_why_not(scene)
    scene.say("hand.message")
    return True


def say_why_not(scene: Scene) -> None:
    """The honest reason why no person can be connected now."""
    opens = scene.house.opens_next.get(scene.state.lang, "")
    if scene.house.is_open:
        scene.say("person.no_answer")
    elif opens:
        scene.say("person.closed", opens=opens)
    else:
        scene.say("person.closed_unknown")
