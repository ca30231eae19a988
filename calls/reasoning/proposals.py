"""What a model proposes, held against its schema and the caller's own words. Pure.

A model points at words: each answer is a quote that must stand in what the caller said, and is read by the same readers
as ever. It can add danger and take none away; what it says beyond the schema refuses the whole.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator

from calls.dialogue.forms import READABLE
from calls.dialogue.language import read_field
from calls.dialogue.language.text import read
from calls.dialogue.types import Field, Finding, FindingKind, Intent, Meaning, Value, Verdict
from calls.reasoning.prompts import Prompt

LONGEST = 20_000
"""Characters of a proposal: a full one has about 700."""

MOST_SLOTS = 12
SURE = 0.6
AT_MOST = 0.8
"""No proposal is as sure as a rule: what it fills is read back."""

QUOTED = 0.65
DANGER = {"urgent": FindingKind.URGENT, "emergency": FindingKind.EMERGENCY, "crisis": FindingKind.CRISIS}


class Refused(ValueError):
    """An answer that is no proposal. The message is a code and never quotes the answer."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """One answer of a model, known to have the right shape."""

    intent: Intent
    confidence: float
    danger: str
    topic: str
    quotes: tuple[tuple[Field, str], ...]


def parse(answer: str, prompt: Prompt) -> Proposal:
    """Return the proposal in a model's JSON; raise `Refused` for anything else."""
    if len(answer) > LONGEST:
        raise Refused("too_long")
    try:
        data = json.loads(answer, parse_constant=_no_constant)
    except (ValueError, RecursionError) as wrong:
        raise Refused("no_json") from wrong
    if not _validator(prompt.name, json.dumps(prompt.schema)).is_valid(data):
        raise Refused("wrong_shape")
    if not 0 <= data["confidence"] <= 1 or len(data["slots"]) > MOST_SLOTS:
        raise Refused("out_of_bounds")
    quotes = tuple((Field(slot["field"]), slot["quote"]) for slot in data["slots"])
    return Proposal(Intent(data["intent"]), float(data["confidence"]), data["danger"], data["topic"], quotes)


def with_proposal(
    meaning: Meaning, proposal: Proposal, words: str, *, topics: Collection[str], **reading: Any
) -> Meaning:
    """Return the rules' meaning with what the proposal adds to it; what the rules understood stays as it is.

    `reading` is what the readers need: lang, now and expecting, as of `language.understand`.
    """
    understood = {name: value for name, value in meaning.slots.items() if value.confidence >= READABLE}
    slots = {**meaning.slots, **_quoted(proposal, words, **reading), **understood}
    if meaning.intent is not Intent.UNCLEAR or proposal.intent is Intent.UNCLEAR or proposal.confidence < SURE:
        return replace(meaning, slots=slots)
    topic = proposal.topic if proposal.intent is Intent.GENERAL and proposal.topic in topics else ""
    return replace(
        meaning, intent=proposal.intent, confidence=min(proposal.confidence, AT_MOST), topic=topic, slots=slots
    )


def with_danger(verdict: Verdict, proposal: Proposal) -> Verdict:
    """Return the verdict with the danger that only the model noticed, in front; nothing is ever taken out of it."""
    kind = DANGER.get(proposal.danger)
    if kind is None or verdict.has(kind, FindingKind.EMERGENCY, FindingKind.CRISIS):
        return verdict
    found = Finding(kind, f"model.{proposal.danger}", "noticed by the language model", confidence=SURE)
    return replace(verdict, findings=(found, *verdict.findings))


def _quoted(proposal: Proposal, words: str, **reading: Any) -> Mapping[Field, Value]:
    """Return what our own readers make of the quotes that stand in the caller's words."""
    said = " " + " ".join(read(words).words) + " "
    slots = {}
    for name, quote in proposal.quotes:
        if f" {' '.join(read(quote).words)} " not in said or not quote.strip():
            continue
        value = read_field(name, quote, **reading)
        if value:
            slots.setdefault(name, Value(value.text, words, min(value.confidence, QUOTED)))
    return slots


def _no_constant(name: str) -> float:
    raise ValueError(name)


@lru_cache(maxsize=8)
def _validator(name: str, schema: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema))
