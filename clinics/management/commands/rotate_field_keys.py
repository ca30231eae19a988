"""`manage.py rotate_field_keys`: new keys for patients' fields, while calls come in."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from clinics.models import Clinic
from clinics.sealing import rotating


class Command(BaseCommand):
    """Wrap the clinics' keys with the newest of FIELD_KEYS; with --clinic or --all, give clinics new data keys."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--clinic", metavar="SLUG", help="draw a new data key for this clinic and seal all anew")
        which.add_argument("--all", action="store_true", help="the same for every clinic, one after another")
        parser.add_argument("--finish", action="store_true", help="draw no new key, only go on with what was begun")
        parser.add_argument("--batch", type=int, default=rotating.BATCH, help="rows in one transaction")
        parser.add_argument("--rest", type=float, default=rotating.REST, help="seconds of rest for a second of work")

    def handle(self, *, clinic: str, all: bool, finish: bool, batch: int, rest: float, **options: object) -> None:  # noqa: A002
        self.stdout.write(f"{rotating.rewrap()} keys wrapped with the newest of FIELD_KEYS.")
        for one in self._clinics(clinic, all):
            try:
                done = rotating.rotate(one, new_key=not finish, batch=batch, rest=rest)
            except rotating.Busy as busy:
                raise CommandError(str(busy)) from busy
            if done.unreadable:
                raise CommandError(f"{one.slug}: {done.unreadable} rows do not open; the log names them.")
            self.stdout.write(
                f"{one.slug}: {done.rows} rows sealed anew, {done.retired} keys retired, {done.taken_away} taken away."
            )

    def _clinics(self, slug: str, every: bool) -> list[Clinic]:
        clinics = Clinic.objects.exclude(schema_name="public")
        if every:
            return list(clinics)
        if slug and not clinics.filter(slug=slug).exists():
            raise CommandError(f"There is no clinic {slug}.")
        return list(clinics.filter(slug=slug)) if slug else []
