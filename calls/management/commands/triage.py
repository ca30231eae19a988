"""Reads utterances as JSON Lines and writes what the safety rules and the intents make of each."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from multiprocessing import get_context

from django.core.management.base import BaseCommand, CommandParser

from calls.dialogue.language import understand
from calls.dialogue.safety.find import find
from calls.dialogue.safety.triage import BadLine, Judged, as_json, triage
from calls.dialogue.types import Lang, Meaning

SHARE = 400
"""Lines that one process judges at a time; fewer are not worth a second process."""


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--lang", default="", choices=[one.value for one in Lang], help="take every row as this language"
        )

    def handle(self, *, lang: str, **options: object) -> None:
        bad = 0
        for one in judged(utf8_lines(), lang=lang, now=datetime.now(UTC)):
            if isinstance(one, BadLine):
                bad += 1
                self.stderr.write(f"line {one.number}: {one.problem}")
            else:
                self.stdout.write(as_json(one))
        if bad:
            sys.exit(1)


def judged(lines: list[str], *, lang: str, now: datetime) -> Iterator[Judged | BadLine]:
    """What becomes of each line, in order; a long file is shared among the processors."""
    parts = [Part(start, lines[start : start + SHARE], lang, now) for start in range(0, len(lines), SHARE)]
    workers = min(len(parts), os.cpu_count() or 1)
    if workers < 2 or not hasattr(os, "fork"):
        yield from chain.from_iterable(map(Part.judged, parts))
        return
    _read_once(now)
    with get_context("fork").Pool(workers) as pool:
        yield from chain.from_iterable(pool.imap(Part.judged, parts))


def _read_once(now: datetime) -> None:
    """Read rules and tables before there are several processes, so that all have them."""
    for lang in Lang:
        find("", lang=lang)
        understand("a", lang=lang, now=now)


@dataclass(frozen=True, slots=True)
class Part:
    """Some lines of a file, the first of them behind `start` others."""

    start: int
    lines: list[str]
    lang: str
    now: datetime

    def judged(self) -> list[Judged | BadLine]:
        found = triage(self.lines, understand=self._meaning, lang=self.lang)
        return [replace(one, number=self.start + one.number) if isinstance(one, BadLine) else one for one in found]

    def _meaning(self, words: str, spoken: str) -> Meaning:
        return understand(words, lang=spoken, now=self.now)


def utf8_lines() -> list[str]:
    """Standard input as text; bytes that are no UTF-8 spoil their own word, not the file."""
    buffer = getattr(sys.stdin, "buffer", None)
    text = buffer.read().decode("utf-8", errors="replace") if buffer else sys.stdin.read()
    return text.removeprefix("\ufeff").split("\n")
