"""The embedded PostgreSQL and Valkey: they come up, survive every kill, and are gone when nobody needs them."""

from __future__ import annotations

import os
import signal
import site
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import redis

from cliniqai.embedded import identity, services
from cliniqai.embedded.complaint import Complaint
from cliniqai.embedded.leash import NOBODY
from cliniqai.embedded.locks import is_held
from cliniqai.embedded.places import ROOT, Places
from cliniqai.embedded.postgres import Postgres, find_programs
from cliniqai.embedded.processes import command_of, wait_until
from tests.platform.conftest import running, stop

pytestmark = pytest.mark.slow

ONE_QUERY = (
    "import os, psycopg; from cliniqai.embedded.development import enter; enter(); "
    "print(psycopg.connect(os.environ['DATABASE_URL']).execute('SELECT 1').fetchone())"
)
ProcessesOf = Callable[[Places], dict[int, str]]


def query(places: Places, statement: str) -> object:
    with psycopg.connect(places.database_url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def valkey(places: Places) -> redis.Redis:
    return redis.Redis.from_url(places.redis_url, decode_responses=True)


def kill(places: Places, word: str) -> int:
    """Kill -9 the one process of this DATA_DIR whose program has this name."""
    [pid] = [pid for pid, command in running(places).items() if word in " ".join(command.split()[:3])]
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: not command_of(pid), seconds=5)
    return pid


def test_they_answer_and_are_gone_after_the_last_user(places: Places, processes_of: ProcessesOf) -> None:
    services.enter(places)
    assert query(places, "SELECT count(*) FROM pg_available_extensions WHERE name IN ('pg_trgm', 'btree_gist')") == 2
    assert valkey(places).ping()

    services.let_go(places)

    assert processes_of(places) == {}


def test_they_know_accents_wherever_the_machine_comes_from(places: Places) -> None:
    services.enter(places)

    assert query(places, "SELECT 'Peña' ILIKE 'PEÑA' AND lower('ÉÀ') = 'éà'") is True


def test_nobody_else_can_connect(places: Places) -> None:
    services.enter(places)

    assert places.sockets.stat().st_mode & 0o077 == 0
    assert places.data.stat().st_mode & 0o077 == 0
    assert query(places, "SHOW listen_addresses") == ""
    assert valkey(places).config_get("port") == {"port": "0"}


def test_a_killed_postgres_comes_back_with_what_was_committed(places: Places) -> None:
    services.enter(places)
    query(places, "CREATE TABLE call AS SELECT 7 AS n")

    kill(places, "bin/postgres")

    assert wait_until(lambda: _answers(places, "SELECT n FROM call") == 7, seconds=20, step=0.1)


def test_a_killed_valkey_comes_back_with_what_was_written(places: Places) -> None:
    services.enter(places)
    valkey(places).set("turn", "4")
    wait_until(lambda: False, seconds=1.1)  # the append-only file is flushed once a second

    killed = kill(places, "valkey-server")

    assert wait_until(lambda: services.are_ready(places) and killed not in running(places), seconds=20, step=0.1)
    assert valkey(places).get("turn") == "4"


def test_a_killed_keeper_takes_them_along_and_the_next_user_starts_them_again(places: Places) -> None:
    services.enter(places)
    query(places, "CREATE TABLE call AS SELECT 7 AS n")

    kill(places, "cliniqai.embedded.keeper")
    assert wait_until(lambda: not is_held(places.keeper_lock), seconds=5)  # the kernel gives it back a moment later
    services.revive(places)

    assert query(places, "SELECT n FROM call") == 7
    assert is_held(places.keeper_lock)


def test_everything_killed_at_once_blocks_nothing(places: Places) -> None:
    services.enter(places)

    for pid in running(places):
        os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: not is_held(places.keeper_lock), seconds=5)
    services.revive(places)

    assert query(places, "SELECT 1") == 1


