"""Every deed that writes a call. A turn, its tasks, its escalations and their events stand or fall together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from calls import summaries, turn_row
from calls.context import Live
from calls.dialogue.closing import left, missed, outcome_of, requests_left
from calls.dialogue.consent import SAID, version_of
from calls.dialogue.levels import Level
from calls.dialogue.reply import Decision, Escalate, Then, WriteTask
from calls.dialogue.state import State, Step
from calls.dialogue.types import ESCALATES_NOW, Field, Finding, FindingKind, Heard, Intent, Meaning, Verdict
from calls.handover.actions import ask
from calls.latency import stages_of
from calls.missed import text_back
from calls.models import Call, Consent, Status, Turn
from calls.recordings.actions import disclose, note_answer
from calls.sensitive.actions import mark_known
from clinics.practice.policies import Policy
from escalations.actions import raise_escalation, withdraw_unfinished
from notifications.events import announce
from tasks.actions import amend_task, open_task, promise
from tasks.policy import HIGH, KINDS

KIND_OF = {Intent.HUMAN_REQUEST: "handover", Intent.UNCLEAR: "callback"}
DANGEROUS = frozenset({FindingKind.EMERGENCY, FindingKind.CRISIS, FindingKind.URGENT, FindingKind.DISTRESS})
UNHEARD_MINUTES = 30
"""Open minutes in which somebody listens to a message: what is in it nobody knows."""
URGENT_MINUTES = 120
"""Open minutes in which a nurse calls back about a same-day red flag."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One utterance with all that was made of it; `model_ms` is the part of `took_ms` that a model was waited for."""

    heard: Heard
    meaning: Meaning
    verdict: Verdict
    took_ms: int = 0
    understood_by: str = ""
    model_ms: int = 0


def open_call(
    *,
    sid: str,
    from_number: str,
    to_number: str,
    test: bool,
    policy: Policy,
    decision: Decision,
    rules_version: str,
    drill: bool = False,
    voice: str = "",
    level: Level = Level.RULES,
) -> Call:
    """Write a call that rings and its greeting; a second call with the same sid raises IntegrityError."""
    with transaction.atomic():
        call = Call.objects.create(
            sid=sid,
            from_number=from_number,
            to_number=to_number,
            test=test,
            drill=drill,
            language=decision.state.lang,
            policy_version=policy.version,
            rules_version=rules_version,
            voice=voice,
            level=level,
            consent=decision.consent or Consent.NOT_ASKED,
        )
        if not test:
            mark_known(call_id=call.id, number=from_number)
        Turn.objects.create(
            call=call,
            n=0,
            language=decision.state.lang,
            said=decision.reply.words,
            reply=decision.reply.to_json(),
            state=decision.state.to_json(),
        )
        if decision.consent:
            _note_consent(call.id, decision)
        _announce(call.id, "call.started", test=test, drill=drill)
    return call


def record_turn(*, live: Live, judged: Judged, decision: Decision, policy: Policy, now: datetime) -> None:
    """Write one turn and all that follows from it. The loser of a race for the same turn gets IntegrityError."""
    asks = (policy.live_words or policy.streaming) and _says_no_danger(judged, decision)
    turn = _turn(live, judged, decision)
    changes = _changes_of_call(live, decision)
    hands_over = decision.reply.then is Then.HAND_OVER
    if not (decision.escalations or decision.tasks or decision.promises or decision.consent or hands_over):
        if turn_row.write(turn, changes, asks=asks):  # one statement is a transaction by itself
            _take_back_half(live, decision)
        return
    with transaction.atomic():
        if turn_row.write(turn, changes, asks=asks):
            _take_back_half(live, decision)
        for escalation in decision.escalations:
            _escalate(escalation, live, decision.state, judged.verdict.version)
        for task in decision.tasks:
            due = min(
                (one.due_at for one in decision.promises if one.request_number == task.request.number), default=None
            )
            _write_task(task, call_id=live.call_id, test=live.test, policy=policy, now=now, promised=due)
        for told in decision.promises:
            promise(
                call_id=live.call_id,
                request_number=told.request_number,
                name=told.name,
                due_at=told.due_at,
                turn=decision.state.n,
                test=live.test,
            )
        if decision.consent:
            _note_consent(live.call_id, decision)
        if hands_over:
            state = decision.state
            ask(call_id=live.call_id, turn=state.n, language=state.lang, about=_about(state), test=live.test)


