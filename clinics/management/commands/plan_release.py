"""`manage.py plan_release --to FOLDER [--backup]`: what a release will do, the way back, and a backup per clinic."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from clinics.backups import taking
from clinics.backups.programs import ProgramFailed
from clinics.fleet.planning import plan, steps
from clinics.models import Clinic


class Command(BaseCommand):
    """Writes the plan of a release before it begins. Run it with the new code, against the schemas as they are."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", type=Path, required=True, metavar="FOLDER")
        parser.add_argument("--backup", action="store_true", help="and keep every clinic first")

    def handle(self, *, to: Path, backup: bool, **options: object) -> None:
        moment = timezone.now()
        clinics = Clinic.objects.exclude(schema_name="public").order_by("slug") if backup else Clinic.objects.none()
        try:
            made = [taking.backup(clinic, to) for clinic in clinics]
        except (ProgramFailed, OSError) as failure:
            raise CommandError(f"A backup was not made, so no release: {failure}") from failure
        target = to / f"release-{moment:%Y%m%dT%H%M%S}Z.md"
        to.mkdir(parents=True, exist_ok=True)
        target.write_text(plan(steps(), made, moment=f"{moment:%Y-%m-%d %H:%M} UTC"))
        self.stdout.write(str(target))
