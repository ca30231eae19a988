"""`manage.py restore_clinic FILE`: one clinic as it was when the backup was made; nobody is told anything."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from clinics.backups import restoring
from clinics.backups.archive import Damaged
from clinics.backups.bringing_back import Taken
from clinics.backups.programs import ProgramFailed
from clinics.models import Clinic


class Command(BaseCommand):
    """Brings one clinic back. Its data since the backup is lost, so its slug must be confirmed when it is there."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--confirm", default="", metavar="SLUG", help="the clinic whose data is replaced")
        parser.add_argument("--open", action="store_true", help="serve it again at once")

    def handle(self, *, file: Path, confirm: str, open: bool, **options: object) -> None:  # noqa: A002
        try:
            slug = restoring.prove(file).about["slug"]
            if Clinic.objects.filter(slug=slug).exists() and confirm != slug:
                raise CommandError(f"What {slug} has written since the backup is lost: add --confirm {slug}.")
            restored = restoring.restore(file)
        except (Damaged, Taken, restoring.Refused, ProgramFailed, OSError) as failure:
            raise CommandError(str(failure)) from failure
        self.stdout.write(f"{slug}: {restored.rows} rows are back.")
        for label, brought in restored.shared.items():
            if brought.written or brought.left_out:
                self.stdout.write(f"    {label}: {brought.written} rows were missing, {brought.left_out} left out")
        for what, count in restored.stilled.items():
            self.stdout.write(f"    {what}: {count} stilled")
        if open:
            Clinic.objects.filter(pk=restored.clinic.pk).update(suspended_at=None)
            self.stdout.write("It is served again.")
        else:
            self.stdout.write("It is closed. Look at it, then resume it in the operators' admin.")
