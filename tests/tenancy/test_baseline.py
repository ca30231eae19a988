"""What a test has committed is gone after it, whatever it was, and what it took away is back."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from clinics.models import Clinic, Domain, PhoneLine
from clinics.people.models import User
from clinics.practice.models import Fact, OpeningHours
from clinics.tenancy import inside
from tasks.models import Task
from tests import baseline
from tests.tasks.conftest import a_task  # noqa: F401  (a fixture)

pytestmark = pytest.mark.django_db(transaction=True)


def different() -> list[tuple[str, str]]:
    """The tables that do not hold exactly their kept rows, each looked at by itself."""
    with connection.cursor() as cursor:
        return [table for table in baseline._tables if baseline._those(cursor, [table], baseline.DIFFERS)]


def test_rows_that_were_added_changed_or_taken_away_are_put_back(north: Clinic, a_task: Any) -> None:  # noqa: F811
    a_task()
    Domain.objects.create(tenant=north, domain="more.localhost")
    PhoneLine.objects.all().delete()
    with inside(north):
        User.objects.filter(name="Bob Lee").update(name="Somebody else")
        User.objects.create_user("eve@north.test", None, name="Eve", role="staff")
        OpeningHours.objects.all().delete()
        Fact.objects.filter(language="es").delete()
    assert len(different()) >= 5

    baseline.put_back()

    assert different() == []
    with inside(north):
        assert not Task.objects.exists()
