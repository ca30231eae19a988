"""Asks the providers of models in their order, within the time that a caller can wait, and keeps a late answer.

The request runs in a thread of its own, without a clinic and without a database. Whoever began it waits a moment; the
turn that follows collects what came meanwhile, in this process or, sealed, through Redis. Any trouble is no proposal.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from calls.reasoning import prompts
from calls.reasoning.prompts import Prompt
from calls.reasoning.proposals import Proposal, parse
from clinics import sealed
from clinics.leaving import refuse_in_transaction
from clinics.models import Clinic
from clinics.providers import asking, gate
from clinics.providers.gate import Carries, Outside, Passage
from clinics.providers.models import Capability
from clinics.remembered import Remembered
from clinics.tenancy import current_clinic

BUDGET_SECONDS = 2.5
PATIENCE_SECONDS = 0.9
"""How long a turn waits by itself; longer silence is bridged by a sentence."""

KEPT_SECONDS = 30
POLL_SECONDS = 0.05
LEAST_SECONDS = 0.1
"""With less time left no other provider is tried."""


@dataclass
class Asked:
    """A question on its way: until when it is worth an answer, and the answer as JSON, "" when none will come."""

    until: float
    ended: threading.Event = field(default_factory=threading.Event)
    answer: str = ""
    by: str = ""

    def wait(self, seconds: float) -> bool:
        """Wait so many seconds, and never past the whole budget; True when it has ended."""
        return self.ended.wait(max(0.0, min(seconds, self.until - time.monotonic())))

    def proposal(self) -> Understood | None:
        return understood(self.answer, self.by)


@dataclass(frozen=True, slots=True)
class Understood:
    """A proposal, and the provider and prompt it is from."""

    proposal: Proposal
    by: str


READY = threading.Event()
"""Set once this process can ask."""
_on_their_way: Remembered[tuple[str, UUID], Asked] = Remembered(seconds=KEPT_SECONDS, limit=2000)


@cache
def libraries() -> Callable[[Outside, Prompt, Mapping[str, Any]], str]:
    """Read the libraries of models: seconds of a processor and 80 MB, so only where a model is asked (ADR 0045)."""
    from calls.reasoning import clients

    READY.set()
    return clients.ask


def begin(call_id: UUID, question: Mapping[str, Any]) -> Asked | None:
    """Ask the models that this clinic has signed with; None when there is none. Never inside a transaction.

    A process that has not read their libraries yet does so now, beside its callers, and asks from then on.
    """
    refuse_in_transaction()
    passages = ways_out(current_clinic())
    if not passages:
        return None
    if not READY.is_set():
        threading.Thread(target=libraries, name="model", daemon=True).start()
        return None
    asked = Asked(until=time.monotonic() + BUDGET_SECONDS)
    _on_their_way.put((connection.schema_name, call_id), asked)
    keep = sealed.keeper(_name(call_id), ttl=KEPT_SECONDS)
    work = partial(_in_turn, asked, passages, question, keep)
    threading.Thread(target=work, name="model", daemon=True).start()
    return asked


def is_on_its_way(schema: str, call_id: UUID) -> bool:
    """Whether an answer that this process has asked for is still to come, and may come in time. Waits for nothing."""
    asked = _on_their_way.find((schema, call_id))
    return asked is not None and not asked.ended.is_set() and time.monotonic() < asked.until


def collect(call_id: UUID, seconds: float) -> Understood | None:
    """What came of the question of the turn before, waiting at most so long for it; None when nothing did."""
    asked = _on_their_way.find((connection.schema_name, call_id))
    if asked is not None:
        return asked.proposal() if asked.wait(seconds) else None
    until = time.monotonic() + seconds
    while True:  # another process asked
        kept = sealed.get(_name(call_id))
        if isinstance(kept, dict):
            return understood(kept["answer"], kept["by"])
        if time.monotonic() >= until:
            return None
        time.sleep(POLL_SECONDS)


def ways_out(clinic: Clinic) -> list[Passage]:
    """The models that this clinic has signed with, in the order in which they are asked."""
    return sorted(gate.passages(clinic, Capability.MODEL, Carries.PATIENT), key=_place)


def _place(passage: Passage) -> int:
    """Where LLM_PROVIDERS puts a provider; behind those it names, the rest keep the order of the table."""
    order = settings.LLM_PROVIDERS
    return order.index(passage.provider.key) if passage.provider.key in order else len(order)


def _in_turn(
    asked: Asked, passages: Sequence[Passage], question: Mapping[str, Any], keep: Callable[[sealed.Value], None]
) -> None:
    try:
        asked.answer, asked.by = first_report(passages, question, until=asked.until)
    finally:
        asked.ended.set()
        keep({"answer": asked.answer, "by": asked.by})


def first_report(passages: Sequence[Passage], question: Mapping[str, Any], *, until: float) -> tuple[str, str]:
    """Ask one provider after the other: the first report as JSON and who made it, "" and "" when none came in time.

    `until` is on the monotonic clock.
    """
    prompt = prompts.load()
    for passage in passages:
        left = until - time.monotonic()
        if left < LEAST_SECONDS:
            break
        given = asking.ask(passage, partial(_report, passage.provider, prompt, question), seconds=left)
        if given.value:
            return given.value, f"{passage.provider.key} {prompt.name}"
    return "", ""


def _report(provider: Outside, prompt: Prompt, question: Mapping[str, Any]) -> str:
    """The answer of one provider, known to be a proposal: what is none is a failure of that provider's."""
    answer = libraries()(provider, prompt, question)
    parse(answer, prompt)
    return answer


def understood(answer: str, by: str) -> Understood | None:
    """The proposal in a report that `by` made; None for ""."""
    if not answer:
        return None
    return Understood(parse(answer, prompts.load(by.rpartition(" ")[2])), by)


def _name(call_id: UUID) -> str:
    return f"understood:{call_id}"
