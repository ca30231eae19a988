"""Reads utterances as JSON Lines and writes what the safety rules and the intents make of each."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from django.core.management.base import BaseCommand, CommandParser

from calls.dialogue.language import understand
from calls.dialogue.safety.triage import BadLine, as_json, triage
from calls.dialogue.types import Lang, Meaning


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--lang", default="", choices=[one.value for one in Lang], help="take every row as this language"
        )

    def handle(self, *, lang: str, **options: object) -> None:
        now = datetime.now(UTC)

        def meaning(words: str, spoken: str) -> Meaning:
            return understand(words, lang=spoken, now=now)

        bad = 0
        for one in triage(utf8_lines(), understand=meaning, lang=lang):
            if isinstance(one, BadLine):
                bad += 1
                self.stderr.write(f"line {one.number}: {one.problem}")
            else:
                self.stdout.write(as_json(one))
        if bad:
            sys.exit(1)


def utf8_lines() -> list[str]:
    """Standard input as text; bytes that are no UTF-8 spoil their own word, not the file."""
    buffer = getattr(sys.stdin, "buffer", None)
    text = buffer.read().decode("utf-8", errors="replace") if buffer else sys.stdin.read()
    return text.removeprefix("\ufeff").split("\n")
