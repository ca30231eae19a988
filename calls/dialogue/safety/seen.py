"""What was seen in an utterance, and the verdict made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from calls.dialogue.types import SEVERITY, Finding, FindingKind, Verdict

ASK_WHETHER_NOW = "ask.happening_now"


@dataclass(frozen=True, slots=True)
class Saw:
    """One thing seen: a finding, or only a reason to ask."""

    finding: Finding | None
    ask: str
    at: int


def verdict_of(seen: Sequence[Saw], version: str) -> Verdict:
    """The findings, gravest first, each rule once, and what is asked where none of them is an emergency."""
    best: dict[str, tuple[int, float, int, Finding]] = {}
    for saw in seen:
        if saw.finding is None:
            continue
        entry = (SEVERITY.index(saw.finding.kind), -saw.finding.confidence, saw.at, saw.finding)
        kept = best.get(saw.finding.rule)
        if kept is None or entry[:3] < kept[:3]:
            best[saw.finding.rule] = entry
    findings = tuple(entry[3] for entry in sorted(best.values(), key=lambda entry: (entry[0], entry[2], entry[3].rule)))
    severe = any(found.kind in (FindingKind.EMERGENCY, FindingKind.CRISIS) for found in findings)
    return Verdict(findings, "" if severe else _first_question(seen), version)


def _first_question(seen: Sequence[Saw]) -> str:
    """What is asked: about what was said first, and rather what a rule asks than only whether it happens now."""
    asks = ((saw.ask == ASK_WHETHER_NOW, saw.at, saw.ask) for saw in seen if saw.ask)
    return min(asks, default=(False, 0, ""))[2]
