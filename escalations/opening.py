"""The two statements that open an escalation, with its ladder: the phone raises one, a person opens one again.

One statement each: while a caller is on the line every round trip counts, and no escalation may exist without the
steps that call for help. All times are the database's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from clinics.practice import ladder
from clinics.practice.policies import NoPolicy, policy_in_force
from clinics.sealing.fields import parameters
from escalations.models import Escalation, Step

# The portal's step is done with the announcement itself. What a former opening still had to do is stopped.
_LADDER = """
rungs AS (
    INSERT INTO escalations_rung (escalation_id, round, n, stage, who, channels, due_at, state, at, told, left_out)
    SELECT raised.id, raised.opened, stage.n, stage.name, stage.who, stage.channels::jsonb,
           raised.raised_at + stage.after * interval '1 second',
           CASE WHEN stage.n = 0 THEN 'told' ELSE 'waiting' END, CASE WHEN stage.n = 0 THEN raised.raised_at END,
           '[]'::jsonb, '[]'::jsonb
    FROM raised, unnest(%(of_level)s::text[], %(n)s::int[], %(name)s::text[], %(who)s::text[], %(channels)s::text[],
                        %(after)s::int[]) AS stage(of_level, n, name, who, channels, after)
    WHERE stage.of_level = raised.level AND raised.raised_at = (SELECT now FROM clock)
), stopped AS (
    UPDATE escalations_rung old SET state = 'stopped', at = (SELECT now FROM clock)
    FROM raised WHERE old.escalation_id = raised.id AND old.round < raised.opened AND old.state = 'waiting'
)
SELECT * FROM raised"""

# The row, or what a second finding makes of it, its name and words apart: those are sealed and must be read to be
# joined. It opens again when the danger is worse than before, comes back after somebody resolved it, or after the
# finished sentence had taken it back.
RAISE = """
WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now),
raised AS (
    INSERT INTO escalations_escalation AS held
           (id, reason, level, status, call_id, from_number, patient_name, summary, words, rule, rules_version, test,
            drill, half, heard, opened, raised_at, acknowledged_way, outcome, outcome_reason)
    SELECT %(id)s, %(reason)s, %(level)s, 'open', %(call_id)s::uuid, %(from_number)s, %(patient_name)s, %(summary)s,
           %(words)s, %(rule)s, %(rules_version)s, %(test)s, %(drill)s, %(half)s, 1, 1, clock.now, '', '',
           %(outcome_reason)s
    FROM clock
    ON CONFLICT (call_id, reason) WHERE call_id IS NOT NULL DO UPDATE SET
        heard = held.heard + 1,
        half = CASE WHEN excluded.half = '' AND held.half <> '' THEN 'confirmed'
                    WHEN held.half = 'withdrawn' THEN excluded.half ELSE held.half END,
        level = CASE WHEN {worse} THEN excluded.level ELSE held.level END,
        summary = CASE WHEN {worse} OR held.half IN ('unfinished', 'withdrawn') THEN excluded.summary
                       ELSE held.summary END,
        rule = CASE WHEN {worse} THEN excluded.rule ELSE held.rule END,
        rules_version = CASE WHEN {worse} THEN excluded.rules_version ELSE held.rules_version END,
        status = CASE WHEN {reopens} THEN 'open' ELSE held.status END,
        opened = held.opened + CASE WHEN {reopens} THEN 1 ELSE 0 END,
        raised_at = CASE WHEN {reopens} THEN excluded.raised_at ELSE held.raised_at END,
        acknowledged_at = CASE WHEN {reopens} THEN NULL ELSE held.acknowledged_at END,
        acknowledged_by_id = CASE WHEN {reopens} THEN NULL ELSE held.acknowledged_by_id END,
        acknowledged_way = CASE WHEN {reopens} THEN '' ELSE held.acknowledged_way END,
        seconds_to_acknowledge = CASE WHEN {reopens} THEN NULL ELSE held.seconds_to_acknowledge END,
        handler_id = CASE WHEN {reopens} THEN NULL ELSE held.handler_id END,
        unanswered_at = CASE WHEN {reopens} THEN NULL ELSE held.unanswered_at END,
        resolved_at = CASE WHEN {reopens} THEN NULL ELSE held.resolved_at END,
        resolved_by_id = CASE WHEN {reopens} THEN NULL ELSE held.resolved_by_id END,
        outcome = CASE WHEN {reopens} THEN '' ELSE held.outcome END,
        outcome_reason = CASE WHEN {reopens} THEN excluded.outcome_reason ELSE held.outcome_reason END
    RETURNING *
), step AS (
    INSERT INTO escalations_step (escalation_id, what, sealed_as, reason, at)
    SELECT id, CASE WHEN heard = 1 AND half = 'unfinished' THEN 'half_heard' WHEN heard = 1 THEN 'raised'
                    WHEN raised_at = clock.now THEN 'reopened' WHEN heard = 2 AND half = 'confirmed' THEN 'confirmed'
                    ELSE 'heard_again' END,
           %(step)s, %(reason_of_step)s, clock.now
    FROM raised, clock
),"""
_WORSE = "array_position(%(levels)s, excluded.level::text) > array_position(%(levels)s, held.level::text)"
RAISE = (
    RAISE.format(worse=_WORSE, reopens=f"(held.status = 'resolved' OR held.half = 'withdrawn' OR {_WORSE})") + _LADDER
)

# No row comes back when somebody else opened it first or nothing is there to open.
_PUT_BACK = """
WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now),
raised AS (
    UPDATE escalations_escalation SET
        status = 'open', opened = opened + 1, raised_at = clock.now, acknowledged_at = NULL, acknowledged_by_id = NULL,
        acknowledged_way = '', seconds_to_acknowledge = NULL, handler_id = NULL, unanswered_at = NULL,
        resolved_at = NULL, resolved_by_id = NULL, outcome = '', outcome_reason = %(outcome_reason)s
    FROM clock WHERE id = %(id)s AND status <> 'open' AND opened = %(opened)s
    RETURNING escalations_escalation.*
), step AS (
    INSERT INTO escalations_step (escalation_id, what, sealed_as, reason, by_id, at)
    SELECT id, 'put_back', %(step)s, %(reason_of_step)s, %(by)s, clock.now FROM raised, clock
),"""
REOPEN = _PUT_BACK + _LADDER


def to_raise(found: Escalation, levels: list[str]) -> dict[str, Any]:
    """The parameters of `RAISE`; `levels` from the mildest to the worst."""
    plain = ("id", "reason", "level", "call_id", "rule", "rules_version", "test", "drill", "half")
    row = {name: getattr(found, name) for name in plain} | {"levels": levels}
    return row | parameters(found, *_SEALED) | _step("") | ladders()


def to_reopen(held: Escalation, *, by: UUID, reason: str) -> dict[str, Any]:
    """The parameters of `REOPEN`; `reason` is why somebody puts it back."""
    row = {"id": held.id, "opened": held.opened, "by": by}
    held.outcome_reason = ""
    return row | parameters(held, "outcome_reason") | _step(reason) | ladders()


_SEALED = ("from_number", "patient_name", "summary", "words", "outcome_reason")


def _step(reason: str) -> dict[str, Any]:
    """The step that goes with either statement: its id and the reason for it."""
    step = Step(reason=reason)
    return {"step": step.sealed_as, "reason_of_step": parameters(step, "reason")["reason"]}


def ladders() -> dict[str, list[Any]]:
    """The steps of every level with the clinic's own times, as the arrays that the statements read."""
    times = times_of_clinic()
    rows = [
        (level, n, stage.name, stage.who, json.dumps(stage.channels), after)
        for level in ladder.STANDARD
        for n, (after, stage) in enumerate(ladder.stages(level, times))
    ]
    names = ("of_level", "n", "name", "who", "channels", "after")
    return {name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}


def times_of_clinic() -> Mapping[str, Mapping[str, int]]:
    """The times that the clinic's policy sets. Without a policy a danger is raised all the same, on the standard."""
    try:
        return policy_in_force().ladder
    except NoPolicy:
        return {}
