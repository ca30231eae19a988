"""Real pages of the real server in a real Chromium.

The server is uvicorn over the tests' own database: what a test writes is committed, and taken away after it. A page
that breaks the content security policy, throws, or logs an error fails its test whatever else it does.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote, urlsplit, urlunsplit
from uuid import UUID

import pytest
from django.conf import settings
from django.contrib.auth import login
from django.db import OperationalError, connection, connections
from django.db.backends.utils import CursorWrapper
from django.http import HttpRequest
from django.utils import timezone
from django.utils.module_loading import import_string
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from clinics.models import Clinic
from clinics.people.models import User
from clinics.people.sessions import PROVED
from clinics.tenancy import clinic_by_schema, inside
from escalations.actions import acknowledge, raise_escalation
from escalations.models import Escalation
from tasks.actions import open_task
from tasks.models import Priority, Task
from tests import baseline
from tests.chromium import chromium

# Playwright's synchronous interface keeps an event loop in this thread, so Django thinks it runs inside a coroutine.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def _let_go_of_connections() -> None:
    """In a fork no loop runs, and what it finds is of before the loop: its parent's, whose `close_all` missed it."""
    for one in connections.all(initialized_only=True):
        one.connection = None


os.register_at_fork(after_in_child=_let_go_of_connections)

expect.set_options(timeout=10_000)  # for machines that are busy with other tests; a page is ready long before

ROOT = Path(__file__).resolve().parents[2]
QUICK = ("--log-level", "warning", "--timeout-graceful-shutdown", "1")
CSP = """addEventListener('securitypolicyviolation',
    e => console.error(`CSP ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`))"""
HTMX_4 = [ROOT / "tests/browser/htmx4" / name for name in ("htmx-4.0.1.min.js", "shim.js")]
"""htmx 4 and its events under the names of htmx 2: `HTMX=4` runs every page on it (docs/adr/0024)."""

