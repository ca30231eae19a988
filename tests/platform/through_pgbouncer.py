"""Printed as JSON by a process of its own: eight threads that write into two clinics in turn, through a PgBouncer.

`atomic`: each row in a transaction, or each statement by itself, where `SET search_path` and what follows may part.
"""

from __future__ import annotations

import json
import sys
import threading

import django

django.setup()

from django.db import connection, transaction  # noqa: E402

from clinics.models import Clinic  # noqa: E402
from clinics.practice.models import Fact  # noqa: E402
from clinics.tenancy import inside  # noqa: E402

THREADS, ROWS = 8, 40
failed: list[str] = []


def write(name: int, clinics: list[Clinic]) -> None:
    try:
        for row in range(ROWS):
            clinic = clinics[(name + row) % len(clinics)]
            with inside(clinic):
                if row % 3 == 0:
                    with transaction.atomic():
                        _one(clinic, name, row)
                else:
                    _one(clinic, name, row)
    except Exception as error:
        failed.append(type(error).__name__)
    finally:
        connection.close()


def _one(clinic: Clinic, name: int, row: int) -> None:
    Fact.objects.create(topic=f"t{name}.{row}", language="en", text=clinic.schema_name)
    if Fact.objects.get(topic=f"t{name}.{row}").text != clinic.schema_name:
        failed.append("another clinic's row")


found = list(Clinic.objects.filter(schema_name__in=["north", "south"]).order_by("schema_name"))
connection.close()
threads = [threading.Thread(target=write, args=(name, found)) for name in range(THREADS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
sys.stdout.write(json.dumps({"failed": failed, "rows": THREADS * ROWS}) + "\n")
