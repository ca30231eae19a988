"""`manage.py create_operator EMAIL --name NAME`: someone who runs the platform; the password is typed."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from getpass import getpass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from clinics.people.models import User
from clinics.tenancy import outside


class Command(BaseCommand):
    help = "Makes an operator, who signs in at /admin/ on the public host. The password: OPERATOR_PASSWORD or typed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", required=True)

    def handle(self, *args: object, **options: str) -> None:
        password = os.environ.get("OPERATOR_PASSWORD") or getpass("Password: ")
        with outside():
            user = User(email=options["email"].strip().lower(), name=options["name"])
            try:
                validate_password(password, user)
                if User.objects.filter(email=user.email).exists():
                    raise ValidationError("An operator with this e-mail address exists.")
            except ValidationError as wrong:
                raise CommandError(" ".join(wrong.messages)) from wrong
            User.objects.create_superuser(user.email, password, name=user.name)
        self.stdout.write(f"{user.email} may sign in.")
