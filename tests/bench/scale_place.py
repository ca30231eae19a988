"""One size of `make bench-scale`, in a process of its own because Django knows one database: built, visited, swept.

Prints its figures as one line of JSON, the last line of what it says.
"""

from __future__ import annotations

import http.client
import json
import sys
import time
from collections.abc import Callable

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from calls.recordings import fetching  # noqa: E402
from clinics import actions  # noqa: E402
from clinics.fleet.waves import drift  # noqa: E402
from clinics.models import Clinic  # noqa: E402
from clinics.people.roles import Role  # noqa: E402
from clinics.practice import actions as practice  # noqa: E402
from clinics.tenancy import inside  # noqa: E402
from escalations.climbing import climb_everywhere  # noqa: E402
from notifications.sweeping import sweep_once  # noqa: E402
from tasks.jobs import notice_broken_promises  # noqa: E402
from tests.bench.callers import Times, Wire, one_call  # noqa: E402
from tests.bench.messages import session_of  # noqa: E402

TEMPLATE = "clinic00000"


def build(clinics: int) -> dict[str, float]:
    """So many whole clinics, each with a person; how long one takes, the first apart: it builds the blueprint."""
    call_command("migrate_schemas", "--shared", verbosity=0)
    took = [_timed(lambda number=number: _open(number)) for number in range(clinics)]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    last = took[-min(10, len(took)) :]
    return {"first clinic, s": took[0] / 1000, "a new clinic, s": sum(last) / len(last) / 1000}


def _open(number: int) -> None:
    slug = f"clinic{number:05}"
    clinic = actions.open_clinic(
        by=None, name=f"Clinic {number}", host=f"{slug}.{settings.BASE_DOMAIN}", number=f"+1202{5_000_000 + number}",
        template=TEMPLATE if number else "",
    )  # fmt: skip
    with inside(clinic):
        practice.publish_policy(by=None, changes={"phase": "expansion"})
    actions.add_person(by=None, clinic=clinic, email=f"staff@{slug}.test", name="Staff", role=Role.STAFF, password=None)


def visit(port: int, calls: int, pages: int) -> dict[str, object]:
    """Calls and pages, each in the next of a few clinics that lie far apart; milliseconds of each answer."""
    clinics = list(Clinic.objects.open().order_by("schema_name"))
    spread = clinics[:: max(1, len(clinics) // pages)][:pages]
    times = Times()
    for number in range(calls):
        clinic = spread[number % len(spread)]
        one_call(Wire(clinic, port, times), clinic.lines.get().number, 0.02)
    seen, failed = [], times.failed
    for number in range(pages):
        clinic = spread[number % len(spread)]
        answer, took = _page(clinic, port)
        seen.append(took)
        failed += answer != 200
    return {"turns": [1000 * took for took in times.answers], "pages": seen, "failed": failed}


def _page(clinic: Clinic, port: int) -> tuple[int, float]:
    """The second look at the queue by somebody who is signed in: the first fills what is remembered of a clinic."""
    wire = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    head = {
        "Host": clinic.get_primary_domain().domain,
        "Cookie": f"{settings.SESSION_COOKIE_NAME}={session_of(clinic)}",
        "X-Forwarded-Proto": "https",
    }
    status, took = 0, 0.0
    for _ in range(2):
        began = time.perf_counter()
        wire.request("GET", "/tasks/", headers=head)
        answer = wire.getresponse()
        answer.read()
        status, took = answer.status, 1000 * (time.perf_counter() - began)
    return status, took


def chores() -> dict[str, float]:
    """What runs by itself, with nothing to do, in milliseconds: once to warm up, then measured."""
    deeds: dict[str, Callable[[], object]] = {
        "a sweep, ms": lambda: sweep_once(workers=1, grace_seconds=0.0),
        "a pass of the ladder, ms": climb_everywhere,
        "a pass over recordings, ms": fetching.fetch_everywhere,
        "a pass over promises, ms": notice_broken_promises,
        "drift report, ms": drift.report,
    }
    return {name: [_timed(deed) for _ in range(3)][-1] for name, deed in deeds.items()}


def _timed(deed: Callable[[], object]) -> float:
    began = time.perf_counter()
    deed()
    return 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    name, *numbers = sys.argv[1:]
    found = {"build": build, "visit": visit, "chores": chores}[name](*map(int, numbers))
    print(json.dumps(found))
