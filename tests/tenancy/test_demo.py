"""The demo's two clinics: people who can sign in, a past that looks lived in, and no second copy of either."""

from __future__ import annotations

import stat
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from calls.models import Call, Turn
from clinics.models import Clinic
from clinics.tenancy import inside
from escalations.models import Escalation
from notifications.models import Event
from tasks.models import Decision, Task

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def seeded(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """Seed into a database without the tests' own `north`, whose host and number the demo takes."""
    from tests import baseline

    settings.DEBUG, settings.DATA_DIR, settings.BASE_DOMAIN = True, tmp_path, "demo.example"
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)
    north = Clinic.objects.get(slug="north")
    north.domains.all().delete()
    north.lines.all().delete()
    Clinic.objects.filter(pk=north.pk).update(slug="was-north", schema_name="was_north")
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ALTER SCHEMA north RENAME TO was_north")
    said = StringIO()
    try:
        call_command("seed_demo", stdout=said)
        yield said.getvalue()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA IF EXISTS north CASCADE")
            cursor.execute("ALTER SCHEMA was_north RENAME TO north")
        baseline.put_back()


def test_the_demo_is_told_once_and_lived_in(seeded: str, settings: Any, tmp_path: Path) -> None:
    kept = tmp_path / "demo-password"
    password = kept.read_text().strip()
    assert password in seeded
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600

    for slug, calls in (("demo", 13), ("north", 3)):
        clinic = Clinic.objects.get(slug=slug)
        for short in ("staff", "doctor", "admin"):
            client = Client(HTTP_HOST=f"{slug}.demo.example")
            form = {"email": f"{short}@{slug}.test", "password": password}
            assert client.post("/sign-in/", form).status_code == 302, form["email"]
        with inside(clinic):
            assert Call.objects.count() == calls
            assert Turn.objects.count() > 5 * calls
            assert not Call.objects.running().exists()
    with inside(Clinic.objects.get(slug="demo")):
        assert set(Task.objects.values_list("status", flat=True)) == {
            "pending",
            "in_progress",
            "completed",
            "cancelled",
        }
        assert set(Decision.objects.values_list("verdict", flat=True)) == {"approved", "rejected"}
        assert set(Escalation.objects.values_list("status", flat=True)) == {"acknowledged", "resolved"}
        assert set(Call.objects.values_list("language", flat=True)) == {"en", "es"}
        oldest, newest = Call.objects.earliest("started_at"), Call.objects.latest("started_at")
        assert (newest.started_at - oldest.started_at).days >= 3
        assert (oldest.ended_at - oldest.started_at).seconds == oldest.duration_sec
        moments = list(newest.turns.order_by("n").values_list("at", flat=True))
        assert len(set(moments)) == len(moments)
        assert moments[0] == newest.started_at or moments[0] > newest.started_at
        assert moments[-1] < newest.ended_at
        assert set(Escalation.objects.values_list("seconds_to_acknowledge", flat=True)) == {24}
    assert not Event.objects.exists(), "nobody is woken for the past"
    operator = {"email": "operator@cliniqai.test", "password": password}
    assert Client(HTTP_HOST="demo.example").post("/sign-in/", operator)["Location"] == "/admin/"

    again = StringIO()
    call_command("seed_demo", stdout=again)

    assert again.getvalue() == ""
    with inside(Clinic.objects.get(slug="demo")):
        assert Call.objects.count() == 13


def test_the_demo_refuses_without_debug(settings: Any) -> None:
    settings.DEBUG = False

    with pytest.raises(CommandError, match="DEBUG=1"):
        call_command("seed_demo")
