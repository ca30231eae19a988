"""Whether the audit trail of each clinic is as it was written; names the first row that is not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinics.models import Clinic
from clinics.practice.trail import chain
from clinics.practice.trail.chain import Head
from clinics.tenancy import inside, outside


class Command(BaseCommand):
    help = "Verify the audit chain of one clinic or of all; exit 1 names the first row that is not as it was written."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--clinic", help="its schema; all clinics when not given")
        parser.add_argument("--head", type=Path, help="heads that were exported before: a cut tail is found by them")
        parser.add_argument("--export-head", action="store_true", help="print the heads as JSON lines instead")

    def handle(self, *args: object, **given: Any) -> None:
        known = _read(given["head"]) if given["head"] else {}
        faults = 0
        for clinic in _clinics(given["clinic"], known):
            with inside(clinic):
                if given["export_head"]:
                    self._export(clinic)
                else:
                    faults += self._verify(clinic, known.get(clinic.schema_name))
        if faults:
            raise CommandError(f"{faults} of the audit chains do not hold.")

    def _export(self, clinic: Clinic) -> None:
        head = chain.head()
        self.stdout.write(json.dumps({"clinic": clinic.schema_name, "seq": head.seq, "hash": head.hash}))

    def _verify(self, clinic: Clinic, known: Head | None) -> int:
        found = chain.verify(known)
        if found.fault is None:
            self.stdout.write(f"{clinic.schema_name}: {found.head.seq} rows hold.")
            return 0
        self.stderr.write(f"{clinic.schema_name}: {found.fault}")
        return 1


def _clinics(schema: str | None, known: Mapping[str, Head]) -> list[Clinic]:
    with outside():
        found = list(Clinic.objects.exclude(schema_name="public").order_by("schema_name"))
    names = {clinic.schema_name for clinic in found}
    if schema and schema not in names:
        raise CommandError(f"There is no clinic with the schema {schema}.")
    if gone := sorted(known.keys() - names):
        raise CommandError(f"A head was exported for {', '.join(gone)}, and there is no such clinic any more.")
    return [clinic for clinic in found if not schema or clinic.schema_name == schema]


def _read(path: Path) -> dict[str, Head]:
    """The newest head of each clinic in a file of JSON lines."""
    known: dict[str, Head] = {}
    try:
        for line in filter(str.strip, path.read_text().splitlines()):
            row = json.loads(line)
            head = Head(int(row["seq"]), str(row["hash"]))
            if row["clinic"] not in known or head.seq >= known[row["clinic"]].seq:
                known[row["clinic"]] = head
    except OSError as missing:
        raise CommandError(f"{path} cannot be read: {missing.strerror}.") from missing
    except (ValueError, KeyError, TypeError) as odd:
        raise CommandError(f"{path} is no list of heads as --export-head prints it.") from odd
    return known
