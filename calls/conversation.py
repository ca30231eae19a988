"""THE ROAD: what happens between a caller's words and the phone's answer.

    answer      a call rings: the greeting
    take_turn   one utterance: danger, meaning, decision, one transaction, reply
    overhear    half a sentence, while it is spoken: danger alone
    end_call    it is over: outcome, duration, callback for who left early

A turn is decided by pure code from the state before it; the turn's number is its idempotency key, so the same
request a hundred times has one effect and one answer.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import IntegrityError, connection
from django.utils import timezone

from calls import actions, context, levels
from calls.context import Live
from calls.dialogue import waiting
from calls.dialogue.decide import decide, opening
from calls.dialogue.levels import Level
from calls.dialogue.reply import Decision, Reply
from calls.dialogue.types import ESCALATES_NOW, Heard, Meaning
from calls.house import house_of
from calls.models import Call, Status, Turn
from calls.own_rules import added_by, version_of
from calls.reasoning.helping import Thought, help_rules
from calls.speech import choosing
from calls.understanding import find_danger, judge
from clinics.afterwards import afterwards
from clinics.practice import policies
from clinics.telephone import zone_of
from clinics.tenancy import current_clinic
from escalations.models import Escalation, Half
from notifications import stream


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a request is answered with: the reply, the number of the turn that answers it, and in whose voice.

    `voice` is the key of the provider that speaks it, "" for the telephone network's own.
    """

    call_id: UUID
    reply: Reply
    next_turn: int
    voice: str = ""
    policy_version: int = 0


class NoSuchCall(Exception):
    """The clinic has no call of this id."""


def answer(*, sid: str, caller: str, dialled: str, test: bool, drill: bool = False, level: str = "") -> Spoken:
    """Answer a ringing call. A repeated request for the same call gets the same greeting.

    A `test` call is in no figure and rings nobody, and is answered at the `level` that it asks for; a `drill` is a
    test that alarms people as a real call would.
    """
    if (spoken := _greeting_of(sid)) is not None:
        return spoken
    zone = zone_of(current_clinic(), dialled)
    policy = policies.policy_in_force(zone=zone)
    now = policy.local(timezone.now())
    at = levels.chosen(policy, level, test=test)
    decision = opening(replace(house_of(policy, now), level=at), caller=caller, now=now)
    try:
        call = actions.open_call(
            sid=sid,
            from_number=caller,
            to_number=dialled,
            test=test or drill,
            drill=drill,
            policy=policy,
            decision=decision,
            rules_version=version_of(added_by(policy.own_rules)),
            voice=choosing.voice_of(policy, caller=caller),
            level=at,
        )
    except IntegrityError:
        spoken = _greeting_of(sid)
        if spoken is None:
            raise
        return spoken
    lang = decision.state.lang
    context.keep(Live(call.id, decision.state, policy.version, test or drill, "", lang, drill, call.voice, at, zone))
    return Spoken(call.id, decision.reply, 1, call.voice, policy.version)


def take_turn(*, call_id: UUID, n: int, heard: Heard) -> Spoken:
    """Answer turn `n` of a call; raise `NoSuchCall` when the clinic has no such call.

    The answer to what only a model may understand can be "one moment" (`waiting.py`), and the next turn goes on.
    """
    started = time.monotonic()
    live = _live(call_id, n)
    if n != live.state.n + 1:
        return _stored(live, min(n, live.state.n))
    policy = policies.policy(live.policy_version, zone=live.zone)
    now = policy.local(timezone.now())
    decision, judged = _decided(live, heard, policy, now)
    judged = replace(judged, took_ms=round((time.monotonic() - started) * 1000))
    try:
        actions.record_turn(live=live, judged=judged, decision=decision, policy=policy, now=now)
    except IntegrityError:
        context.forget(call_id)
        if not Turn.objects.filter(call_id=call_id, n=n).exists():
            raise
        return _stored(live, n)
    intent = live.intent or (decision.state.intent if decision.state.numbered else "")
    context.keep(replace(live, state=decision.state, intent=intent, language=decision.state.lang))
    _tell_pages()
    return Spoken(call_id, decision.reply, n + 1, live.voice, policy.version)


