"""`manage.py catalogue`: finds the portal's words in the sources and brings every language's files up to them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from clinics.catalogue.keeping import place, written


class Command(BaseCommand):
    help = "Bring clinics/locale and the scripts' words up to the sources; says what is still to be translated."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        waiting = 0
        for language, _name in settings.LANGUAGES:
            if not place(language, "po").exists():
                continue  # the language of the sources
            for message in written(language):
                waiting += 1
                self.stdout.write(f"{language}: {message.id!r}")
        if waiting:
            raise CommandError(f"{waiting} texts wait for their translation in clinics/locale.")
