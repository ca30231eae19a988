"""The way to a person: connecting, what follows when nobody answers, and an honest word when nobody is there."""

from __future__ import annotations

from dataclasses import replace

from calls.dialogue import closing, first, promises
from calls.dialogue.handing import say_why_not
from calls.dialogue.requests import advance, start
from calls.dialogue.scene import ALARMING, Scene
from calls.dialogue.state import Step
from calls.dialogue.types import Field, FindingKind, Intent

HELD = frozenset({"completed", "answered"})
ASKS_FOR_PERSON = 0.6


def after_dial(scene: Scene) -> bool:
    """Go on after an attempt to connect: over when a person took the call, else back to the caller."""
    if not scene.heard.dial:
        return False
    if scene.heard.dial in HELD:
        closing.goodbye(scene, outcome="handed_over")
        return True
    if first.nobody_answered(scene):
        return True
    scene.move(dial_failed=True)
    if closing.is_last_turn(scene):
        closing.goodbye(scene)
    elif not ALARMING.isdisjoint(scene.state.escalated):
        scene.say("danger.no_answer")
        scene.move(step=Step.DANGER)
    elif scene.request:
        scene.say("person.no_answer")
        if scene.request.handed:
            scene.say("hand.message")
        advance(scene)
    else:
        take_message(scene)
    return True


def handle(scene: Scene) -> bool:
    """Connect a caller who asks for a person in words or with the 0 key, or say when people are there."""
    if not _asks_for_person(scene) or scene.state.step is Step.DANGER:
        return False
    request = scene.request
    taking_message = request is not None and request.intent in (Intent.CALLBACK, Intent.HUMAN_REQUEST)
    if not scene.person_available and taking_message and scene.heard.digits != "0":
        return False
    scene.escalate("human_request", "attention", "Asked for a person")
    if scene.person_available:
        scene.say("person.connecting")
        scene.dial()
    elif request is None:
        take_message(scene)
    else:
        say_why_not(scene)
        scene.move(step=scene.state.paused or scene.state.step, paused=None)
    return True


def _asks_for_person(scene: Scene) -> bool:
    if scene.heard.digits == "0" or scene.verdict.has(FindingKind.HUMAN_REQUEST):
        return True
    asked_openly = scene.state.step in (Step.ROUTE, Step.MORE)
    meaning = scene.meaning
    return asked_openly and meaning.intent is Intent.HUMAN_REQUEST and meaning.confidence >= ASKS_FOR_PERSON


def connect_or_message(scene: Scene) -> None:
    """Connect a person when one is there, else take a message."""
    if scene.person_available:
        scene.say("person.connecting")
        scene.dial()
    elif scene.request:
        say_why_not(scene)
        advance(scene)
    else:
        take_message(scene)


def take_message(scene: Scene) -> None:
    """Say why nobody can be reached and collect what staff need to call back."""
    say_why_not(scene)
    slots = {name: value for name, value in scene.meaning.slots.items() if name is not Field.QUESTION}
    start(scene, Intent.HUMAN_REQUEST, slots)
    if scene.state.dial_failed:
        _promise_at_once(scene)


def _promise_at_once(scene: Scene) -> None:
    """Whoever was to speak with a person and could not is called back, even if they say nothing more."""
    request = scene.request
    if request is None or request.intent is not Intent.HUMAN_REQUEST or not scene.state.caller:
        return
    scene.write_task(request, complete=False)
    promises.after(scene, request)
    scene.move(request=replace(request, opened=True))
