"""Schemas are brought up to date ring by ring, without waiting for locks, and whatever dies on the way."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from clinics.fleet.behind import clinics_behind
from clinics.fleet.models import Upgrade
from clinics.fleet.upgrading import Patience, upgrade
from clinics.models import Clinic
from clinics.versions import find_missing
from cliniqai.embedded.processes import wait_until
from tests.fleet.behind import BEFORE, NEXT, put_in_the_way, set_back, take_away

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _whole_afterwards(transactional_db: None) -> Iterator[None]:
    """Rows are put back after a test, tables are not."""
    yield
    connection.set_schema_to_public()
    call_command("migrate_clinics", "--past-failures", verbosity=0)


def migrated(*options: str) -> str:
    said = StringIO()
    call_command("migrate_clinics", *options, stdout=said, stderr=said)
    return said.getvalue()


def test_only_who_is_behind_is_touched(north: Clinic, south: Clinic) -> None:
    set_back(north)
    with pytest.raises(CommandError, match=r"Behind: north\."):
        migrated("--check")

    said = migrated()

    assert said.splitlines() == ["canary: up to date", "early: up to date", "general: 1 brought up to date, 0 left"]
    assert find_missing("north") == ""
    assert [(row.clinic, row.state, row.tries) for row in Upgrade.objects.all()] == [(north, "done", 1)]
    assert migrated("--check") == "Everything is up to date.\n"


def test_other_processes_do_each_clinic_once(north: Clinic, south: Clinic) -> None:
    set_back(north, south)

    assert "general: 2 brought up to date, 0 left" in migrated("--jobs", "2")

    assert clinics_behind() == []
    assert set(Upgrade.objects.values_list("state", "tries")) == {("done", 1)}
    assert str(os.getpid()) not in {one.rpartition(":")[2] for one in Upgrade.objects.values_list("by", flat=True)}


def test_a_clinic_that_fails_stops_the_next_ring_and_nobody_in_its_own(north: Clinic, south: Clinic) -> None:
    set_back(north, south)
    put_in_the_way(north)
    assert "general: 1 brought up to date, 1 left" in _said_while_failing()
    assert find_missing("south") == ""

    set_back(south)
    Clinic.objects.filter(pk=north.pk).update(ring="canary")
    with pytest.raises(CommandError, match="Not begun: early, general"):
        migrated()
    assert clinics_behind() == [north, south]
    row = Upgrade.objects.get(clinic=north)
    assert (row.state, row.stopped_at, row.code) == ("failed", NEXT, "ProgrammingError 42P07")

    take_away(north)
    migrated()
    assert clinics_behind() == []


def _said_while_failing() -> str:
    said = StringIO()
    with pytest.raises(CommandError, match="1 of the clinics"):
        call_command("migrate_clinics", stdout=said, stderr=said)
    return said.getvalue()


def test_a_held_lock_is_given_up_and_come_back_to(north: Clinic) -> None:
    set_back(north)
    held, params = threading.Event(), _plain(connection.get_connection_params())

    def hold() -> None:
        """A person's key is changed in a transaction that ends once somebody has given up waiting for it."""
        with psycopg.connect(**params) as other, psycopg.connect(**params, autocommit=True) as watching:
            other.execute("LOCK TABLE north.mfa_authenticator IN ROW EXCLUSIVE MODE")
            held.set()
            assert wait_until(lambda: _waits_for_a_lock(watching), seconds=20)
            assert wait_until(lambda: not _waits_for_a_lock(watching), seconds=20)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(5)
    outcome = upgrade(north, Patience(lock_seconds=0.1, tries=50, pause_seconds=0.2))
    holder.join()

    assert outcome == "done"
    assert Upgrade.objects.get().tries > 1


def _plain(params: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in params.items() if name in {"dbname", "user", "password", "host", "port"}}


def test_a_killed_run_is_gone_on_with(north: Clinic) -> None:
    set_back(north)
    with psycopg.connect(**_plain(connection.get_connection_params())) as other:
        other.execute("LOCK TABLE north.mfa_authenticator IN ROW EXCLUSIVE MODE")
        connections.close_all()
        child = multiprocessing.get_context("fork").Process(target=upgrade, args=(north, Patience(lock_seconds=60)))
        child.start()
        assert wait_until(lambda: _waits_for_a_lock(connection.cursor()), seconds=20)
        assert upgrade(north, Patience()) is None, "one at a time"
        os.kill(child.pid, signal.SIGKILL)
        child.join()
    assert Upgrade.objects.get().state == "running"

    assert wait_until(lambda: upgrade(north, Patience()) == "done", seconds=90)  # PostgreSQL notices who has gone
    assert find_missing("north") == ""


def _waits_for_a_lock(who: Any) -> bool:
    asked = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'north.mfa_authenticator'::regclass"
    return (who.execute(asked) or who).fetchone()[0] > 0


def test_a_schema_without_a_table_of_migrations_is_behind(north: Clinic) -> None:
    bare = Clinic(slug="bare", schema_name="bare", name="Bare")
    bare.auto_create_schema = False
    bare.save()

    assert [clinic.slug for clinic in clinics_behind()] == ["bare"]
    Clinic.objects.filter(slug="bare").delete()


def test_the_plan_of_a_release_names_what_comes_and_the_way_back(north: Clinic, tmp_path: Path) -> None:
    set_back(north)
    said = StringIO()

    call_command("plan_release", to=tmp_path, backup=True, stdout=said)

    text = Path(said.getvalue().strip()).read_text()
    assert f"- {NEXT}, in 1 schemas. Back: leave it, or `manage.py migrate_schemas mfa {BEFORE[1]}`" in text
    assert "--ring general`: 2 clinics" in text
    for path in tmp_path.glob("*.cliniqai"):
        assert path.name in text
    assert len(list(tmp_path.glob("*.cliniqai"))) == 2
