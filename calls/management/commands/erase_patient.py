"""`manage.py erase_patient --clinic SLUG (--number E164 | --person) --reason TEXT`: erase a patient, and report each.

With `--person` the name and the date of birth are read from the standard input, a line each, so that they stand in no
history of commands and no list of processes.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from datetime import date
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from calls.erasing import Report, erase, erase_person
from calls.searching import TooLittle, find
from clinics import audit
from clinics.models import Clinic
from clinics.phones import is_e164
from clinics.tenancy import PUBLIC, inside


class Command(BaseCommand):
    help = "Erases all that a clinic holds of a patient: rows, files, caches and the network's copies."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--clinic", required=True, help="The clinic's slug")
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("--number", help="The patient's number in E.164")
        who.add_argument("--person", action="store_true", help="Read name and date of birth from the standard input")
        parser.add_argument("--reason", required=True, help="Who asked for it, without a patient's name")
        parser.add_argument(
            "--confirm", action="append", default=[], type=UUID, help="The id of something in doubt that is theirs"
        )

    def handle(self, *args: object, **options: object) -> None:
        clinic = Clinic.objects.filter(slug=options["clinic"]).exclude(schema_name=PUBLIC).first()
        if clinic is None:
            raise CommandError(f"There is no clinic {options['clinic']}.")
        with inside(clinic), audit.acting_alone(f"erase_patient: {str(options['reason'])[:100]}"):
            report = self._of_person(options["confirm"]) if options["person"] else self._of_number(options["number"])
        for line in report.lines:
            self.stdout.write(f"{line.where:9} {line.count:5} {line.what}: {line.became}")
        if not report.lines:
            self.stdout.write(f"Nothing was found under this {'name and date' if options['person'] else 'number'}.")
        self.stdout.write("Backups keep what they held until they expire; other processes forget within 30 minutes.")
        if not report.complete:
            raise CommandError("Something could not be deleted at the network. Run it again later.")
        if report.doubtful:
            raise CommandError("Look at what is in doubt, and run it again with --confirm ID for each that is theirs.")

    def _of_number(self, number: object) -> Report:
        if not is_e164(str(number)):
            raise CommandError("Write the number in E.164 form, such as +12025550142.")
        return erase(number=str(number))

    def _of_person(self, confirmed: object) -> Report:
        name, born = sys.stdin.readline().strip(), sys.stdin.readline().strip()
        try:
            return erase_person(find(name=name, born=date.fromisoformat(born), confirmed=confirmed))  # type: ignore[arg-type]
        except TooLittle:
            raise CommandError("Write first and last name on the first line.") from None
        except ValueError:
            raise CommandError("Write the date of birth on the second line, such as 1982-03-04.") from None
