"""Brings the database up to date and, unless DEMO=0, sets the demo clinics up: one process, so Django loads once."""

from __future__ import annotations

import os

import django
from django.core.management import call_command


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cliniqai.settings")
    django.setup()
    call_command("migrate_clinics", verbosity=0)  # public first, then the clinics that are behind
    if os.environ.get("DEMO", "1") != "0":
        call_command("seed_demo")


if __name__ == "__main__":
    main()
