"""`make storm`: real processes under kill -9, a Redis that is flushed, killed and frozen, a PostgreSQL that crashes.

Everything that was committed must be told exactly once. What is texted is counted at the socket of a telephone network
on loopback that drops, delays, refuses and fails. Prints a table and ends with 1 when a promise was broken.
"""

from __future__ import annotations

import argparse
import base64
import os
import secrets
import signal
import sys
import tempfile
from pathlib import Path

import django

from cliniqai.embedded.places import Places

ENVIRONMENT = {
    "DEBUG": "0",
    "BASE_DOMAIN": "localhost",
    "PUBLIC_SCHEME": "https",  # a host whose webhooks come over plain HTTP is refused at the start
    "REQUIRE_MFA": "0",
    "SMS_MODE": "on",
    "TWILIO_ACCOUNT_SID": "AC" + "5" * 32,
}


def main() -> int:
    """Read what is asked for, make a house of our own, and let the storm come."""
    parser = argparse.ArgumentParser(prog="python -m tests.storm", description=__doc__)
    parser.add_argument("--events", type=int, default=10_000, help="how many announcements are made (10000)")
    parser.add_argument("--seconds", type=int, default=600, help="how long they are made under faults (600)")
    parser.add_argument("--seed", type=int, default=20261122, help="the same storm again")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # whoever ends it early leaves no process behind
    with tempfile.TemporaryDirectory(prefix="storm") as folder:
        places = Places(Path(folder) / "data")
        places.make()
        _environment(places)
        django.setup()
        from tests.storm.house import House  # they need Django to be set up
        from tests.storm.play import play

        with House(places) as house:
            return play(house, events=asked.events, seconds=asked.seconds, seed=asked.seed)


def _environment(places: Places) -> None:
    """As on a real host, with services of the storm's own; no outside service is ever named."""
    os.environ.update(
        ENVIRONMENT,
        DATABASE_URL=places.database_url,
        REDIS_URL=f"unix://{places.run / 'v.sock'}",
        CACHE_URL=f"unix://{places.run / 'v.sock'}",
        DATA_DIR=str(places.data),
        TWILIO_AUTH_TOKEN=secrets.token_hex(16),
        SECRET_KEY=secrets.token_urlsafe(64),
        FIELD_KEYS="storm1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
        DJANGO_SETTINGS_MODULE="cliniqai.settings",
    )


if __name__ == "__main__":
    sys.exit(main())