MADE_BY_TESTS = (
    "tasks_savedview",
    "tasks_note", "tasks_decision", "tasks_task", "escalations_step", "escalations_escalation", "calls_turn",
    "calls_call", "people_session",
    "practice_brokenglass", "practice_sensitivecall", "practice_sensitivenumber", "practice_cover",
    "mfa_authenticator", "people_onetimelink", "people_signintries", "people_signinrules",
)  # fmt: skip
MADE_IN_PUBLIC = (
    "notifications_notification", "notifications_attempt", "notifications_delivery", "notifications_event",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What asks for the desk drives a browser, and all of it stays in one worker: one server, one Chromium."""
    for item in items:
        if "desk" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    found = chromium()
    return {
        **browser_type_launch_args,
        **({"executable_path": found} if found else {}),
        "args": ["--no-sandbox", "--autoplay-policy=document-user-activation-required"],
    }


class Server:
    """uvicorn with the portal's real entry point, on a free port, over the tests' database."""

    def __init__(self, log: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "uvicorn", "cliniqai.asgi:application", "--port", str(self.port), *QUICK],
                cwd=ROOT, env=self._environment(), stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        deadline = time.monotonic() + 120  # machines may be busy
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("The server did not start:\n" + self._log.read_text()[-3000:])
            time.sleep(0.1)
        self._ask("/sign-in/", host="north.localhost", patience=60)  # the first page loads every view

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def _environment(self) -> dict[str, str]:
        parts = urlsplit(os.environ["DATABASE_URL"])
        database = urlunsplit(parts._replace(path="/" + quote(connection.settings_dict["NAME"])))
        own = {"PORT": str(self.port), "PUBLIC_PORT": str(self.port), "CLINIQAI_PROCESS": "web", "ASYNC_DELIVERY": "0"}
        return {**os.environ, "DATABASE_URL": database, "DEBUG": "1", **own}

    def _answers(self) -> bool:
        try:
            return self._ask("/healthz") == 200
        except OSError:
            return False

    def _ask(self, path: str, *, host: str = "localhost", patience: float = 2) -> int:
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(url, headers={"Host": f"{host}:{self.port}"})
        with urllib.request.urlopen(request, timeout=patience) as response:
            return response.status


@dataclass
class Desk:
    """A clinic's front desk for one test: its people at browsers, and what happens to them."""

    server: Server
    browser: Browser
    clinic: Clinic
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    htmx: str = os.environ.get("HTMX", "2")

    def url(self, path: str = "/") -> str:
        return f"http://{self.clinic.slug}.localhost:{self.server.port}{path}"

    # --- people at browsers -----------------------------------------------------------------------------------
    def person(self, name: str) -> User:
        with inside(self.clinic):
            return User.objects.get(name__startswith=name)

    def browser_of(self, name: str = "", **options: object) -> BrowserContext:
        """A browser of its own, signed in as this person, or a stranger's."""
        options = {"viewport": {"width": 1366, "height": 768}, "locale": "en-US", **options}
        context = self.browser.new_context(**options)
        context.set_default_timeout(8000)
        if name:
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": self._session(name), "url": self.url()}]
            )
        if self.htmx == "4":
            source = "\n".join(path.read_text() for path in HTMX_4)
            context.route("**/htmx-2.min.js", lambda route: route.fulfill(body=source, content_type="text/javascript"))
        context.on("page", self._watch)
        context.add_init_script(CSP)
        self.contexts.append(context)
        return context

    def open(self, name: str, path: str = "/styleguide/", **options: object) -> Page:
        """A page in a new browser of this person."""
        page = self.browser_of(name, **options).new_page()
        page.goto(self.url(path))
        return page

    def _session(self, name: str) -> str:
        """A session's key, made as signing in makes it."""
        request = HttpRequest()
        with inside(self.clinic):
            request.session = import_string(f"{settings.SESSION_ENGINE}.SessionStore")()
            login(request, self.person(name), backend=settings.AUTHENTICATION_BACKENDS[0])
            request.session[PROVED] = int(time.time())
            request.session.save()
            return request.session.session_key

    def _watch(self, page: Page) -> None:
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(f"threw {error}"))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(words in message.text for words in self.expected):
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")

    def expect_error(self, words: str) -> None:
        """The browser itself logs each refused request; say which ones a test causes on purpose."""
        self.expected.append(words)

    # --- what happens ------------------------------------------------------------------------------------------
    def emergency(self, summary: str = "Possible heart attack; told to call 911", *, test: bool = False) -> Escalation:
        with inside(self.clinic):
            return raise_escalation(
                reason="emergency", level="emergency", summary=summary, call_id=None,
                from_number="+12025550142", patient_name="Maria Alvarez", words="my chest hurts", test=test,
            )  # fmt: skip

    def acknowledge(self, escalation: Escalation, name: str = "Bob") -> None:
        with inside(self.clinic):
            acknowledge(by=self.person(name), escalation_id=escalation.id)

    def task(self, patient: str = "Maria Alvarez", *, call_id: UUID | None = None, **given: object) -> Task:
        fields: dict[str, object] = {
            "kind": "refill", "summary": "Ran out of insulin", "details": {"medication": "Lantus"}, "call_id": call_id,
            "patient_name": patient, "callback_number": "+12025550142", "priority": Priority.NORMAL,
            "due_at": timezone.now() + timedelta(hours=2), "needs_decision": False,
        }  # fmt: skip
        with inside(self.clinic):
            return open_task(**{**fields, **given})  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def committed_database(request: pytest.FixtureRequest) -> None:
    """The tests' database without a test's transaction around it: the server must see what is written.

    pytest-django builds a database only when a collected test asks for `db`, and `db` brings the transaction; so one
    that asks stands in the list while the database is built.
    """
    asks = SimpleNamespace(fixturenames=("db",), get_closest_marker=lambda name: None)
    request.session.items.append(asks)  # type: ignore[arg-type]
    try:
        request.getfixturevalue("django_db_setup")
    finally:
        request.session.items.remove(asks)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def server(
    committed_database: None, django_db_blocker: object, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("browser") / "server.log")
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        server.start()
    yield server
    server.stop()


@pytest.fixture
def desk(server: Server, browser: Browser, django_db_blocker: object, settings: object) -> Iterator[Desk]:
    settings.ASYNC_DELIVERY = False  # type: ignore[attr-defined]
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        desk = Desk(server, browser, clinic_by_schema("north"))
        try:
            yield desk
        finally:
            for context in desk.contexts:
                context.close()
            _sweep(desk.clinic)
            connection.close()  # Playwright's loop gives tests a connection of their own, which nobody else would close
    assert desk.complaints == []


def _empty(cursor: CursorWrapper, tables: list[str], *, tries: int = 20) -> None:
    """What the last page asked for may still be at the server and hold some of the tables: then try again.

    A table without a page holds nothing, and most are so: to empty all of them takes a third of a second.
    """
    cursor.execute("SELECT one FROM unnest(%s::text[]) one WHERE pg_relation_size(one::regclass) > 0", [tables])
    tables = [table for (table,) in cursor.fetchall()]
    if not tables:
        return
    for left in reversed(range(tries)):
        try:
            cursor.execute("SET lock_timeout = '2s'")
            cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
        except OperationalError:  # a deadlock, or a wait that was too long
            if not left:
                raise
            time.sleep(0.1)
        else:
            cursor.execute("RESET lock_timeout")
            return


def _sweep(clinic: Clinic) -> None:
    """Take away what the test committed; clinics, people and rules stay as they were built."""
    with inside(clinic), connection.cursor() as cursor:
        _empty(cursor, [*MADE_BY_TESTS, *(f"public.{table}" for table in MADE_IN_PUBLIC)])
        baseline.empty_trail()
        from escalations import alarms

        alarms.changed()