def _decided(live: Live, heard: Heard, policy: policies.Policy, now: datetime) -> tuple[Decision, actions.Judged]:
    """The decision of a turn, and what was made of the words for it: danger first, and a model only without any."""
    state, said = waiting.released(live.state, heard)
    house = house_of(policy, now)
    if live.level is not house.level:
        house = replace(house, level=live.level)
    thought = Thought(*judge(state, said, now, added_by(policy.own_rules)))
    if policy.model_helps and live.level is Level.FULL:
        thought = help_rules(
            thought, call_id=live.call_id, before=live.state, state=state, heard=said, house=house, now=now
        )
    if thought.waits:
        nothing = actions.Judged(Heard(), Meaning(), replace(thought.verdict, findings=()), model_ms=thought.model_ms)
        return waiting.hold(state, said, now), nothing
    decision = decide(state=state, heard=said, meaning=thought.meaning, verdict=thought.verdict, house=house, now=now)
    judged = actions.Judged(said, thought.meaning, thought.verdict, understood_by=thought.by, model_ms=thought.model_ms)
    return decision, judged


def overhear(*, call_id: UUID, n: int, words: str) -> bool:
    """Alarm at once when half a sentence of turn `n` is an emergency already; whether this one raised it.

    The whole sentence is judged as ever by its turn: it finds the escalation there and alarms nobody twice, or takes
    it back. Raise `NoSuchCall` when the clinic has no such call.
    """
    live = _live(call_id, n)
    if n != live.state.n + 1:
        return False
    heard = Heard(words)
    verdict = find_danger(live.state, heard, added_by(policies.policy(live.policy_version).own_rules))
    worst = verdict.worst
    if worst is None or worst.kind not in ESCALATES_NOW or worst.kind in live.state.escalated:
        return False
    if Escalation.objects.filter(call_id=call_id, reason=worst.kind).exclude(half=Half.WITHDRAWN).exists():
        return False
    actions.sound_the_alarm(live=live, heard=heard, verdict=verdict, unfinished=True)
    return True


def said_last(*, call_id: UUID) -> Spoken:
    """What the phone said last, from the database; raise `NoSuchCall` when the clinic has no such call."""
    turn = Turn.objects.filter(call_id=call_id).opened("reply").order_by("-n").first()
    if turn is None:
        raise NoSuchCall(str(call_id))
    return Spoken(call_id, Reply.from_json(turn.reply), turn.n + 1)


def end_call(*, sid: str, duration_sec: int | None, end_reason: str) -> Call | None:
    """Close a call; None when the clinic has no call of this sid. Repeats and late news change nothing."""
    known = Call.objects.filter(sid=sid).values_list("id", "status", "to_number").first()
    if known is not None and known[1] == Status.IN_PROGRESS:
        _answer_what_is_held(known[0])
    policy = policies.policy_in_force(zone=zone_of(current_clinic(), known[2]) if known else "")
    now = policy.local(timezone.now())
    call = actions.end_call(sid=sid, duration_sec=duration_sec, end_reason=end_reason, policy=policy, now=now)
    if call is not None:
        context.forget(call.id)
    return call


def _answer_what_is_held(call_id: UUID) -> None:
    """Decide what a caller said who hung up while the phone was still thinking about it: nothing said is lost."""
    live = context.load(call_id)
    if live is not None and live.state.held:
        take_turn(call_id=live.call_id, n=live.state.n + 1, heard=Heard())


def _tell_pages() -> None:
    """Let open pages know that a call went on, once the caller has the answer: whoever shows one asks for it."""
    afterwards(partial(stream.publish, schema=connection.schema_name, kind="call.turn"))


def _live(call_id: UUID, n: int) -> Live:
    """The state before turn `n`; one that is behind what the caller has heard is read again from the database."""
    live = context.load(call_id)
    if live is not None and n > live.state.n + 1:
        live = context.rebuild(call_id)
    if live is None:
        raise NoSuchCall(str(call_id))
    return live


def _stored(live: Live, n: int) -> Spoken:
    turn = Turn.objects.opened("reply").get(call_id=live.call_id, n=n)
    return Spoken(live.call_id, Reply.from_json(turn.reply), n + 1, live.voice, live.policy_version)


def _greeting_of(sid: str) -> Spoken | None:
    turn = Turn.objects.filter(call__sid=sid, n=0).opened("reply").first()
    return Spoken(turn.call_id, Reply.from_json(turn.reply), 1) if turn else None
