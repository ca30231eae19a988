"""The answer to the question that stands: what is wanted, a field, or a yes or no."""

from __future__ import annotations

from collections.abc import Mapping

from calls.dialogue import forms, handing, language
from calls.dialogue.control import not_understood
from calls.dialogue.requests import NOT_KNOWN, SAME_PERSON, advance, change_mind, failed, fill
from calls.dialogue.routing import answer_fact, corrected, slots_for, wanted
from calls.dialogue.scene import Scene
from calls.dialogue.state import Request, Step
from calls.dialogue.types import Control, Field, FindingKind, Intent, Value

SURE_OF_CHANGE = 0.75
LATE_CORRECTIONS = 3
TIMES = frozenset({Field.APPOINTMENT_WHEN, Field.PREFERRED_TIME})
"""Two fields that sound the same: a day that answers one is not taken for the other."""

EMPTY_ANSWERS = frozenset({Control.YES, Control.NO, Control.THANKS, Control.CORRECTION})
"""Words that are no answer to an open question when they stand alone."""

ALSO = frozenset({"also", "too", "plus", "another", "también", "tambien", "además", "ademas"})


def handle(scene: Scene) -> bool:
    """Read the utterance as the answer that the step waits for."""
    match scene.state.step:
        case Step.ASK:
            _field(scene)
        case Step.CONFIRM:
            _yes_or_no(scene)
        case _:
            wanted(scene)
    return True


# --- a field ----------------------------------------------------------------------------------------------------


def _field(scene: Scene) -> None:
    request, name = scene.request, scene.state.asking
    assert request is not None
    assert name is not None
    if scene.heard.digits:
        _keyed(scene, name)
    elif _turns_elsewhere(scene, request, name):
        return
    elif who := _who_instead(scene, name):
        fill(scene, who)
        advance(scene)
    elif (value := _spoken(scene, name)) is not None:
        scene.move(request=request.with_slot(name, value))
        fill(scene, {key: value for key, value in scene.meaning.slots.items() if not {key, name} <= TIMES})
        _note_question(scene)
        advance(scene)
    elif scene.meaning.says(Control.DONT_KNOW) and name is not Field.PATIENT_NAME:
        scene.move(request=request.without_hope(name))
        advance(scene)
    else:
        fill(scene, {key: value for key, value in scene.meaning.slots.items() if key is not name})
        not_understood(scene)


def _keyed(scene: Scene, name: Field) -> None:
    request = scene.request
    assert request is not None
    value = language.read_digits(name, scene.heard.digits, now=scene.now)
    if value is not None:
        scene.move(request=request.with_slot(name, value))
        advance(scene)
    elif name is Field.DATE_OF_BIRTH:
        failed(scene, "sorry.invalid_date")
    elif name is Field.CALLBACK_NUMBER:
        failed(scene, "sorry.invalid_number")
    else:
        not_understood(scene)


def _who_instead(scene: Scene, name: Field) -> Mapping[Field, Value]:
    """Who the call is about, told instead: "Which test?" "I'm Ann Miller". What was asked is asked again."""
    slots = scene.meaning.slots
    if name in slots or name in forms.ANY_WORDS or name in forms.READ_BACK:
        return {}
    return {key: value for key, value in slots.items() if key in (Field.PATIENT_NAME, Field.DATE_OF_BIRTH)}


def _spoken(scene: Scene, name: Field) -> Value | None:
    """The value of the field that was asked for; in a free-text field whatever was said is one."""
    value = scene.meaning.slots.get(name)
    takes_back = scene.meaning.says(Control.CORRECTION) and name not in forms.FIGURES
    if takes_back and language.only_takes_back(scene.heard.words, lang=scene.state.lang):
        return None
    if value is not None:
        return value
    if name not in forms.FREE_TEXT or not scene.heard.words:
        return None
    if scene.meaning.says(Control.DONT_KNOW):
        return Value(NOT_KNOWN, scene.heard.words)
    if scene.meaning.controls & EMPTY_ANSWERS and len(scene.heard.words.split()) <= 2:
        return None
    return Value(scene.heard.words, scene.heard.words)


def _turns_elsewhere(scene: Scene, request: Request, name: Field) -> bool:
    """Notice a correction of another field, a question with a fact for an answer, or a change of mind."""
    meaning = scene.meaning
    if _revises(scene, request, name):
        return True
    if (
        meaning.intent is Intent.GENERAL
        and meaning.topic
        and name not in meaning.slots
        and answer_fact(scene, meaning.intent)
    ):
        return True
    if not _wants_other(scene, request, name):
        return False
    if ALSO & set(scene.heard.words.lower().split()):
        slots = handing.worded(scene, meaning.intent, slots_for(scene, meaning.intent))
        waiting = scene.new_request(Request(meaning.intent, slots=slots))
        scene.move(queue=(*scene.state.queue, waiting))
    else:
        change_mind(scene, meaning.intent, slots_for(scene, meaning.intent))
    return True


def _revises(scene: Scene, request: Request, name: Field) -> bool:
    """Take a correction of another field, and the answer to the question that stands where one came with it."""
    revision = _revision(scene, request, name)
    if not revision.changes:
        return False
    answer = scene.meaning.slots.get(name)
    if answer is not None and (name in forms.FIGURES or revision.leaves(answer)):
        scene.move(request=request.with_slot(name, answer))
    _take_corrections(scene, revision.changes)
    return True


def _revision(scene: Scene, request: Request, name: Field) -> language.Revision:
    return language.revise(
        scene.heard.words, lang=scene.state.lang, now=scene.now, known=request.slots, meaning=scene.meaning, asked=name
    )


