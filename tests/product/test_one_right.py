"""One right per deed: what one right opens, no other right opens, and without it the rest stays open."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from clinics.models import Clinic
from clinics.people.roles import GRANTS, Permission, Role
from tests.product.test_strangers import TABLE, Changed, Found, Played, ask
from tests.product.walk import CLINIC, routes

pytestmark = pytest.mark.django_db

SAME_DEED: dict[Permission, str] = {
    Permission.DECIDE_TASKS: "the doctor's page, the task's page and the API decide the same way",
    Permission.MARK_NOTIFICATIONS: "one of them, or all",
    Permission.RETRY_DELIVERIES: "one message, or all of a kind",
    Permission.CONFIRM_OWN_NUMBER: "the code is asked for, then written",
    Permission.DRAFT_SAFETY_RULES: "a draft is begun, then written anew",
    Permission.USE_TEST_PHONE: "a test call is rung, spoken in and ended",
    Permission.SEE_TASKS: "searching and looking change nothing; the doors of several deeds ask again for each deed's",
    Permission.SEE_SETTINGS: "hearing a greeting changes nothing",
    Permission.SEE_SAFETY_RULES: "trying a rule changes nothing",
}
"""Rights that several doors ask for, each with the reason why that is one deed."""


def _deeds() -> dict[str, Permission]:
    """What can be sent where, and the right it takes."""
    taking = {name: right for name, (right, answers) in TABLE.items() if right is not None and "POST" in answers}
    return {name: right.change if isinstance(right, Changed) else right for name, right in taking.items()}


def _bare(name: str) -> str:
    return name.removeprefix("api-").partition(":")[2] or name.removeprefix("api-")


def test_no_two_deeds_share_a_right() -> None:
    doors: dict[Permission, set[str]] = defaultdict(set)
    for name, right in _deeds().items():
        doors[right].add(_bare(name))

    shared = {right for right, names in doors.items() if len(names) > 1 or right.name.startswith("SEE_")}

    assert shared == set(SAME_DEED)


def test_every_right_opens_something() -> None:
    named = {right for right, _ in TABLE.values() if isinstance(right, Permission)}
    named |= {one for right, _ in TABLE.values() if isinstance(right, Changed) for one in right}

    assert set(Permission) - named == set()


@pytest.mark.parametrize("role", [Role.DOCTOR, Role.ADMIN])
def test_without_its_right_a_deed_is_refused_and_what_is_only_seen_stays_open(
    role: Role, north: Clinic, calls_at: Played, person_of: Found, monkeypatch: Any
) -> None:
    given = calls_at(north)
    _, client = person_of(role)
    held, tried, faults = GRANTS[role], 0, []
    paths = {route.name: route.path(given) for route in routes(CLINIC)}

    for name, right in _deeds().items():
        if right not in held:
            continue
        tried += 1
        monkeypatch.setitem(GRANTS, role, held - {right})
        if (status := ask(client, "POST", paths[name]).status_code) != 403:
            faults.append((name, right.name, status))
        asked = TABLE[name][0]
        if isinstance(asked, Changed) and ask(client, "GET", paths[name]).status_code == 403:
            faults.append((name, "is shut for reading too"))
        monkeypatch.setitem(GRANTS, role, held)

    assert tried > (20 if role == Role.DOCTOR else 60)
    assert faults == []


def test_an_auditor_holds_no_right_that_writes() -> None:
    assert {right for right in GRANTS[Role.AUDITOR] if not right.name.startswith(("SEE_", "EXPORT_"))} == set()
