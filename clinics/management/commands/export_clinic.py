"""`manage.py export_clinic SLUG --to FILE.zip`: everything a clinic owns, readable, for its owner."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from clinics.backups.archive import digest_of
from clinics.backups.leaving import export
from clinics.models import Clinic


class Command(BaseCommand):
    """Writes what a clinic owns in plain words into a zip. The file is patient data: hand it over by a safe way."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("clinic", metavar="SLUG")
        parser.add_argument("--to", type=Path, required=True, metavar="FILE.zip")

    def handle(self, *, clinic: str, to: Path, **options: object) -> None:
        row = Clinic.objects.exclude(schema_name="public").filter(slug=clinic).first()
        if row is None:
            raise CommandError(f"There is no clinic {clinic}.")
        try:
            counts = export(row, to)
        except OSError as failure:
            raise CommandError(f"{to} cannot be written: {failure.strerror}.") from failure
        self.stdout.write(f"{sum(counts.values())} rows of {len(counts)} tables in {to}, for its owner's eyes only.")
        self.stdout.write(f"SHA-256 {digest_of(to)}")
