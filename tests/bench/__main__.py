"""`make bench`: every figure with its baseline from the same run. Prints a table and writes DATA_DIR/bench.json.

`python -m tests.bench streams voices` measures these parts and nothing else; `figures.PARTS` names them all.
`python -m tests.bench scale 1,100` (`make bench-scale`) measures what a clinic costs beside so many others.
"""

from __future__ import annotations

import base64
import os
import secrets
import sys
from urllib.parse import urlsplit, urlunsplit

import django
import psycopg

from cliniqai.embedded.development import enter
from cliniqai.embedded.places import Places

DATABASE = "cliniqai_bench"
PRODUCTION = {
    "DEBUG": "0",
    "TWILIO_ACCOUNT_SID": "AC" + "b" * 32,
    "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
    "SECRET_KEY": secrets.token_urlsafe(64),
    "FIELD_KEYS": "bench1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
}
"""As on a real host: with DEBUG Django keeps every statement in memory, on both sides of the comparison."""


def main() -> int:
    """Make a database of the benchmark's own before Django reads where it is, then measure."""
    os.environ["DATA_DIR"] = str(Places.of(os.environ).data / "bench")  # PostgreSQL as durable as in production
    enter()
    os.environ.update(PRODUCTION)
    os.environ["DJANGO_SETTINGS_MODULE"] = "cliniqai.settings"
    os.environ["PUBLIC_PORT"] = ""
    os.environ["DATABASE_URL"] = _fresh_database(os.environ["DATABASE_URL"])
    django.setup()
    from tests.bench import figures, scale  # needs Django to be set up

    if sys.argv[1:2] == ["scale"]:
        sizes = tuple(map(int, sys.argv[2].split(","))) if sys.argv[2:] else scale.SIZES
        return scale.main(sizes, lambda name: _fresh_database(os.environ["DATABASE_URL"], name))
    if unknown := sorted(set(sys.argv[1:]) - set(figures.PARTS)):
        print(f"There is no part {', '.join(unknown)}. There are: {', '.join(figures.PARTS)}.")
        return 2
    return figures.show(sys.argv[1:])


def _fresh_database(url: str, name: str = DATABASE) -> str:
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name}")
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


if __name__ == "__main__":
    sys.exit(main())
