"""`manage.py drift [--all]`: the clinics that differ from their group, where and why; 1 when nobody chose it."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from clinics.fleet.waves import drift


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="what clinics chose themselves as well")

    def handle(self, *args: object, all: bool, **options: object) -> None:  # noqa: A002  (the option's name)
        found = drift.report()
        unwanted = [one for one in found if one.why == drift.DRIFT]
        for one in found if all else unwanted:
            self.stdout.write(
                f"{one.clinic.slug} ({one.group}): {one.field} is {one.actual}, not {one.expected}: {one.why_words}"
            )
        if unwanted:
            raise CommandError(f"{len(unwanted)} differences that nobody chose.")
        self.stdout.write("No clinic differs from its group without having chosen to.")
