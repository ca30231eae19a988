"""Measures the safety rules on labelled JSON Lines files; without a file, on the corpus that ships with them."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from calls.dialogue.safety.corpus import shipped_corpus
from calls.dialogue.safety.measuring import Row, read_rows, report


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE")

    def handle(self, *, files: list[Path], **options: object) -> None:
        rows = [row for path in files for row in rows_of(path)] if files else shipped_corpus()
        self.stdout.write(report(rows))


def rows_of(path: Path) -> list[Row]:
    try:
        return read_rows(path.read_text(encoding="utf-8").splitlines())
    except (OSError, ValueError, KeyError) as error:
        raise CommandError(f"{path} cannot be read as labelled JSON Lines: {error}") from error
