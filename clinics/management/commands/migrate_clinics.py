"""`manage.py migrate_clinics [--ring canary] [--jobs N]`: the platform's schema, then the clinics', ring after ring."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError

from django.core.management.base import BaseCommand, CommandError

from clinics.fleet import blueprint, rollout
from clinics.fleet.behind import clinics_behind, public_is_behind
from clinics.fleet.upgrading import Patience, upgrade_public


class Command(BaseCommand):
    """Brings schemas up to date. Run it again after a kill or a failure: it goes on with what is left."""

    help = __doc__
    requires_system_checks = []  # before the first migration nothing that they ask for is there

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--ring", choices=[str(ring) for ring in rollout.RINGS], help="only this ring")
        parser.add_argument("--jobs", type=_at_least_one, default=1, help="processes at once (1)")
        parser.add_argument("--lock-timeout", type=float, default=2.0, help="seconds to wait for a lock (2)")
        parser.add_argument("--tries", type=_at_least_one, default=10, help="times to come back to a held lock (10)")
        parser.add_argument("--past-failures", action="store_true", help="begin the next ring even if one is left")
        parser.add_argument("--check", action="store_true", help="change nothing; 1 when something is behind")

    def handle(
        self, *, ring: str | None, jobs: int, lock_timeout: float, tries: int, past_failures: bool, check: bool,
        verbosity: int, **options: object,
    ) -> None:  # fmt: skip
        self.loud = verbosity > 0
        rings = [ring] if ring else [str(one) for one in rollout.RINGS]
        if check:
            self._check(rings)
            return
        patience = Patience(lock_seconds=lock_timeout, tries=tries)
        if public_is_behind():
            upgrade_public(patience)
            self._say("public: brought up to date")
        ended = rollout.roll_out(rings, jobs=jobs, patience=patience, past_failures=past_failures, tell=self._tell)
        left = [clinic for one in ended for clinic in one.left]
        if left:
            self._name(left)
            not_begun = rings[len(ended) :]
            later = f" Not begun: {', '.join(not_begun)}." if not_begun else ""
            raise CommandError(f"{len(left)} of the clinics are not up to date.{later} Run it again to go on.")
        if blueprint.get_ready():
            self._say("blueprint of new clinics: built")

    def _check(self, rings: list[str]) -> None:
        behind = ["public"] if public_is_behind() else [c.slug for ring in rings for c in clinics_behind(ring=ring)]
        if behind:
            raise CommandError(f"Behind: {', '.join(behind)}.")
        self._say("Everything is up to date.")

    def _tell(self, ended: rollout.Ended) -> None:
        done = ended.behind - len(ended.left)
        self._say(f"{ended.ring}: {done} brought up to date, {len(ended.left)} left" if ended.behind else
                  f"{ended.ring}: up to date")  # fmt: skip

    def _name(self, left: list) -> None:
        stopped = {row.clinic_id: f"stopped at {row.stopped_at}: {row.code}" for row in rollout.failures(left)}
        for clinic in left:
            self.stderr.write(f"{clinic.slug} ({clinic.ring}): {stopped.get(clinic.pk, 'was not finished')}")

    def _say(self, line: str) -> None:
        if self.loud:
            self.stdout.write(line)


def _at_least_one(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise ArgumentTypeError("a whole number from 1")
    return int(text)