def test_a_lock_file_with_somebody_elses_id_blocks_nothing(places: Places) -> None:
    services.enter(places)
    stop(places)
    (places.postgres / "postmaster.pid").write_text(f"{os.getpid()}\n{places.postgres}\n0\n5432\n\n\n")

    services.enter(places)

    assert query(places, "SELECT 1") == 1


def test_a_half_made_data_folder_is_made_anew(places: Places) -> None:
    half = places.data / "postgres.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")

    services.enter(places)

    assert query(places, "SELECT 1") == 1


def test_a_data_folder_of_another_version_is_said_in_a_sentence(places: Places) -> None:
    places.make()
    places.postgres.mkdir()
    (places.postgres / "PG_VERSION").write_text("15\n")

    with pytest.raises(Complaint, match="made by PostgreSQL 15"):
        services.enter(places)


def test_a_long_path_with_spaces_gets_short_sockets(folder: Path) -> None:
    places = Places(folder / ("a checkout with a long name " * 5).strip() / "data")
    try:
        services.enter(places)
        assert query(places, "SELECT 1") == 1
        assert valkey(places).ping()
    finally:
        stop(places)


def test_two_checkouts_run_side_by_side(folder: Path) -> None:
    one, other = Places(folder / "one"), Places(folder / "other")
    try:
        services.enter(one)
        services.enter(other)
        valkey(one).set("who", "one")
        assert valkey(other).get("who") is None
        services.let_go(one)
        assert query(other, "SELECT 1") == 1
    finally:
        stop(one)
        stop(other)


def test_many_commands_at_once_share_one_start(places: Places) -> None:
    clean = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    env = clean | {"DATA_DIR": str(places.data), "PYTHONPATH": str(ROOT)}

    command = [sys.executable, "-c", ONE_QUERY]
    commands = [subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) for _ in range(5)]

    assert [command.communicate(timeout=60)[0] for command in commands] == ["(1,)\n"] * 5


@pytest.mark.skipif(os.getuid() != 0, reason="only root has to become somebody else")
def test_root_in_a_container_without_user_namespaces_becomes_nobody(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    works_as = identity.works_as
    monkeypatch.setattr(identity, "works_as", lambda who, program: who != "namespace" and works_as(who, program))
    if not works_as("nobody", [find_programs() / "postgres", "--version"]):
        pytest.skip("nobody cannot reach this checkout")
    places.make()
    postgres = Postgres(places)

    postgres.start()
    try:
        owner = postgres.process and Path(f"/proc/{postgres.process.pid}").stat().st_uid
        assert owner == NOBODY
        assert query(places, "SELECT 1") == 1
    finally:
        postgres.stop()


@pytest.mark.skipif(os.getuid() != 0, reason="only root is refused")
def test_root_without_either_is_told_what_to_do(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "works_as", lambda who, program: False)
    places.make()

    with pytest.raises(Complaint, match="run as a normal user, or set DATABASE_URL"):
        Postgres(places).start()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_a_normal_user_needs_nothing_special(folder: Path) -> None:
    os.chown(folder, NOBODY, NOBODY)
    packages = os.pathsep.join([str(ROOT), *site.getsitepackages()])
    env = {"PATH": os.environ["PATH"], "DATA_DIR": str(folder / "data"), "PYTHONPATH": packages}
    python = f"/usr/bin/python3.{sys.version_info.minor}"  # the one in .venv may lead into root's home
    as_nobody = {"env": env, "user": NOBODY, "group": NOBODY, "cwd": "/", "capture_output": True, "text": True}
    if not Path(python).exists() or subprocess.run([python, "-c", "import cliniqai, psycopg"], **as_nobody).returncode:
        pytest.skip("a normal user cannot reach this checkout or its Python")

    ended = subprocess.run([python, "-c", ONE_QUERY], **as_nobody)

    assert ended.stdout == "(1,)\n", ended.stderr


def _answers(places: Places, statement: str) -> object:
    try:
        return query(places, statement)
    except psycopg.OperationalError:
        return None
