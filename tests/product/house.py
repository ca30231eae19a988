"""The whole product as real processes: web server, Celery worker, sweeper and a Valkey of its own, as the Procfile has
them, on the tests' database; and the far end of the telephone that calls it over HTTP."""

from __future__ import annotations

import os
import re
import shlex
import socket
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

import httpx
from django.conf import settings
from django.contrib.auth import login
from django.db import connection
from django.http import HttpRequest
from django.test import override_settings
from django.utils.module_loading import import_string

from clinics.models import Clinic
from clinics.people.models import User
from clinics.tenancy import forget, inside
from tests.notifications.machines import ROOT, Program, Valkey, environment, own_valkey, wait_for
from tests.product.caller import Caller

PROCFILE = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
FAULTY = "tests.product.faulty:application"


def command(name: str, *, port: int, **swaps: str) -> tuple[list[str], dict[str, str]]:
    """A line of the Procfile as arguments for this Python, and the variables that it sets itself."""
    line = PROCFILE[name].replace("$PORT", str(port))
    for old, new in swaps.items():
        line = re.sub(rf"--{old} \S+", f"--{old} {new}", line)
    own, words = {}, shlex.split(line)
    while "=" in words[0]:
        key, _, value = words.pop(0).partition("=")
        own[key] = value
    return (words[1:] if words[0] == "python" else ["-m", *words]), own


class House:
    """All of it, running. A test may kill, restart and flush what it likes."""

    def __init__(self, valkey: Valkey, *, app: str = "", **environment: str) -> None:
        self.valkey = valkey
        self.app = app
        self.environment = environment
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.programs: dict[str, Program] = {}
        self._said: list[str] = []

    @classmethod
    @contextmanager
    def opened(
        cls, *, app: str = "", parts: Iterable[str] = ("web", "worker", "sweeper"), **environment: str
    ) -> Iterator[House]:
        """With these lines of the Procfile, and with other values in their environment."""
        with own_valkey() as valkey:
            house = cls(valkey, app=app, **environment)
            # What this process writes and signs must agree with what the others read.
            with override_settings(PUBLIC_PORT=str(house.port), REDIS_URL=valkey.url, ASYNC_DELIVERY=True):
                forget()
                try:
                    for name in parts:
                        house.start(name)
                    house.wait_until_ready()
                    yield house
                finally:
                    house.close()
            forget()

    def start(self, name: str) -> None:
        arguments, own = command(name, port=self.port, host="127.0.0.1", concurrency="1")
        if name == "web" and self.app:
            arguments = [self.app if word.endswith(":application") else word for word in arguments]
        env = environment(self.valkey, PORT=str(self.port), PUBLIC_PORT=str(self.port), DEBUG="1", **own)
        self.programs[name] = Program(*arguments, env=env | self.environment)

    def wait_until_ready(self) -> None:
        wait_for(self._answers, "the web server answers", seconds=60, every=0.1, also=self.programs["web"])
        if worker := self.programs.get("worker"):
            wait_for(lambda: " ready." in worker.said(), "the worker is ready", seconds=60, every=0.1, also=worker)
        self.ask("/sign-in/")  # the first page loads every view

    def _answers(self) -> bool:
        web = self.programs["web"]
        assert web.process.poll() is None, web.said()[-3000:]
        with suppress(OSError):
            return self.ask("/healthz")[0] == 200
        return False

    def kill(self, name: str) -> None:
        """`kill -9` of the process and all its children."""
        program = self.programs.pop(name)
        program.kill()
        self._said.append(program.said())

    def restart(self, name: str) -> None:
        self.kill(name)
        self.start(name)
        wait_for(self._answers, "the web server answers again", seconds=60, every=0.1)

    def close(self) -> None:
        for name in list(self.programs):
            self.kill(name)

    def said(self) -> str:
        """Every line that any of the processes has logged so far."""
        return "\n".join([*self._said, *(program.said() for program in self.programs.values())])

    # --- Who comes to it ---------------------------------------------------------------------------------------
    def url(self, path: str, clinic: str = "north") -> str:
        return f"http://{clinic}.localhost:{self.port}{path}"

    def ask(self, path: str, clinic: str = "north", **headers: str) -> tuple[int, bytes]:
        host = {"Host": f"{clinic}.localhost:{self.port}"}
        return self._answered(urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=host | headers))

    def send(self, path: str, form: dict[str, str], *, session: str, clinic: str = "north") -> tuple[int, bytes]:
        """A form of a page, as a browser that has signed in sends it."""
        token = "a" * 32
        cookies = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={token}"
        headers = {"Host": f"{clinic}.localhost:{self.port}", "Cookie": cookies, "X-CSRFToken": token}
        body = urllib.parse.urlencode(form).encode()
        return self._answered(urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body, headers))

    def _answered(self, request: urllib.request.Request) -> tuple[int, bytes]:
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read()

    def caller(self, clinic: Clinic, **more: str) -> Caller:
        return Caller(clinic, f"http://127.0.0.1:{self.port}", **more)

    def cookie(self, clinic: Clinic, name: str) -> str:
        """The session of a person who has signed in."""
        request = HttpRequest()
        with inside(clinic):
            user = User.objects.get(name__startswith=name)
            request.session = import_string(f"{settings.SESSION_ENGINE}.SessionStore")()
            login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
            request.session.save()
            return request.session.session_key

    def clear_desk(self, clinic: Clinic) -> None:
        """Take away every escalation and task that is open, as if all had been worked on."""
        from escalations import alarms
        from escalations.models import Escalation
        from tasks.models import Task

        with inside(clinic):
            for model in (Escalation, Task):
                with connection.cursor() as cursor:
                    cursor.execute(f"TRUNCATE {model._meta.db_table} CASCADE")
            alarms.changed()


class Listener:
    """An open event stream: what it hears, from its first beat on."""

    def __init__(self, house: House, clinic: str, session: str) -> None:
        self.heard = ""
        self.status = 0
        self._leave = threading.Event()
        self._host = {"Host": f"{clinic}.localhost:{house.port}", "Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"}
        self._url = f"http://127.0.0.1:{house.port}/events/"
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        wait_for(lambda: "beat" in self.heard or self.status not in (0, 200), "the stream answers")

    def _read(self) -> None:
        with suppress(httpx.HTTPError), httpx.stream("GET", self._url, headers=self._host, timeout=30) as response:
            self.status = response.status_code
            for line in response.iter_lines():
                if self._leave.is_set():
                    return
                self.heard += line + "\n"

    def leave(self) -> None:
        self._leave.set()


MONITOR = """
import os, redis
with redis.Redis.from_url(os.environ["REDIS_URL"]).monitor() as monitor:
    print("watching", flush=True)
    while True:  # the raw line: redis-py's own reading loses the words behind a value that ends in a backslash
        print(monitor.connection.read_response().decode(), flush=True)
"""


@contextmanager
def monitored(valkey: Valkey) -> Iterator[Program]:
    """Every command that Redis is given, a line each, its words quoted and escaped."""
    program = Program("-c", MONITOR, env={**os.environ, "REDIS_URL": valkey.url})
    try:
        wait_for(lambda: "watching" in program.said(), "the monitor watches")
        yield program
    finally:
        program.kill()
