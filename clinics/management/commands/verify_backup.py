"""`manage.py verify_backup FILE ... [--restore]`: whether backups are whole, and whether they come back."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from clinics.backups.archive import Damaged
from clinics.backups.checking import prove
from clinics.backups.programs import ProgramFailed


class Command(BaseCommand):
    """Reads backups to their end; with --restore brings each back into a database of its own, and counts every row."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--restore", action="store_true", help="the proof; the role must be allowed to make one")

    def handle(self, *, files: list[Path], restore: bool, **options: object) -> None:
        failed = 0
        for path in files:
            try:
                proof = prove(path, restoring=restore)
            except (Damaged, ProgramFailed, OSError) as failure:
                failed += 1
                self.stderr.write(f"{path.name}: {failure}")
            else:
                how = "came back whole" if restore else "is whole"
                self.stdout.write(f"{path.name}: {how}, {proof.rows} rows of {proof.about['made_at']}")
        if failed:
            raise CommandError(f"{failed} of {len(files)} backups are no good.")
