"""`manage.py open_clinic NAME --host HOST --number E164 [--template SLUG]`: a new clinic, ready to be called."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from clinics import actions


class Command(BaseCommand):
    help = "Opens a clinic: its schema, host, number, and version 1 of its call policy."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="As the phone says it")
        parser.add_argument("--host", required=True, help="Such as north.example.org")
        parser.add_argument("--number", required=True, help="The number that patients dial, in E.164")
        parser.add_argument("--slug", default="", help="Short name; the host's first part when left out")
        parser.add_argument(
            "--clinic-line", default="", help="The human line in E.164; the number itself when left out"
        )
        parser.add_argument("--timezone", default="America/New_York", help="An IANA name")
        parser.add_argument("--template", default="", help="The slug of a clinic whose rules and hours are copied")
        parser.add_argument("--group", default="", help="The slug of the group it belongs to")

    def handle(self, *args: object, **options: object) -> None:
        names = ("name", "host", "number", "slug", "clinic_line", "timezone", "template", "group")
        try:
            clinic = actions.open_clinic(by=None, **{name: options[name] for name in names})
        except ValidationError as wrong:
            raise CommandError(_sentences(wrong)) from wrong
        self.stdout.write(f"{clinic.name} is open at {clinic.get_primary_domain()} ({clinic.slug}).")


def _sentences(wrong: ValidationError) -> str:
    if not hasattr(wrong, "error_dict"):
        return " ".join(wrong.messages)
    return "\n".join(f"{field}: {' '.join(texts)}" for field, texts in wrong.message_dict.items())
