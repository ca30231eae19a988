"""What follows from danger in the caller's words. Nothing a caller or a model says later takes a finding away."""

from __future__ import annotations

from dataclasses import replace

from calls.dialogue import closing, language, people, promises
from calls.dialogue.reply import Then
from calls.dialogue.requests import advance, resume
from calls.dialogue.scene import Scene
from calls.dialogue.state import Request, Step
from calls.dialogue.types import ESCALATES_NOW, SEVERITY, Control, Field, Finding, FindingKind, Intent, Lang, Value

LISTENING_TURNS = 4
"""How many turns the phone goes on listening after an emergency before it says goodbye."""


def handle(scene: Scene) -> bool:
    """Act on an emergency, a crisis or an urgent finding of this utterance."""
    alarming = [found for found in scene.verdict.findings if found.kind in ESCALATES_NOW]
    if alarming:
        _alarm(scene, alarming)
        return True
    urgent = next((found for found in scene.verdict.findings if found.kind is FindingKind.URGENT), None)
    return _urgent(scene, urgent) if urgent else False


def _alarm(scene: Scene, findings: list[Finding]) -> None:
    """Raise each kind once, say what to do for each, and connect a person unless that has just failed."""
    worst = {found.kind: found for found in reversed(findings)}
    for kind in sorted(worst, key=SEVERITY.index):
        scene.escalate(kind, "emergency", f"Possible {kind}: {worst[kind].reason}", worst[kind])
    for lang in _languages(scene, findings):
        for kind in sorted(worst, key=SEVERITY.index):
            scene.say("danger.crisis" if kind is FindingKind.CRISIS else "danger.emergency", lang=lang)
    if scene.state.dial_failed:
        scene.move(step=Step.DANGER)
    else:
        scene.say("danger.connecting")
        scene.dial()


def _languages(scene: Scene, findings: list[Finding]) -> list[Lang]:
    """The call's language, and the one whose rules caught the words: frightened callers fall back on their own."""
    own = scene.state.lang
    caught = {found.rule.partition(".")[0] for found in findings}
    others = [lang for lang in Lang if lang is not own and lang in caught and own not in caught]
    return [own, *others]


def _urgent(scene: Scene, finding: Finding) -> bool:
    """Tell the clinic once, open the nurse's task at once, and go on collecting who it is."""
    scene.escalate("urgent", "urgent", f"Same-day red flag: {finding.reason}", finding)
    if "urgent" in scene.before.escalated or scene.state.step is Step.DANGER:
        return False
    if scene.request:
        scene.move(queue=(scene.request, *scene.state.queue))
    slots = dict(scene.state.known)
    slots.update({name: value for name, value in scene.meaning.slots.items() if name is Field.PATIENT_NAME})
    slots[Field.QUESTION] = Value(scene.heard.words, scene.heard.words)
    request = scene.new_request(
        Request(
            Intent.MEDICAL_ADVICE,
            slots=slots,
            confirmed=frozenset(scene.state.known) & frozenset(slots),
            urgent=True,
        )
    )
    scene.write_task(request, complete=False)
    _say_when_a_nurse_calls(scene, request)
    scene.move(request=replace(request, opened=True), paused=None)
    advance(scene)
    return True


def _say_when_a_nurse_calls(scene: Scene, request: Request) -> None:
    """Promise today only while people are there today."""
    if scene.house.is_open:
        promises.with_sentence(scene, "urgent.told", request)
        return
    opens = scene.house.opens_next.get(scene.state.lang, "")
    promises.with_sentence(scene, "urgent.told_closed", request, opens=f", {opens}" if opens else "")


def interrupt(scene: Scene) -> None:
    """Put a safety question in front of whatever would have been asked next: at most one a turn, each once a call."""
    if scene.then is not Then.LISTEN or scene.state.step in (Step.DANGER, Step.CLARIFY, Step.OFFER_PERSON):
        return
    if scene.verdict.ask and scene.verdict.ask not in scene.state.clarified:
        _pause_for(scene, Step.CLARIFY)
        scene.move(clarify=scene.verdict.ask, clarified=(*scene.state.clarified, scene.verdict.ask))
        return
    found = next((one for one in scene.verdict.findings if one.kind is FindingKind.DISTRESS), None)
    if found:
        _distressed(scene, found)


def _distressed(scene: Scene, found: Finding) -> None:
    """Offer a person at the first sign; at the clinic's limit connect one, or say when somebody can be reached."""
    turns = scene.state.distressed + 1
    scene.move(distressed=turns)
    at_limit = turns == scene.house.limits.distress_turns
    if not scene.escalations and (at_limit or not scene.state.offered_person):
        scene.said.clear()
    if at_limit:
        scene.escalate("distress", "attention", f"Caller in distress: {found.reason}", found)
        scene.say("distress.person")
        people.connect_or_message(scene)
    elif not scene.state.offered_person:
        scene.escalate("distress", "attention", f"Caller in distress: {found.reason}", found)
        _pause_for(scene, Step.OFFER_PERSON)
        scene.move(offered_person=True)


def _pause_for(scene: Scene, step: Step) -> None:
    if not scene.escalations:
        scene.said.clear()  # what leads to the next question waits; what was said about danger stands
    scene.move(paused=scene.state.step, step=step)


def answer(scene: Scene) -> bool:
    """Read the answer to a safety question, or what is said after an alarm."""
    match scene.state.step:
        case Step.CLARIFY:
            _clarified(scene)
        case Step.OFFER_PERSON:
            _person_offered(scene)
        case Step.DANGER:
            _after_alarm(scene)
        case _:
            return False
    return True


def _clarified(scene: Scene) -> None:
    """Only a clear no goes on. A yes in words was found by the rules already; anything else errs on the safe side."""
    if scene.meaning.says(Control.NO) or scene.heard.digits == "2":
        resume(scene)
        _say_its_bounds(scene)
        return
    unanswered = scene.heard.silent or scene.meaning.says(Control.YES) or scene.heard.digits == "1"
    kind = FindingKind.EMERGENCY if unanswered else FindingKind.URGENT
    found = Finding(kind, f"answered.{scene.state.clarify}", "no clear no to a safety question")
    resume(scene)
    if kind is FindingKind.EMERGENCY:
        _alarm(scene, [found])
    else:
        _urgent(scene, found)


def _say_its_bounds(scene: Scene) -> None:
    """What the phone can do about a request was held back when the safety question came in front of it."""
    request = scene.request
    if request is not None and not (request.opened or request.handed or request.confirmed):
        scene.say(f"bound.{request.intent}")


def _person_offered(scene: Scene) -> None:
    if scene.heard.digits == "1" or scene.meaning.says(Control.YES):
        resume(scene)
        people.connect_or_message(scene)
        return
    scene.say("distress.go_on")
    resume(scene)
    _say_its_bounds(scene)


def _after_alarm(scene: Scene) -> None:
    """Keep listening after an alarm nobody answered: what is said is on record, and the number is repeated."""
    number = scene.meaning.slots.get(Field.CALLBACK_NUMBER) or language.read_digits(
        Field.CALLBACK_NUMBER, scene.heard.digits, now=scene.now
    )
    if number and Field.CALLBACK_NUMBER not in scene.state.known:
        scene.move(known={**scene.state.known, Field.CALLBACK_NUMBER: number})
        request = Request(Intent.CALLBACK, slots={Field.CALLBACK_NUMBER: number}, urgent=True)
        scene.write_task(scene.new_request(request), complete=False)
    elif scene.state.idle + 1 >= LISTENING_TURNS:
        scene.say("greet.emergency")
        closing.goodbye(scene)
        return
    scene.say("danger.still")