def _wants_other(scene: Scene, request: Request, name: Field) -> bool:
    meaning = scene.meaning
    if meaning.intent in (Intent.UNCLEAR, Intent.HUMAN_REQUEST, Intent.GENERAL, request.intent):
        return False
    if name in forms.ANY_WORDS and not meaning.says(Control.CORRECTION):
        return False
    return meaning.confidence >= SURE_OF_CHANGE and name not in meaning.slots


def _take_corrections(scene: Scene, fixed: Mapping[Field, Value]) -> None:
    request = scene.request
    assert request is not None
    scene.corrected = True
    for key, value in fixed.items():
        request = request.with_slot(key, value)
    scene.move(request=request)
    scene.say("confirm.corrected")
    advance(scene)


def _note_question(scene: Scene) -> None:
    """A medical question inside another answer becomes a request of its own: it is a clinician's to answer."""
    request = scene.request
    if request is None or request.urgent or request.intent is Intent.MEDICAL_ADVICE:
        return
    asked_before = any(one.intent is Intent.MEDICAL_ADVICE for one in scene.state.queue)
    if asked_before or not scene.verdict.has(FindingKind.MEDICAL_ADVICE):
        return
    words = Value(scene.heard.words, scene.heard.words)
    question = scene.new_request(Request(Intent.MEDICAL_ADVICE, slots={Field.QUESTION: words}))
    scene.move(queue=(*scene.state.queue, question))
    scene.say("bound.medical_advice")


# --- yes or no --------------------------------------------------------------------------------------------------


def _yes_or_no(scene: Scene) -> None:
    request, name = scene.request, scene.state.asking
    assert request is not None
    assert name is not None
    meaning, digits = scene.meaning, scene.heard.digits
    fresh = meaning.slots.get(name)
    if fresh is not None and fresh.text == request.slots[name].text:
        fresh = None  # "yes, Walgreens on Main" says it again rather than anew
        if not meaning.says(Control.NO):
            _believe(scene, request, name)
            return
    if fresh is None and _revises_beside(scene, request, name):
        return
    if language.takes_back(scene.heard.words) and name in corrected(scene, request):
        _correct(scene, request, name, fresh)  # "yes, but March, not May"
    elif digits == "1" or (meaning.says(Control.YES) and not meaning.says(Control.NO) and fresh is None):
        _believe(scene, request, name)
    elif digits == "2" or meaning.says(Control.NO, Control.CORRECTION) or fresh is not None:
        _correct(scene, request, name, fresh)
    elif _wants_other(scene, request, name):
        change_mind(scene, meaning.intent, slots_for(scene, meaning.intent))
    elif len(digits) > 1:
        _keyed(scene, name)
    else:
        fill(scene, meaning.slots)
        scene.misunderstood = True
        failed(scene, "confirm.yes_no")


def _revises_beside(scene: Scene, request: Request, name: Field) -> bool:
    """Take a correction of another field than the one read back: "yes, and it's Tuesday, not Monday".

    Without a yes the value that was read back stays open and is read back again.
    """
    if not scene.heard.words:
        return False
    revision = _revision(scene, request, name)
    if not revision.changes or name in corrected(scene, request):
        return False
    if scene.meaning.says(Control.YES) and not scene.meaning.says(Control.NO):
        _confirm(scene, request, name)
    _take_corrections(scene, revision.changes)
    return True


def _believe(scene: Scene, request: Request, name: Field) -> None:
    _confirm(scene, request, name)
    fill(scene, scene.meaning.slots)
    advance(scene)


def _confirm(scene: Scene, request: Request, name: Field) -> None:
    names = {name}
    if name is Field.PATIENT_NAME and scene.state.known.get(name) == request.slots[name]:
        names |= SAME_PERSON & set(request.slots)
    for one in names:
        request = request.with_slot(one, request.slots[one], confirmed=True)
    scene.move(request=request, tries=0)


def _correct(scene: Scene, request: Request, name: Field, fresh: Value | None) -> None:
    """Take the correction and read it back again, or ask anew when the caller only said no."""
    scene.corrected = not _is_our_guess(scene, request, name)
    fixed = corrected(scene, request) if scene.heard.words else {}
    if name is Field.PATIENT_NAME and fresh and set(fresh.text.split()) < set(request.slots[name].text.split()):
        fresh = None  # "no, P A R K" spells what was understood already: read it back once more
        scene.move(tries=scene.state.tries + 1)
        if scene.state.tries < LATE_CORRECTIONS:
            return
    value = fixed.pop(name, None) or fresh
    wrong_before = scene.state.tries
    if value is not None and value.text != request.slots[name].text and wrong_before < LATE_CORRECTIONS:
        scene.move(request=request.with_slot(name, value), tries=wrong_before + 1)
        advance(scene)
        return
    if fixed and not scene.meaning.says(Control.NO):
        _take_corrections(scene, fixed)
        return
    _ask_anew(scene, request, name)


def _is_our_guess(scene: Scene, request: Request, name: Field) -> bool:
    """Whether the value was proposed by the phone and not said by the caller: a no to it corrects nothing."""
    if name is Field.CALLBACK_NUMBER:
        return request.slots[name].text == scene.state.caller
    return name is Field.PATIENT_NAME and scene.state.known.get(name) == request.slots[name]


def _ask_anew(scene: Scene, request: Request, name: Field) -> None:
    if _is_our_guess(scene, request, name):
        if name is Field.CALLBACK_NUMBER:
            scene.move(request=request.without(name), caller_declined=True)
        else:
            scene.move(request=request.without(*SAME_PERSON), known={})
        advance(scene)
        return
    scene.move(request=request.without(name), step=Step.ASK)
    failed(scene, "confirm.try_again")
