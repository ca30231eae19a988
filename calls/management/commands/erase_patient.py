"""`manage.py erase_patient --clinic SLUG --number E164 --reason TEXT`: erase a patient, and say what became of each."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from calls.erasing import erase
from clinics import audit
from clinics.models import Clinic
from clinics.phones import is_e164
from clinics.tenancy import PUBLIC, inside


class Command(BaseCommand):
    help = "Erases all that a clinic holds of a telephone number: rows, files, caches and the network's copies."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--clinic", required=True, help="The clinic's slug")
        parser.add_argument("--number", required=True, help="The patient's number in E.164")
        parser.add_argument("--reason", required=True, help="Who asked for it, without a patient's name")

    def handle(self, *args: object, **options: str) -> None:
        clinic = Clinic.objects.filter(slug=options["clinic"]).exclude(schema_name=PUBLIC).first()
        if clinic is None:
            raise CommandError(f"There is no clinic {options['clinic']}.")
        if not is_e164(options["number"]):
            raise CommandError("Write the number in E.164 form, such as +12025550142.")
        with inside(clinic), audit.acting_alone(f"erase_patient: {options['reason'][:100]}"):
            report = erase(number=options["number"])
        for line in report.lines:
            self.stdout.write(f"{line.where:9} {line.count:5} {line.what}: {line.became}")
        if not report.lines:
            self.stdout.write("Nothing was found under this number.")
        self.stdout.write("Backups keep what they held until they expire; other processes forget within 30 minutes.")
        if not report.complete:
            raise CommandError("Something could not be deleted at the network. Run it again later.")
