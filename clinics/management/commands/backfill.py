"""`manage.py backfill [NAME]`: does a backfill in one clinic or all, from where it stopped; without a name, lists."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from clinics.fleet import backfills
from clinics.fleet.models import Backfilling
from clinics.models import Clinic, Ring


class Command(BaseCommand):
    """Moves data in small batches while calls come in; may be ended at any time and goes on when started again."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", default="")
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--clinic", metavar="SLUG", help="only this clinic")
        which.add_argument("--ring", choices=Ring.values, help="only this ring")
        parser.add_argument("--again", action="store_true", help="from the first row, whatever was done before")
        parser.add_argument("--batch", type=int, default=100, help="rows in one transaction (100)")
        parser.add_argument("--rest", type=float, default=1.0, help="seconds of rest for a second of work (1)")

    def handle(
        self, *, name: str, clinic: str | None, ring: str | None, again: bool, batch: int, rest: float,
        **options: object,
    ) -> None:  # fmt: skip
        known = backfills.known()
        if not name:
            self._list(known)
            return
        if name not in known:
            raise CommandError(f"There is no backfill {name}; without a name this command lists them.")
        for one in _clinics(clinic, ring):
            try:
                state = backfills.run(one, known[name], batch=batch, rest=rest, again=again)
            except backfills.Busy as busy:
                raise CommandError(str(busy)) from busy
            self.stdout.write(f"{one.slug}: {state.done} rows, finished.")

    def _list(self, known: dict[str, backfills.Backfill]) -> None:
        for name, work in known.items():
            states = Backfilling.objects.filter(name=name)
            finished = states.exclude(finished_at=None).count()
            self.stdout.write(f"{name}: {work.why} Begun in {states.count()} clinics, finished in {finished}.")
            for state in states.filter(finished_at=None).select_related("clinic"):
                self.stdout.write(f"    {state.clinic.slug}: {state.done} of about {state.total} rows")


def _clinics(slug: str | None, ring: str | None) -> list[Clinic]:
    found = Clinic.objects.exclude(schema_name="public").order_by("schema_name")
    if slug:
        found = found.filter(slug=slug)
        if not found.exists():
            raise CommandError(f"There is no clinic {slug}.")
    return list(found.filter(ring=ring) if ring else found)
