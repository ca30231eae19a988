"""`manage.py backup_clinic SLUG ... --to FOLDER`, or `--all`: encrypted backups of single clinics."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from clinics.backups import taking
from clinics.backups.programs import ProgramFailed
from clinics.models import Clinic


class Command(BaseCommand):
    """Keeps each clinic in a file of its own: schema, shared rows, keys and files. One that fails does not stop the
    others."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("clinics", nargs="*", metavar="SLUG")
        parser.add_argument("--all", action="store_true", help="every clinic, suspended ones too")
        parser.add_argument("--to", type=Path, required=True, metavar="FOLDER", help="where the files go")

    def handle(self, *, clinics: list[str], all: bool, to: Path, **options: object) -> None:  # noqa: A002
        failed = 0
        for clinic in _chosen(clinics, all):
            try:
                made = taking.backup(clinic, to)
            except (ProgramFailed, OSError) as failure:
                failed += 1
                self.stderr.write(f"{clinic.slug}: {failure}")
            else:
                self.stdout.write(f"{clinic.slug}: {to / made.file}, {made.size} bytes")
        if failed:
            raise CommandError(f"{failed} backups were not made.")


def _chosen(slugs: list[str], every: bool) -> list[Clinic]:
    found = Clinic.objects.exclude(schema_name="public").order_by("slug")
    if every:
        return list(found)
    chosen = list(found.filter(slug__in=slugs))
    if missing := set(slugs) - {clinic.slug for clinic in chosen}:
        raise CommandError(f"There is no clinic {', '.join(sorted(missing))}.")
    if not chosen:
        raise CommandError("Name clinics, or write --all.")
    return chosen
