"""A gate before PostgreSQL: open it passes every byte on; shut it is a PostgreSQL that has gone, for whoever knocks."""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from django.db import connection

BYTES = 65_536


class Gate:
    """Listens in `folder` under the name that PostgreSQL's clients look for; open from the start."""

    def __init__(self, folder: Path) -> None:
        known = connection.settings_dict
        self.host, self.port = str(folder), str(known["PORT"] or 5432)
        self._path = folder / f".s.PGSQL.{self.port}"
        self._behind = str(known["HOST"] or "localhost")
        self._door: socket.socket | None = None
        self._inside: list[socket.socket] = []

    def __enter__(self) -> Gate:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shut()

    @property
    def url(self) -> str:
        """The address of the tests' database behind it."""
        known = connection.settings_dict
        who = f"{quote(known['USER'])}:{quote(known['PASSWORD'])}"
        return f"postgresql://{who}@/{known['NAME']}?host={quote(self.host, safe='/')}&port={self.port}"

    def open(self) -> None:
        self._door = socket.socket(socket.AF_UNIX)
        self._door.bind(str(self._path))
        self._door.listen(64)
        threading.Thread(target=self._let_in, args=(self._door,), daemon=True).start()

    def shut(self) -> None:
        """Nobody gets in any more, and who is inside is cut off."""
        door, self._door = self._door, None
        if door is not None:
            self._path.unlink()
            _cut(door, *self._inside)
            self._inside.clear()

    def _let_in(self, door: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = door.accept()
                server = self._knock()
                self._inside += [client, server]
                for one, other in ((client, server), (server, client)):
                    threading.Thread(target=_pass_on, args=(one, other), daemon=True).start()

    def _knock(self) -> socket.socket:
        if not self._behind.startswith("/"):
            return socket.create_connection((self._behind, int(self.port)))
        server = socket.socket(socket.AF_UNIX)
        server.connect(f"{self._behind}/.s.PGSQL.{self.port}")
        return server


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while some := one.recv(BYTES):
            other.sendall(some)
    _cut(one, other)


def _cut(*sockets: socket.socket) -> None:
    for one in sockets:
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
