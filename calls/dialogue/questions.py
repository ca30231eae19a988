"""The question that stands in a state. It is made from the state alone, so it can be repeated word for word."""

from __future__ import annotations

from calls.dialogue import forms, safety, wording
from calls.dialogue.house import House
from calls.dialogue.language import speak_date, speak_number, spell
from calls.dialogue.reply import Listen, Sentence
from calls.dialogue.state import State, Step
from calls.dialogue.types import Field, Intent

HINTS = {
    "en": ("appointment", "refill", "test results", "prescription", "speak to a person", "emergency", "chest pain"),
    "es": ("cita", "receta", "resultados", "medicina", "hablar con una persona", "emergencia", "dolor de pecho"),
}


def question(state: State, house: House) -> tuple[Sentence, ...]:
    """The sentences that ask for what the state waits for."""
    if house.keys_only:
        return _by_keys(state, house)
    return _aloud(state, house)


def _by_keys(state: State, house: House) -> tuple[Sentence, ...]:
    """The same where only keys can answer."""
    match state.step:
        case Step.ROUTE:
            return (wording.speak("ask.menu", state.lang), wording.speak("keys.alarm", state.lang))
        case Step.ASK if state.asking in forms.KEYPAD:
            return (wording.speak(f"keys.{state.asking}", state.lang),)
        case Step.CONSENT | Step.CONFIRM | Step.MORE | Step.OFFER_PERSON | Step.CLARIFY:
            return (*_aloud(state, house), wording.speak("keys.yes_no", state.lang))
        case _:
            return _aloud(state, house)


def _aloud(state: State, house: House) -> tuple[Sentence, ...]:
    match state.step:
        case Step.ROUTE:
            return _routing(state)
        case Step.CONSENT:
            return (wording.speak("ask.recording", state.lang),)
        case Step.ASK:
            return (_asking(state),)
        case Step.CONFIRM:
            return (_confirming(state),)
        case Step.MORE:
            return (wording.speak("ask.go_on" if state.cut_short else "ask.more", state.lang),)
        case Step.CLARIFY:
            return (Sentence(state.clarify, safety.question(state.clarify, state.lang), state.lang),)
        case Step.OFFER_PERSON:
            return (wording.speak("distress.offer", state.lang),)
        case Step.DANGER:
            return _in_danger(state, house)
        case Step.DIALLING | Step.VOICEMAIL | Step.ENDED:
            return ()


def _routing(state: State) -> tuple[Sentence, ...]:
    if state.cut_short:
        return (wording.speak("ask.go_on", state.lang),)
    if state.unclear + state.silences >= 1:
        return (wording.speak("ask.how_again", state.lang), wording.speak("ask.menu", state.lang))
    return (wording.speak("ask.how", state.lang),)


def _asking(state: State) -> Sentence:
    assert state.asking is not None
    assert state.request is not None
    if state.asking in forms.KEYPAD and state.tries >= forms.TRIES:
        return wording.speak(f"keys.{state.asking}", state.lang)
    return wording.speak(_question_key(state.asking, state.request.intent), state.lang)


def _question_key(name: Field, intent: Intent) -> str:
    match name:
        case Field.REASON:
            return "ask.reason.appointment" if intent is Intent.APPOINTMENT else "ask.reason.callback"
        case Field.QUESTION:
            return "ask.question.medical_advice" if intent is Intent.MEDICAL_ADVICE else "ask.question.general"
        case _:
            return f"ask.{name}"


def _confirming(state: State) -> Sentence:
    assert state.asking is not None
    assert state.request is not None
    name, lang = state.asking, state.lang
    value = state.request.slots[name].text
    if name is Field.PATIENT_NAME and state.known.get(name) == state.request.slots[name]:
        return wording.speak("confirm.same_person", lang, value=value)
    match name:
        case Field.PATIENT_NAME:
            return wording.speak("confirm.patient_name", lang, value=value, spelled=spell(value))
        case Field.DATE_OF_BIRTH:
            return wording.speak("confirm.date_of_birth", lang, spoken=speak_date(value, lang))
        case Field.CALLBACK_NUMBER:
            key = "confirm.caller_number" if value == state.caller else "confirm.callback_number"
            return wording.speak(key, lang, spoken=speak_number(value, lang))
        case _:
            return wording.speak("confirm.medication", lang, value=value)


def _in_danger(state: State, house: House) -> tuple[Sentence, ...]:
    emergency = wording.digit_by_digit(house.emergency_number)
    told = wording.speak("greet.emergency", state.lang, emergency=emergency)
    key = "danger.listening" if state.caller or Field.CALLBACK_NUMBER in state.known else "danger.number"
    return (told, wording.speak(key, state.lang))


def listen_for(state: State, house: House, patience: int = 0) -> Listen:
    """How to listen for the answer; `patience` is a longer silence, in seconds, that the caller asked for."""
    speech = not house.keys_only
    live = speech and house.live_words
    if state.step is Step.ASK and state.asking in forms.KEYPAD:
        return Listen(digits=forms.KEYPAD[state.asking], timeout=patience or 7, live=live, speech=speech)
    if state.step is Step.DANGER:
        return Listen(digits=0, timeout=patience or 10, live=live, speech=speech)
    hints = HINTS[state.lang] if speech and state.step in (Step.ROUTE, Step.CONSENT, Step.MORE) else ()
    return Listen(digits=1, timeout=patience or 5, hints=hints, live=live, speech=speech)
