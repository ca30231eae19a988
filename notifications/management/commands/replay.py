"""Brings dead deliveries and events back."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from clinics.models import Clinic
from notifications.replaying import Wanted, replay


class Command(BaseCommand):
    help = "Brings dead deliveries back to pending. Never touches sent or, unless told to, expired ones. Sends nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--clinic", metavar="SLUG", help="only this clinic's")
        parser.add_argument("--kind", help="only this kind, such as task.opened")
        parser.add_argument(
            "--since", metavar="TIME", help="only those that died since, such as 2026-11-22T08:00+00:00"
        )
        parser.add_argument("--limit", type=int, default=1000, help="at most so many (1000)")
        parser.add_argument("--even-expired", action="store_true", help="also those whose time is over: one more hour")
        parser.add_argument("--dry-run", action="store_true", help="count and change nothing")
        parser.add_argument("--reason", required=True, help="why; kept with your name. No patient's words here")

    def handle(self, *args: object, **options: object) -> None:
        reason = str(options["reason"]).strip()
        if not 3 <= len(reason) <= 200:
            raise CommandError("Give a --reason of 3 to 200 letters; it is kept with the replay.")
        wanted = Wanted(
            clinic=_clinic(options["clinic"]),
            kind=str(options["kind"] or ""),
            since=_moment(options["since"]),
            limit=int(str(options["limit"])),
            even_expired=bool(options["even_expired"]),
        )
        done = replay(wanted, by=getpass.getuser(), reason=reason, dry_run=bool(options["dry_run"]))
        verb = "would be replayed" if options["dry_run"] else "replayed"
        self.stdout.write(f"{done.deliveries} deliveries and {done.events} events {verb}.")
        if done.expired:
            self.stdout.write(f"{done.expired} are past their time and stay dead; --even-expired brings them back.")


def _clinic(slug: object) -> Clinic | None:
    if not slug:
        return None
    try:
        return Clinic.objects.get(slug=slug)
    except Clinic.DoesNotExist as absent:
        raise CommandError(f"There is no clinic {slug}.") from absent


def _moment(text: object) -> object:
    if not text:
        return None
    try:
        moment = parse_datetime(str(text))
    except ValueError:
        moment = None
    if moment is None:
        raise CommandError("Write --since as 2026-11-22T08:00+00:00.")
    return moment if moment.tzinfo else timezone.make_aware(moment)
