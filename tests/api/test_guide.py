"""The examples of docs/api.md, asked of a running server one after the other, as they stand there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from clinics.models import Clinic
from clinics.people.models import User
from clinics.people.tokens import issue_token
from clinics.tenancy import inside
from tasks.models import Task
from tests.browser.conftest import Server
from tests.product.walk import CLINIC, routes

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text()
EXAMPLE = re.compile(r"```http\n(.*?)\n```\n```json\n(.*?)\n```", re.DOTALL)


@pytest.fixture
def server(transactional_db: None, tmp_path: Path) -> Iterator[Server]:
    """The real server over the tests' own database."""
    running = Server(tmp_path / "server.log")
    running.start()
    try:
        yield running
    finally:
        running.stop()


@pytest.mark.slow
def test_every_example_of_the_guide_is_answered_as_it_says(
    server: Server, a_task: Callable[..., Task], carol: User, alice: User, north: Clinic
) -> None:
    with inside(north):
        names = {"TASK": str(a_task().id), "TOKEN": issue_token(user=alice), "ADMINS": issue_token(user=carol)}
    told = []

    for asked, answer in EXAMPLE.findall(_filled(GUIDE, names)):
        told.append(_differs(json.loads(answer), _ask(server, asked)))

    assert len(told) == 7
    assert [found for found in told if found] == []


def test_the_guide_names_every_deed_of_the_api() -> None:
    deeds = {route.template for route in routes(CLINIC) if route.name.startswith("api-") and "_" in route.name}

    assert deeds
    assert [one for one in deeds if one.rstrip("/").rpartition("/")[2] + "/" not in GUIDE] == []


def _filled(text: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        text = re.sub(rf"\b{name}\b", value, text)
    return text


def _ask(server: Server, asked: str) -> Any:
    """What the server says, over a socket, to a request as the guide prints it."""
    head, _, body = asked.partition("\n\n")
    first, *lines = head.splitlines()
    method, path = first.split()
    headers = {"Host": f"north.localhost:{server.port}", **dict(line.split(": ", 1) for line in lines)}
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request(method, path, body or None, headers)
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer


def _differs(expected: Any, found: Any) -> list[str]:
    """Where an answer lacks what the guide shows of it."""
    if isinstance(expected, dict):
        return [f"{name}.{fault}" for name, value in expected.items() for fault in _differs(value, found.get(name))]
    if isinstance(expected, list):
        return [fault for one, other in zip(expected, found, strict=True) for fault in _differs(one, other)]
    return [] if expected == found else [f"{found!r}"]
