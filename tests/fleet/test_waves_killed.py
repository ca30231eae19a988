"""A change that is killed on its way, or done by two at once: every clinic gets it once."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading

import psycopg
import pytest
from django.db import connection, connections

from clinics.fleet.waves import advancing
from clinics.fleet.waves.models import FleetStep
from clinics.models import Clinic
from cliniqai.embedded.processes import wait_until
from tests.fleet.test_rollout import _plain
from tests.fleet.test_waves import begun, policy_of

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_a_killed_pass_is_gone_on_with(north: Clinic, south: Clinic) -> None:
    Clinic.objects.update(ring="canary")
    begun()
    with psycopg.connect(**_plain(connection.get_connection_params())) as other:
        other.execute("LOCK TABLE south.practice_callpolicy IN EXCLUSIVE MODE")  # it stands still in the second clinic
        connections.close_all()
        child = multiprocessing.get_context("fork").Process(target=advancing.advance)
        child.start()
        assert wait_until(_waits_for_a_lock, seconds=60)
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        assert policy_of(north).version == 2

    assert wait_until(lambda: not _waits_for_a_lock(), seconds=60)
    assert list(FleetStep.objects.values_list("standing", flat=True)) == ["applied", "waiting"]
    advancing.advance()

    assert (policy_of(north).version, policy_of(south).version) == (2, 2)
    assert list(FleetStep.objects.values_list("standing", flat=True)) == ["applied", "applied"]


def _waits_for_a_lock() -> bool:
    asked = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'south.practice_callpolicy'::regclass"
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return cursor.fetchone()[0] > 0


def test_two_passes_at_once_change_each_clinic_once(north: Clinic, south: Clinic) -> None:
    Clinic.objects.update(ring="canary")
    begun()
    gate = threading.Barrier(3)

    def run() -> None:
        gate.wait()
        advancing.advance()
        connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    advancing.advance()

    assert (policy_of(north).version, policy_of(south).version) == (2, 2)
