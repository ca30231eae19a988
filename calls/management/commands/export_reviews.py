"""Write a clinic's reviewed utterances without identities as labelled JSON Lines, which `triage_report` reads."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from calls.reviews import exporting
from clinics import audit
from clinics.models import Clinic
from clinics.tenancy import inside


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--clinic", required=True, metavar="SLUG")
        parser.add_argument("--out", type=Path, metavar="FILE", help="write here instead of to standard output")

    def handle(self, *, clinic: str, out: Path | None, **options: object) -> None:
        found = Clinic.objects.filter(slug=clinic).first()
        if found is None:
            raise CommandError(f"There is no clinic with the slug {clinic}.")
        with inside(found):
            lines = list(exporting.lines())
            left_out = exporting.waiting() - len(lines)
            audit.record_read(by=None, what="calls.utterance export", about=None, rows=exporting.calls_given())
        text = "".join(f"{line}\n" for line in lines)
        if out is None:
            self.stdout.write(text, ending="")
        else:
            _write(out, text)
        if left_out:
            self.stderr.write(f"{left_out} left out: more is known of their calls now. Confirm them again.")


def _write(out: Path, text: str) -> None:
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{out} cannot be written: {error.strerror}.") from error
