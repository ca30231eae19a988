"""The decision of one turn: what a caller hears and what must be written first. Pure.

The order of `HANDLERS` is the order of SAFETY: danger before anything else, then the limits of a call, both of which
lead to a person, then the way to a person, then what the caller says to the machine, and only then the answer to the
question that stands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from calls.dialogue import answering, closing, consent, control, danger, first, forms, keys, people, thresholds
from calls.dialogue.first import First
from calls.dialogue.house import House
from calls.dialogue.phrasing import in_own_words
from calls.dialogue.questions import listen_for, question
from calls.dialogue.reply import Decision, Reply, Then
from calls.dialogue.scene import ALARMING, Scene
from calls.dialogue.state import State, Step
from calls.dialogue.types import Heard, Lang, Meaning, Verdict

Handler = Callable[[Scene], bool]

HANDLERS: tuple[Handler, ...] = (
    danger.handle,
    first.take_voicemail,
    people.after_dial,
    closing.limits,
    consent.answer,
    people.handle,
    control.silence,
    control.unclear_line,
    control.handle,
    danger.answer,
    answering.handle,
)


def opening(house: House, *, caller: str, now: datetime, lang: Lang = Lang.EN) -> Decision:
    """What a caller meets first: the assistant's greeting and question, the clinic's own telephones, or a voicemail."""
    state = State(lang=lang, caller=caller, started_at=now.isoformat())
    match first.who(house):
        case First.STAFF | First.STAFF_ONLY:
            state = state.but(step=Step.DIALLING)
            return Decision(state, Reply((), Then.DIAL, lang, dial=house.clinic_line))
        case First.VOICEMAIL:
            state = state.but(step=Step.VOICEMAIL)
            return Decision(
                state, Reply(tuple(first.voicemail(house, lang)), Then.RECORD, lang), consent=consent.VOICEMAIL
            )
    state, told = first.begin(state, house)
    said = in_own_words((*first.greeting(house, lang), *question(state, house)), house)
    reply = Reply(said, Then.LISTEN, lang, listen_for(state, house), record=told == consent.ANNOUNCED)
    return Decision(state, reply, consent=told)


def decide(*, state: State, heard: Heard, meaning: Meaning, verdict: Verdict, house: House, now: datetime) -> Decision:
    """Decide the turn that follows `state`. Every input ends in a decision; none raises for what a caller does."""
    scene = Scene(
        before=state,
        heard=heard,
        meaning=_believable(meaning),
        verdict=keys.with_alarm(verdict, heard, state, house),
        house=house,
        now=now,
        state=_listening(state, heard),
    )
    for handle in HANDLERS:
        if handle(scene):
            break
    thresholds.watch(scene)
    danger.interrupt(scene)
    return scene.decision()


def _believable(meaning: Meaning) -> Meaning:
    """Leave out half a name, date or number: it is asked for again rather than read back wrong."""
    slots = {
        name: value
        for name, value in meaning.slots.items()
        if name not in forms.READ_BACK or value.confidence >= forms.READABLE
    }
    return meaning if len(slots) == len(meaning.slots) else replace(meaning, slots=slots)


def _listening(state: State, heard: Heard) -> State:
    """A call that was over or being connected and speaks again is listened to again: the caller is still there."""
    if state.step is Step.ENDED or (state.step is Step.VOICEMAIL and heard.words):
        return replace(state, step=Step.MORE)
    if state.step is not Step.DIALLING or heard.dial:
        return state
    if not ALARMING.isdisjoint(state.escalated):
        return replace(state, step=Step.DANGER)
    asked = state.request is not None and state.asking is not None
    return replace(state, step=Step.ASK if asked else Step.MORE)
