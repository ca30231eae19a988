"""PgBouncer between us and PostgreSQL: what it must be set to, so that no row lands in another clinic."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection, connections

from clinics.models import Clinic
from clinics.practice.models import Fact
from clinics.tenancy import inside
from cliniqai.embedded.processes import wait_until
from tests.notifications.machines import ROOT, environment, own_valkey

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

CONFIG = """
[databases]
{name} = host={host} port={port} dbname={name} user={user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
default_pool_size = {size}
server_reset_query = DISCARD ALL
ignore_startup_parameters = extra_float_digits,options
logfile = {folder}/log
pidfile = {folder}/pid
"""


def _binary() -> str:
    """On PATH, in Debian's place, or where PGBOUNCER says."""
    found = os.environ.get("PGBOUNCER") or shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if not found:
        pytest.skip("There is no pgbouncer here: apt-get install pgbouncer, or name it in PGBOUNCER.")
    return found


@pytest.fixture
def bouncer(transactional_db: None, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The tests' database behind a PgBouncer in the asked-for mode; yields its address."""
    mode, size = request.param
    known = connection.settings_dict
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        listen = probe.getsockname()[1]
    tmp_path.chmod(0o755)
    config = tmp_path / "pgbouncer.ini"
    config.write_text(
        CONFIG.format(name=known["NAME"], host=known["HOST"], port=known["PORT"] or 5432, user=known["USER"],
                      listen=listen, mode=mode, size=size, folder=tmp_path)
    )  # fmt: skip
    as_somebody = ["unshare", "--user", "--map-user=65534", "--map-group=65534"] if os.getuid() == 0 else []
    process = subprocess.Popen([*as_somebody, _binary(), "-q", str(config)])  # it refuses to be root
    url = f"postgresql://{known['USER']}@127.0.0.1:{listen}/{known['NAME']}"
    try:
        assert wait_until(lambda: _answers(url), seconds=10), (tmp_path / "log").read_text()
        yield url
    finally:
        process.terminate()
        process.wait(10)
        connections.close_all()


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def written(url: str) -> dict[str, object]:
    with own_valkey() as valkey:
        told = subprocess.run(
            [sys.executable, "-m", "tests.platform.through_pgbouncer"],
            env=environment(valkey) | {"DATABASE_URL": url}, cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
    return json.loads(told.stdout.splitlines()[-1])


def strays() -> int:
    """Rows in the schema of a clinic that wrote none of them."""
    count = 0
    for clinic in Clinic.objects.filter(schema_name__in=["north", "south"]):
        with inside(clinic):
            count += Fact.objects.filter(topic__startswith="t").exclude(text=clinic.schema_name).count()
    return count


def rows() -> int:
    count = 0
    for clinic in Clinic.objects.filter(schema_name__in=["north", "south"]):
        with inside(clinic):
            count += Fact.objects.filter(topic__startswith="t").count()
    return count


@pytest.mark.parametrize("bouncer", [("session", 12)], indirect=True)
def test_in_session_mode_every_row_is_where_it_belongs(bouncer: str) -> None:
    told = written(bouncer)

    assert told == {"failed": [], "rows": 320}
    assert (rows(), strays()) == (320, 0)


@pytest.mark.parametrize("bouncer", [("transaction", 2)], indirect=True)
def test_in_transaction_mode_it_is_not_which_is_why_nobody_may_use_it(bouncer: str) -> None:
    told = written(bouncer)

    assert told["failed"] or strays(), "then docs/scale.md and docs/deploy can say something better"
