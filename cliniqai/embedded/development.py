"""The environment of a development checkout: services of its own, keys drawn once, the demo's telephone account.

`manage.py`, pytest and `make run` all go through `enter`; settings.py itself knows no default for any of this, and a
real host that sets its own values never gets one from here.
"""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from cliniqai.embedded import services
from cliniqai.embedded.complaint import Complaint
from cliniqai.embedded.locks import Lock
from cliniqai.embedded.places import ROOT, Places
from cliniqai.embedded.port import DEFAULT_PORT
from cliniqai.embedded.running import running_port
from cliniqai.environment import DEMO_ACCOUNT_SID, DEMO_AUTH_TOKEN

DEMO = {
    "DEBUG": "1",
    "BASE_DOMAIN": "localhost",
    "PUBLIC_SCHEME": "http",
    "REQUIRE_MFA": "0",
    "TWILIO_ACCOUNT_SID": DEMO_ACCOUNT_SID,
    "TWILIO_AUTH_TOKEN": DEMO_AUTH_TOKEN,
}
A_HOST_SETS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "FIELD_KEYS", "TWILIO_AUTH_TOKEN")

_test_runs: list[Lock] = []


def enter(*, tests: bool = False) -> None:
    """Complete this process's environment and, when it names no services, hold the embedded ones until it ends."""
    os.environ.update(read_dotenv(ROOT / ".env") | os.environ)
    if not is_development(os.environ):
        return
    places = Places.of(os.environ)
    embedded = not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))
    if tests and embedded:
        places = places_for_tests(places)
    os.environ.update(values(os.environ, places))
    if embedded:
        services.enter(places, forgetful=tests)
        os.environ["DATABASE_URL"] = os.environ.get("DATABASE_URL") or places.database_url
        os.environ["REDIS_URL"] = os.environ.get("REDIS_URL") or places.redis_url


def places_for_tests(places: Places) -> Places:
    """The first folder under DATA_DIR/tests that no other test run is using: two runs at once never meet."""
    number = 1
    while True:
        own = Places(places.data / "tests" / str(number))
        own.make()
        lock = Lock(own.run / "tests.lock")
        if lock.try_take():
            _test_runs.append(lock)
            return own
        lock.close()
        number += 1


def is_development(env: Mapping[str, str]) -> bool:
    """Whether missing values may be made up: asked for by DEBUG, or a checkout where nobody set anything up."""
    if env.get("DEBUG"):
        return env["DEBUG"] == "1"
    return Places.of(env).secrets.exists() or not any(env.get(name) for name in A_HOST_SETS)


def values(env: Mapping[str, str], places: Places) -> dict[str, str]:
    """Every value of a development checkout but the services' addresses; what is set already stays."""
    places.make()
    port = env.get("PORT") or running_port(places) or DEFAULT_PORT
    known = DEMO | {"PORT": port, "PUBLIC_PORT": port} | drawn(places.secrets) | {"DATA_DIR": str(places.data)}
    return known | {name: value for name, value in env.items() if name in known and name != "DATA_DIR"}


def drawn(path: Path) -> dict[str, str]:
    """The secrets of this DATA_DIR, drawn at the first call and kept in a file that only its owner reads."""
    lock = Lock(path.with_name("run") / "secrets.lock")
    lock.take()
    try:
        if not path.exists():
            _write_secret(path, "".join(f"{name}={value}\n" for name, value in draw().items()))
        return read_dotenv(path)
    finally:
        lock.close()


def draw() -> dict[str, str]:
    """Fresh secrets."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "FIELD_KEYS": "dev1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
        "DEMO_PASSWORD": secrets.token_urlsafe(12),
    }


def read_dotenv(path: Path) -> dict[str, str]:
    """The NAME=value lines of a file; nothing when there is no such file."""
    if not path.exists():
        return {}
    found = {}
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        name, equals, value = line.strip().partition("=")
        if not name or name.startswith("#"):
            continue
        if not equals:
            raise Complaint(f"{path}, line {number}: write NAME=value.")
        found[name.removeprefix("export ").strip()] = value.strip().strip("\"'")
    return found


def _write_secret(path: Path, text: str) -> None:
    half = path.with_suffix(".new")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    half.rename(path)
