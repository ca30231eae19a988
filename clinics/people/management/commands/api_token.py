"""`manage.py api_token --clinic SLUG --email EMAIL`: a key to the API, printed once."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from clinics.models import Clinic
from clinics.people.models import User
from clinics.people.tokens import issue_token
from clinics.tenancy import PUBLIC, inside


class Command(BaseCommand):
    help = "Prints a new API token of one person, for `Authorization: Token ...`."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--clinic", required=True, help="The clinic's slug")
        parser.add_argument("--email", required=True)

    def handle(self, *args: object, **options: str) -> None:
        clinic = Clinic.objects.filter(slug=options["clinic"]).exclude(schema_name=PUBLIC).first()
        if clinic is None:
            raise CommandError(f"There is no clinic {options['clinic']}.")
        with inside(clinic):
            user = User.objects.active().filter(email=options["email"].strip().lower()).first()
            if user is None:
                raise CommandError(f"Nobody active signs in to {clinic.slug} with {options['email']}.")
            self.stdout.write(issue_token(user=user))
