"""A request from its start to its task: which field comes next, when it is complete, and when a field is given up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from calls.dialogue import forms, handing, keys, promises
from calls.dialogue.scene import Scene
from calls.dialogue.state import Request, Step
from calls.dialogue.types import Field, Intent, Value

SAME_PERSON = frozenset({Field.PATIENT_NAME, Field.DATE_OF_BIRTH})
NOT_KNOWN = "not known"


def start(scene: Scene, intent: Intent, slots: Mapping[Field, Value], *, others: tuple[Intent, ...] = ()) -> None:
    """Begin a request with what is known already; further requests of the same breath wait their turn."""
    slots = handing.worded(scene, intent, slots)
    known = scene.state.known
    request = scene.new_request(
        Request(
            intent,
            slots={**known, **slots},
            confirmed=frozenset(known) - {Field.PATIENT_NAME} - frozenset(slots),
            given_up=keys.unanswerable(scene.house),
        )
    )
    waiting = tuple(
        scene.new_request(Request(other, slots=handing.worded(scene, other, {})))
        for other in others
        if other is not intent
    )
    scene.move(request=request, queue=(*scene.state.queue, *waiting))
    _introduce(scene)


def _introduce(scene: Scene) -> None:
    """Say what the phone can do about the request and go on with it, or give it to a person."""
    request = scene.request
    assert request is not None
    if request.urgent or handing.automated(scene, request.intent):
        scene.say(f"bound.{request.intent}")
        advance(scene)
    elif handing.hand(scene, request):
        advance(scene)


def change_mind(scene: Scene, intent: Intent, slots: Mapping[Field, Value]) -> None:
    """Leave the request for another one, keeping who the patient is. One that has a task already only waits."""
    old = scene.request
    assert old is not None
    slots = handing.worded(scene, intent, slots)
    if old.opened:
        scene.move(queue=(old, *scene.state.queue))
    who = {name: value for name, value in old.slots.items() if name in forms.WHO}
    new = Request(intent, slots={**who, **slots}, confirmed=(old.confirmed & forms.WHO) - frozenset(slots))
    scene.move(request=replace(new, number=old.number) if not old.opened else scene.new_request(new))
    scene.say("mind.changed")
    _introduce(scene)


def advance(scene: Scene) -> None:
    """Ask for the next field, read back what was understood, or finish the request."""
    request = scene.request
    assert request is not None
    name = forms.next_field(request)
    if name is None:
        finish(scene)
        return
    if name is Field.CALLBACK_NUMBER and name not in request.slots and _offers_caller(scene):
        request = request.with_slot(name, Value(scene.state.caller, confidence=0.8))
    tries = scene.state.tries if name is scene.state.asking else 0
    step = Step.CONFIRM if forms.needs_yes(request, name) else Step.ASK
    scene.move(request=request, step=step, asking=name, tries=tries)


def _offers_caller(scene: Scene) -> bool:
    return bool(scene.state.caller) and not scene.state.caller_declined


def finish(scene: Scene) -> None:
    """Write the task of a complete request, remember the patient, and go on to what waits."""
    request = scene.request
    assert request is not None
    scene.write_task(request, complete=True)
    if request.urgent:
        promises.with_sentence(scene, "done.urgent" if scene.house.is_open else "done.urgent_closed", request)
    else:
        scene.say(f"done.{request.intent}")
        promises.after(scene, request)
    known = {name: request.slots[name] for name in forms.WHO & request.confirmed if name in request.slots}
    done = replace(request, opened=True)
    scene.move(
        known={**scene.state.known, **known},
        last=done,
        request=None,
        asking=None,
        tries=0,
        requests_done=scene.state.requests_done + 1,
        step=Step.MORE,
    )
    if scene.state.queue:
        _next_in_queue(scene)


def _next_in_queue(scene: Scene) -> None:
    following, *rest = scene.state.queue
    known = scene.state.known
    slots = {**known, **following.slots}
    confirmed = following.confirmed | (frozenset(known) - frozenset(following.slots) - {Field.PATIENT_NAME})
    scene.move(request=replace(following, slots=slots, confirmed=confirmed), queue=tuple(rest))
    scene.say("queue.next")
    _introduce(scene)


def fill(scene: Scene, slots: Mapping[Field, Value]) -> None:
    """Take answers that came along, if the request asks for them; what the caller has given is not overwritten."""
    request = scene.request
    assert request is not None
    wanted = (*forms.fields_of(request), *forms.ALWAYS_WELCOME)
    for name, value in slots.items():
        if name in wanted and name not in request.slots:
            request = request.with_slot(name, value)
    scene.move(request=request)


def failed(scene: Scene, *sentences: str) -> None:
    """Count a failed answer: ask again, then by keys where keys can answer, then a person."""
    name = scene.state.asking
    assert name is not None
    tries = scene.state.tries + 1
    scene.move(tries=tries)
    limit = forms.TRIES + 1 if name in forms.KEYPAD else forms.TRIES
    if scene.house.limits.misunderstood_in_a_row < forms.TRIES:
        limit = scene.house.limits.misunderstood_in_a_row
    if tries >= limit:
        give_up(scene)
        return
    for key in sentences:
        scene.say(key)


def give_up(scene: Scene) -> None:
    """Nobody can read this field: say so honestly, tell a person, connect one or go on without it."""
    request, name = scene.request, scene.state.asking
    assert request is not None
    assert name is not None
    scene.escalate("not_understood", "attention", f"Could not understand: {name.replace('_', ' ')}")
    scene.say("sorry.person")
    scene.move(request=request.without_hope(name), tries=0)
    if scene.person_available:
        scene.say("person.connecting")
        scene.dial()
        return
    scene.say("sorry.skip")
    advance(scene)


def resume(scene: Scene) -> None:
    """Go back to the step that a safety question interrupted."""
    step = scene.state.paused or Step.ROUTE
    if step in (Step.ASK, Step.CONFIRM) and scene.request is None:
        step = Step.ROUTE
    scene.move(step=step, paused=None, clarify="")