def _says_no_danger(judged: Judged, decision: Decision) -> bool:
    """Tell the words that take back what half of them alarmed for: a question about danger, or no words, never do."""
    return bool(judged.heard.words) and decision.state.step is not Step.CLARIFY and not judged.verdict.has(*DANGEROUS)


def _take_back_half(live: Live, decision: Decision) -> None:
    """Take back what was raised since the turn before: an older half sentence is not the half of this one."""
    before = Turn.objects.filter(call_id=live.call_id, n=decision.state.n - 1).values_list("at", flat=True).first()
    if before is not None:
        withdraw_unfinished(call_id=live.call_id, since=before)


def _about(state: State) -> str:
    """What a person is asked for, as a code."""
    return state.request.intent if state.request else state.intent


def _turn(live: Live, judged: Judged, decision: Decision) -> dict[str, Any]:
    heard, state = judged.heard, decision.state
    return {
        "call_id": live.call_id,
        "n": state.n,
        "words": heard.words,
        "digits": heard.digits[:32],
        "confidence": heard.confidence,
        "language": state.lang,
        "intent": judged.meaning.intent if heard.words else "",
        "findings": [_finding(found, judged.verdict.version) for found in judged.verdict.findings],
        "filled": {name: value.text for name, value in decision.filled.items()},
        "said": decision.reply.words,
        "reply": decision.reply.to_json(),
        "state": state.to_json(),
        "took_ms": judged.took_ms,
        "stages": stages_of(spoke=bool(heard.words), webhook_ms=judged.took_ms, model_ms=judged.model_ms),
        "understood_by": judged.understood_by,
    }


def _finding(found: Finding, version: str) -> dict[str, object]:
    """A finding as its turn keeps it: enough to find the rule again, in the version that judged."""
    kept = {"kind": found.kind, "rule": found.rule, "reason": found.reason, "version": version}
    return {**kept, "own": True} if found.own else kept


def end_call(*, sid: str, duration_sec: int | None, end_reason: str, policy: Policy, now: datetime) -> Call | None:
    """Close a call that Twilio says is over: duration, outcome, and a callback for whoever left early. Once only."""
    with transaction.atomic():
        call = Call.objects.select_for_update().filter(sid=sid).first()
        if call is None or call.status == Status.COMPLETED:
            return call
        state = State.from_json(call.turns.opened("state").order_by("-n")[0].state)
        for task in left(state):
            _write_task(task, call_id=call.id, test=call.test, policy=policy, now=now)
        ended = state.step is Step.ENDED
        begun = bool(requests_left(state))
        call.outcome = state.outcome or outcome_of(state, kept=begun, left_early=not ended)
        call.end_reason = end_reason if not ended else "goodbye"
        call.intent = call.intent or (state.intent if state.numbered else "")
        call.status, call.ended_at, call.duration_sec = Status.COMPLETED, now, duration_sec
        call.reprompts = state.misunderstood
        call.save(update_fields=["outcome", "end_reason", "intent", "status", "ended_at", "duration_sec", "reprompts"])
        _announce(call.id, "call.ended", test=call.test, drill=call.drill)
        if missed(state) and not call.test:
            text_back(call, now=now)
    return call


