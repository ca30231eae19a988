"""A busy clinic: twelve weeks with ten thousand calls."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from calls.models import Call
from clinics.models import Clinic
from clinics.people.models import User
from clinics.tenancy import inside
from escalations.models import Escalation

pytestmark = pytest.mark.django_db

CALLS = 10_000


@pytest.fixture
def busy(north: Clinic) -> None:
    now, gone = timezone.now(), timedelta(days=80)
    with inside(north):
        calls = Call.objects.bulk_create(
            Call(sid=f"CA{number:032}", to_number="+12025550101", status="completed", ended_at=now, outcome="task")
            for number in range(CALLS)
        )
        for number, call in enumerate(calls):
            call.started_at = now - gone * (number / CALLS)
        Call.objects.bulk_update(calls, ["started_at"], batch_size=1000)
        Escalation.objects.bulk_create(
            Escalation(call_id=call.id, reason=["emergency", "human_request"][number % 2], level="attention")
            for number, call in enumerate(calls[::20])
        )
        Escalation.objects.update(raised_at=now - timedelta(days=1))


@pytest.mark.usefixtures("timeless")
def test_the_list_and_the_figures_come_at_once_and_in_few_queries(
    north: Clinic, busy: None, bob: User, client_of: Any
) -> None:
    client: Client = client_of(bob)
    client.get("/reviews/")

    for path, size in (("/reviews/", 60_000), ("/reviews/figures/", 60_000)):
        began = time.perf_counter()
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(path)
        took = time.perf_counter() - began
        assert answer.status_code == 200
        assert len(asked) < 25
        assert len(answer.content) < size
        assert took < 3  # 0.2 s on an idle machine; the tests share theirs


def test_rows_beyond_the_first_fifty_are_one_link_away(north: Clinic, busy: None, bob: User, client_of: Any) -> None:
    client: Client = client_of(bob)
    first = client.get("/reviews/").content.decode()
    link = first.split('id="more" href="')[1].split('"')[0].replace("&amp;", "&")

    second = client.get("/reviews/" + link).content.decode()

    def shown(text: str) -> set[str]:
        return {part[:36] for part in text.split('id="open-')[1:]}

    assert len(shown(first)) == len(shown(second)) == 50
    assert not shown(first) & shown(second)
    assert client.get("/reviews/", {"after": str(uuid4()), "week": "x", "show": "y"}).status_code == 200
