"""What callers say to the machine rather than in answer to it: silence, "repeat", "wait", another language, goodbye."""

from __future__ import annotations

from calls.dialogue import closing, consent, forms, handing, language, people
from calls.dialogue.requests import failed
from calls.dialogue.scene import Scene
from calls.dialogue.state import State, Step
from calls.dialogue.types import Control, Heard, Intent, Lang, Meaning

SILENCES = 3
WORDS_OF_A_REQUEST = 4
PATIENCE = 20
"""Seconds of silence allowed to a caller who asked us to wait."""
SURE_OF_HALF = 0.8
"""From this confidence a request stands although its end was not heard: "I'd like to make an appointment for my"."""


def silence(scene: Scene) -> bool:
    """Ask again after a silence, offer keys after the second, say goodbye after the third."""
    if not scene.heard.silent:
        return False
    silences = scene.before.silences + 1
    scene.move(silences=silences)
    if scene.state.step is Step.CLARIFY and silences >= 2:
        return False
    if silences >= SILENCES:
        closing.silent_goodbye(scene)
        return True
    scene.say("sorry.silence")
    if silences >= forms.TRIES and scene.state.step is Step.ASK and scene.state.asking in forms.KEYPAD:
        scene.move(tries=max(scene.state.tries, forms.TRIES))
    return True


def unclear_line(scene: Scene) -> bool:
    """Do not believe words the recogniser itself doubts. The safety rules have judged them before this."""
    heard = scene.heard
    doubted = heard.words and heard.confidence is not None and heard.confidence < scene.house.limits.min_confidence
    if not doubted or heard.digits or scene.state.step in (Step.CLARIFY, Step.DANGER):
        return False
    scene.doubted = True
    not_understood(scene, "sorry.line")
    return True


def not_understood(scene: Scene, sentence: str = "sorry.unclear") -> None:
    """Ask again; after as many in a row as the clinic allows a person should help."""
    scene.misunderstood = True
    if scene.state.step in (Step.ASK, Step.CONFIRM):
        failed(scene, sentence)
    elif scene.before.unclear + 1 >= scene.house.limits.misunderstood_in_a_row:
        scene.escalate("not_understood", "attention", f"Not understood {scene.before.unclear + 1} times in a row")
        scene.say("sorry.person")
        people.connect_or_message(scene)
    elif not scene.doubted and cut_short(scene.before, scene.heard):
        scene.cut_short = True
        scene.say("sorry.cut_short")
    elif not scene.doubted and _is_unknown_request(scene):
        scene.escalate("not_understood", "attention", "A request that was not understood")
        scene.say("sorry.person")
        people.connect_or_message(scene)
    else:
        scene.say(sentence)


def cut_short(state: State, heard: Heard) -> bool:
    """Whether what is wanted was not heard to its end: the rest is asked for at once, before anything is made of "he's"
    or "my husband fell and". Whoever talks so twice in a row is not told so again."""
    asked = state.step in (Step.ROUTE, Step.MORE) and not state.unclear and not heard.digits
    return asked and language.breaks_off(heard.words, lang=state.lang)


def half_heard(state: State, heard: Heard, meaning: Meaning) -> bool:
    """Whether the words had no end and say little for what they were taken for: "Mary has gone into" is no refill."""
    return meaning.confidence < SURE_OF_HALF and cut_short(state, heard)


def _is_unknown_request(scene: Scene) -> bool:
    """Whether the caller asked for something, more than a hello, that this clinic wants a person to sort out."""
    asked = scene.state.step is Step.ROUTE and len(scene.heard.words.split()) >= WORDS_OF_A_REQUEST
    return asked and not scene.verdict.findings and not handing.automated(scene, Intent.UNCLEAR)


def handle(scene: Scene) -> bool:
    """Act on a control word that stands in any step."""
    if scene.state.step is Step.DANGER:
        return False
    if _switches_language(scene):
        return scene.meaning.intent is Intent.UNCLEAR
    meaning = scene.meaning
    if meaning.says(Control.REPEAT) or scene.heard.digits == "*":
        return True
    if meaning.says(Control.WAIT):
        scene.say("wait.sure")
        scene.patience = PATIENCE
        return True
    if meaning.says(Control.ARE_YOU_A_BOT) and meaning.intent in (Intent.UNCLEAR, Intent.HUMAN_REQUEST, Intent.GENERAL):
        scene.say("bot.yes")
        return True
    if meaning.says(Control.START_OVER):
        scene.say("mind.start_over")
        scene.move(request=None, queue=(), asking=None, tries=0, step=Step.ROUTE)
        return True
    if meaning.says(Control.GOODBYE) and meaning.intent is Intent.UNCLEAR and not meaning.slots:
        closing.goodbye(scene)
        return True
    return False


def _switches_language(scene: Scene) -> bool:
    lang = _wanted_language(scene)
    if lang is None or lang is scene.state.lang or not scene.house.spanish:
        return False
    scene.move(lang=lang)
    scene.say("lang.switched")
    if scene.state.step is Step.CONSENT:
        scene.consent = consent.ASKED  # again, in the other language
    return True


def _wanted_language(scene: Scene) -> Lang | None:
    if scene.heard.digits == "2" and scene.state.step in (Step.ROUTE, Step.CONSENT):
        return Lang.EN if scene.state.lang is Lang.ES else Lang.ES
    if scene.meaning.says(Control.WANT_SPANISH):
        return Lang.ES
    return Lang.EN if scene.meaning.says(Control.WANT_ENGLISH) else None