def sound_the_alarm(*, live: Live, heard: Heard, verdict: Verdict, unfinished: bool = False) -> None:
    """Raise the worst that the rules found, on its own: in a turn that failed, in half a sentence, in a message."""
    worst = verdict.worst
    assert worst is not None
    level = "emergency" if worst.kind in ESCALATES_NOW else str(worst.kind)
    found = Escalate(worst.kind, level, f"Possible {worst.kind}: {worst.reason}", worst.rule, heard.words)
    with transaction.atomic():
        _escalate(found, live, live.state, verdict.version, unfinished=unfinished)


def _escalate(found: Escalate, live: Live, state: State, rules_version: str, *, unfinished: bool = False) -> None:
    known = state.request.slots if state.request else state.known
    name = known.get(Field.PATIENT_NAME)
    raise_escalation(
        reason=found.reason,
        level=found.level,
        summary=found.summary,
        call_id=live.call_id,
        words=found.words,
        from_number=state.caller,
        patient_name=name.text if name else "",
        rule=found.rule,
        rules_version=rules_version,
        test=live.test,
        drill=live.drill,
        unfinished=unfinished,
    )


def _write_task(
    task: WriteTask, *, call_id: UUID, test: bool, policy: Policy, now: datetime, promised: datetime | None = None
) -> None:
    """Open the task of a request, or bring the one it has up to date; it is due when what was promised is."""
    request = task.request
    number = request.slots.get(Field.CALLBACK_NUMBER)
    name = request.slots.get(Field.PATIENT_NAME)
    if number and not test:
        mark_known(call_id=call_id, number=number.text)
    known = {
        "summary": summaries.summary(request, complete=task.complete),
        "details": summaries.details(request),
        "patient_name": name.text if name else "",
        "date_of_birth": summaries.date_of_birth(request),
        "callback_number": number.text if number else task.fallback_number,
        "complete_intake": task.complete,
    }
    if request.opened:
        amend_task(call_id=call_id, request_number=request.number, **known)
        return
    kind = KIND_OF.get(request.intent, str(request.intent))
    rule = KINDS[kind]
    due = _due_today(policy, now) if request.urgent else promised or _due(policy, now, rule.due_minutes)
    open_task(
        kind=kind,
        call_id=call_id,
        request_number=request.number,
        priority=HIGH if request.urgent or request.unheard else rule.priority,
        due_at=min(due, _due(policy, now, UNHEARD_MINUTES)) if request.unheard else due,
        needs_decision=rule.needs_decision and not request.urgent,
        test=test,
        **known,
    )


def _due(policy: Policy, now: datetime, open_minutes: int) -> datetime:
    return policy.due_by(now, open_minutes)


def _due_today(policy: Policy, now: datetime) -> datetime:
    """A red flag is due on its own day, open or not: whoever is on call hears of it by its escalation."""
    end_of_day = now.replace(hour=23, minute=59, second=59, microsecond=0)
    return min(_due(policy, now, URGENT_MINUTES), end_of_day)


def _note_consent(call_id: UUID, decision: Decision) -> None:
    """What was said of a recording, or answered: written before the network hears that there is to be one."""
    told = decision.consent
    if told in SAID:
        version = version_of(told, decision.state.lang)
        disclose(call_id=call_id, turn=decision.state.n, version=version, consent=told)
    else:
        note_answer(call_id=call_id, consent=told)


def _changes_of_call(live: Live, decision: Decision) -> dict[str, str]:
    """What a turn changes on the call's own row; mostly nothing."""
    state = decision.state
    changes: dict[str, str] = {"consent": decision.consent} if decision.consent else {}
    if state.lang != live.language:
        changes["language"] = state.lang
    if state.numbered and not live.intent:
        changes["intent"] = state.intent
    if state.step is Step.ENDED:
        changes["outcome"] = state.outcome
    return changes


def _announce(call_id: UUID, kind: str, *, test: bool, drill: bool) -> None:
    announce(
        kind=kind,
        about=call_id,
        path=f"/calls/{call_id}/",
        key=f"{kind}:{call_id}",
        call=call_id,
        test=test,
        drill=drill,
    )
