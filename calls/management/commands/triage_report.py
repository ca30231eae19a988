"""Measures the safety rules on labelled JSON Lines files; without a file, on the corpus that ships with them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from calls.dialogue.language import understand
from calls.dialogue.safety import corpus, rules_version
from calls.dialogue.safety.measuring import BadRows, Row, read_rows
from calls.dialogue.safety.report import as_data, as_text, report
from calls.dialogue.safety.verdicts import BadVerdicts, Verdicts, read, released, write
from calls.dialogue.types import Meaning
from calls.reasoning.measuring import WAYS, Asking, NobodySigned
from clinics.models import Clinic

NAMED_PROBLEMS = 20


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
        parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
        parser.add_argument("--save", type=Path, metavar="VERDICTS", help="keep the verdicts on these rows in a file")
        parser.add_argument(
            "--understanding",
            choices=WAYS,
            default="rules",
            help="who says what a caller wants: rules, a model, or both",
        )
        parser.add_argument("--clinic", metavar="SLUG", help="whose signed agreement lets these words go to a model")
        parser.add_argument("--against", type=Path, metavar="VERDICTS", help="say what changed since these were kept")

    def handle(
        self,
        *,
        files: list[Path],
        json: bool,
        save: Path | None,
        against: Path | None,
        understanding: str = "rules",
        clinic: str | None = None,
        **options: object,
    ) -> None:
        rows = rows_of_all(files) if files else corpus.shipped_corpus()
        before = earlier(against, on_the_corpus=not files)
        now = datetime.now(UTC)

        def meaning(words: str, lang: str) -> Meaning:
            return understand(words, lang=lang, now=now)

        model = None if understanding == "rules" else model_of(clinic, now, both=understanding == "both")
        made = report(rows, understand=model or meaning, before=before)
        if model:
            self.stderr.write(
                f"asked a model {model.counts['asked']} times, {model.counts['unanswered']} without a report"
            )
        if save:
            write(save, made.verdicts)
        self.stdout.write(_json(as_data(made)) if json else as_text(made))


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1)


def model_of(slug: str | None, now: datetime, *, both: bool) -> Asking:
    """A model that this clinic signed with: labelled words may be patients' own."""
    clinic = Clinic.objects.filter(slug=slug or "").first()
    if clinic is None:
        raise CommandError("Name the clinic whose signed agreement lets these words go to a model: --clinic SLUG.")
    try:
        return Asking(clinic, now, both)
    except NobodySigned:
        raise CommandError(f"{slug} has signed with no provider of models that is turned on.") from None


def earlier(path: Path | None, *, on_the_corpus: bool) -> Verdicts | None:
    """The verdicts to compare with: those of a file, or for the shipped corpus those of the last release."""
    try:
        if path is not None:
            return read(path)
        return released(corpus.FOLDER, but=rules_version()) if on_the_corpus else None
    except BadVerdicts as error:
        raise CommandError(str(error)) from error


def rows_of_all(files: list[Path]) -> list[Row]:
    """The rows of all files; an id names one row of them all."""
    rows: dict[str, Row] = {}
    for path in files:
        for row in rows_of(path):
            if row.id in rows:
                raise CommandError(f"{path}: the id {row.id} stands in another file already")
            rows[row.id] = row
    return list(rows.values())


def rows_of(path: Path) -> list[Row]:
    """The rows of one file. A figure over half a file misleads, so any line that is none refuses the whole."""
    try:
        rows = read_rows(path.read_text(encoding="utf-8").split("\n"))
    except BadRows as bad:
        shown = [f"{path}, line {number}: {problem}" for number, problem in bad.wrong[:NAMED_PROBLEMS]]
        more = len(bad.wrong) - NAMED_PROBLEMS
        raise CommandError("\n".join([*shown, *([f"and {more} more lines"] if more > 0 else [])])) from bad
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} cannot be read: {error}") from error
    if not rows:
        raise CommandError(f"{path} holds no rows")
    return rows
