"""`manage.py close_clinic SLUG --exported FILE.zip --confirm SLUG`: erases a clinic that left, and reports it."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from clinics.backups.leaving import NotReady, close
from clinics.models import Clinic


class Command(BaseCommand):
    """Erases a suspended clinic once its export was handed over: schema, shared rows, keys, files. Cannot be undone."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("clinic", metavar="SLUG")
        parser.add_argument("--exported", type=Path, required=True, metavar="FILE.zip", help="what was handed over")
        parser.add_argument("--confirm", required=True, metavar="SLUG", help="the same name again")
        parser.add_argument("--by", default="command", help="who closes it, for the report")

    def handle(self, *, clinic: str, exported: Path, confirm: str, by: str, **options: object) -> None:
        row = Clinic.objects.exclude(schema_name="public").filter(slug=clinic).first()
        if row is None or confirm != clinic:
            raise CommandError(f"There is no clinic {clinic}." if row is None else "--confirm names another clinic.")
        try:
            closed = close(row, exported=exported, by=by)
        except NotReady as missing:
            raise CommandError(str(missing)) from missing
        self.stdout.write(json.dumps(closed.report, indent=2))
