"""What a caller wants: every pattern that was said, weighed against the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from calls.dialogue.language.phrasebook import Match, Phrasebook, Spans
from calls.dialogue.language.text import Text
from calls.dialogue.types import Intent

SURE = 0.6
"""From this confidence an intent counts as said."""

_PAST_LOSES = 0.45
"""How much of its weight a routine request keeps when it is told as past ("I had an appointment yesterday")."""

_PER_BODILY = 0.05
_RAISED_TO = 0.94

_TIMELESS = frozenset(
    {Intent.BILLING, Intent.GENERAL, Intent.MEDICAL_ADVICE, Intent.TEST_RESULT, Intent.HUMAN_REQUEST, Intent.CALLBACK}
)
_PRIORITY = (
    Intent.HUMAN_REQUEST,
    Intent.CANCEL_APPOINTMENT,
    Intent.TEST_RESULT,
    Intent.REFILL,
    Intent.BILLING,
    Intent.APPOINTMENT,
    Intent.MEDICAL_ADVICE,
    Intent.CALLBACK,
    Intent.GENERAL,
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The leading intent with its confidence, the topic of a general question, and further intents as said."""

    intent: Intent = Intent.UNCLEAR
    confidence: float = 0.0
    topic: str = ""
    others: tuple[Intent, ...] = ()
    claims: Mapping[Intent, float] = field(default_factory=dict)
    """Every intent that a rule claims, with the weight of its surest rule."""


@dataclass(frozen=True, slots=True)
class _Claim:
    intent: Intent
    weight: float
    start: int
    end: int
    topic: str = ""


def read_intents(text: Text, book: Phrasebook, spans: Spans) -> Wanted:
    """Weigh every intent and topic pattern of `text`; UNCLEAR with 0 when nothing matches."""
    claims = [_claim(match, text, spans) for match in book.find("intents", text, spans)]
    claims += [
        _Claim(Intent.GENERAL, match.rule.weight, match.start, match.end, match.rule.name)
        for match in book.find("topics", text, spans)
    ]
    best = _best(_raised(claims, spans))
    if not best:
        return Wanted()
    ranked = sorted(best.values(), key=lambda claim: (-round(claim.weight, 2), _PRIORITY.index(claim.intent)))
    first = ranked[0]
    others = sorted(
        (claim for claim in ranked[1:] if claim.weight >= 0.85 and _apart(claim, first)),
        key=lambda claim: claim.start,
    )
    topic = next((claim.topic for claim in (first, *others) if claim.topic), "")
    return Wanted(
        first.intent,
        round(first.weight, 2),
        topic,
        tuple(claim.intent for claim in others),
        {claim.intent: claim.weight for claim in ranked},
    )


def _claim(match: Match, text: Text, spans: Spans) -> _Claim:
    intent = Intent(match.rule.name)
    weight = match.rule.weight
    if intent not in _TIMELESS and _is_past(match, text, spans):
        weight *= _PAST_LOSES + 0.25 if weight < 0.85 else _PAST_LOSES + 0.35
    return _Claim(intent, weight, match.start, match.end)


def _is_past(match: Match, text: Text, spans: Spans) -> bool:
    """Tell whether a word of the past stands in the same clause, just before or within the match."""
    return any(
        match.start - 3 <= start < match.end + 2 and text.clauses[start] == text.clauses[match.end - 1]
        for start, _ in spans.get("past", ())
    )


def _raised(claims: list[_Claim], spans: Spans) -> list[_Claim]:
    """Raise a medical question by how much of the utterance is about the body, so that a website or an insurer
    named in passing does not lead; never above a plain request for an appointment or a refill."""
    bodily = len({start for start, _ in spans.get("health", ())})
    raise_by = _PER_BODILY * max(0, bodily - 2)
    return [
        replace(claim, weight=max(claim.weight, min(_RAISED_TO, claim.weight + raise_by)))
        if claim.intent is Intent.MEDICAL_ADVICE and claim.weight >= SURE
        else claim
        for claim in claims
    ]


def _best(claims: list[_Claim]) -> dict[Intent, _Claim]:
    best: dict[Intent, _Claim] = {}
    for claim in claims:
        held = best.get(claim.intent)
        if held is None or _rank(claim) > _rank(held):
            best[claim.intent] = claim
    return best


def _rank(claim: _Claim) -> tuple[float, int]:
    """Order claims of one intent: surer first, then the tighter match, which leaves words for other intents."""
    return claim.weight, claim.start - claim.end


def _apart(claim: _Claim, first: _Claim) -> bool:
    """Tell whether two claims rest on different words, so that both were asked for."""
    return claim.end <= first.start or claim.start >= first.end
