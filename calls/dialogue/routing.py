"""What is wanted: the first thing of a call and anything else after it, facts that are answered at once included."""

from __future__ import annotations

from calls.dialogue import closing, forms, handing, language
from calls.dialogue.control import half_heard, not_understood
from calls.dialogue.reply import Sentence
from calls.dialogue.requests import start
from calls.dialogue.scene import Scene
from calls.dialogue.state import Request, Step
from calls.dialogue.types import Control, Field, FindingKind, Intent, Value

MENU = {"1": Intent.APPOINTMENT, "3": Intent.REFILL, "4": Intent.TEST_RESULT, "5": Intent.CALLBACK}

BY_FINDING = {
    FindingKind.MEDICAL_ADVICE: Intent.MEDICAL_ADVICE,
    FindingKind.TEST_RESULT: Intent.TEST_RESULT,
    FindingKind.MEDICATION: Intent.REFILL,
}


def wanted(scene: Scene) -> None:
    """Start what the caller wants, answer a fact, close the call, or ask again."""
    meaning = scene.meaning
    if scene.state.step is Step.MORE and _closes(scene):
        return
    intent = MENU.get(scene.heard.digits, _intent(scene))
    answered = answer_fact(scene, intent)
    others = tuple(one for one in meaning.others if one is not Intent.GENERAL)  # without a fact it adds no request
    intents = others if answered and intent is Intent.GENERAL else (intent, *others)
    if not intents:
        scene.move(step=Step.MORE)
    elif intents[0] is Intent.UNCLEAR or half_heard(scene.before, scene.heard, meaning):
        not_understood(scene)
    else:
        start(scene, intents[0], slots_for(scene, intents[0]), others=intents[1:])


def _intent(scene: Scene) -> Intent:
    """The intent of the words; where they are vague, what the safety rules noticed decides."""
    meaning = scene.meaning
    if meaning.intent is Intent.UNCLEAR or (meaning.intent is Intent.GENERAL and not meaning.topic):
        for finding in scene.verdict.findings:
            if finding.kind in BY_FINDING:
                return BY_FINDING[finding.kind]
    return meaning.intent


def slots_for(scene: Scene, intent: Intent) -> dict[Field, Value]:
    """The answers that came with a request; unsure ones are left to be asked for."""
    slots = {
        name: value
        for name, value in scene.meaning.slots.items()
        if name in forms.READ_BACK or value.confidence >= forms.VOLUNTEERED
    }
    if intent is Intent.GENERAL and Field.QUESTION not in slots and scene.heard.words:
        slots[Field.QUESTION] = Value(scene.heard.words, scene.heard.words)
    return slots


def answer_fact(scene: Scene, intent: Intent) -> bool:
    """Say the clinic's approved fact when that is what was asked for."""
    meaning, lang = scene.meaning, scene.state.lang
    if Intent.GENERAL not in (intent, *meaning.others) or not meaning.topic:
        return False
    if not handing.automated(scene, Intent.GENERAL):
        return False
    text = scene.house.facts.get((meaning.topic, lang))
    if not text:
        return False
    scene.said.append(Sentence(f"fact.{meaning.topic}", text, lang))
    if meaning.topic not in scene.state.told:
        scene.move(told=(*scene.state.told, meaning.topic))
    return True


def _closes(scene: Scene) -> bool:
    """Read what is said after a finished request: a late correction, "no, that is all", or "yes"."""
    meaning = scene.meaning
    if meaning.intent is Intent.UNCLEAR and _late_correction(scene):
        return True
    done = meaning.says(Control.NO, Control.NOTHING_ELSE, Control.GOODBYE, Control.THANKS)
    if scene.heard.digits == "2" or (done and meaning.intent is Intent.UNCLEAR):
        closing.goodbye(scene)
        return True
    if scene.heard.digits == "1" or (meaning.says(Control.YES) and _intent(scene) is Intent.UNCLEAR):
        scene.move(step=Step.ROUTE)
        return True
    return False


def _late_correction(scene: Scene) -> bool:
    last = scene.state.last
    if last is None or not scene.meaning.says(Control.CORRECTION, Control.NO):
        return False
    fixed = corrected(scene, last)
    if not fixed:
        return False
    for name, value in fixed.items():
        last = last.with_slot(name, value, confirmed=True)
        if name in scene.state.known:
            scene.move(known={**scene.state.known, name: value})
    scene.corrected = True
    scene.write_task(last, complete=True)
    scene.move(last=last)
    scene.say("confirm.corrected")
    return True


def corrected(scene: Scene, request: Request) -> dict[Field, Value]:
    """The fields of a request that the words correct, with their new values."""
    return dict(
        language.correct(
            scene.heard.words,
            lang=scene.state.lang,
            now=scene.now,
            known=request.slots,
            last=scene.state.asking,
        )
    )
