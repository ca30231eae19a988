"""Asking a provider: through its breaker, on its passage, within its time. What comes back is an answer or a reason."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from clinics.afterwards import afterwards
from clinics.leaving import refuse_in_transaction, together
from clinics.providers import breakers, door
from clinics.providers.gate import NotAllowed, Passage

logger = logging.getLogger(__name__)

T = TypeVar("T")

LEFT_ALONE = "left_alone"
TOO_LATE = "too_late"


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """How one request ended. `trouble` is "" for an answer, else a code: a kind of failure, never its words."""

    passage: Passage
    value: T | None
    trouble: str
    took_ms: int

    @property
    def good(self) -> bool:
        return not self.trouble


def ask(passage: Passage, work: Callable[[], T], *, seconds: float | None = None) -> Answer[T]:
    """One request. `work` raises whatever goes wrong; `seconds` may only shorten the provider's own time."""
    return ask_all(passage, [work], seconds=seconds)[0]


def ask_all(passage: Passage, works: Sequence[Callable[[], T]], *, seconds: float | None = None) -> list[Answer[T]]:
    """Several requests at once over one passage, all within the same time. `NotAllowed` is raised, never hidden."""
    refuse_in_transaction()
    provider = passage.provider
    if not breakers.may_ask(provider.key):
        return [Answer(passage, None, LEFT_ALONE, 0) for _ in works]
    limit = min(provider.answer_seconds, seconds or provider.answer_seconds)
    asked = together(limit, [partial(_on_passage, passage, work) for work in works])
    answers = [_answer(passage, one, limit) for one in asked]
    for trouble in sorted({one.trouble for one in answers if one.trouble}):
        logger.warning("provider %s: %s", provider.key, trouble)
    afterwards(partial(breakers.tell, provider.key, answered=all(one.good for one in answers)))
    return answers


def _on_passage(passage: Passage, work: Callable[[], T]) -> tuple[T, float]:
    began = time.monotonic()
    with door.through(passage):
        return work(), time.monotonic() - began


def _answer(passage: Passage, ended: tuple[T, float] | BaseException, limit: float) -> Answer[T]:
    if isinstance(ended, NotAllowed):
        raise ended
    if isinstance(ended, TimeoutError):
        return Answer(passage, None, TOO_LATE, round(limit * 1000))
    if isinstance(ended, BaseException):
        return Answer(passage, None, type(ended).__name__[:40], 0)
    value, seconds = ended
    return Answer(passage, value, "", round(seconds * 1000))
