"""`make bench`: every figure with its baseline from the same run. Prints a table and writes DATA_DIR/bench.json."""

from __future__ import annotations

import os
import sys
from urllib.parse import urlsplit, urlunsplit

import django
import psycopg

from cliniqai.embedded.development import enter
from cliniqai.embedded.places import Places

DATABASE = "cliniqai_bench"


def main() -> int:
    """Make a database of the benchmark's own before Django reads where it is, then measure."""
    os.environ["DATA_DIR"] = str(Places.of(os.environ).data / "bench")  # PostgreSQL as durable as in production
    enter()
    os.environ["DJANGO_SETTINGS_MODULE"] = "cliniqai.settings"
    os.environ["PUBLIC_PORT"] = ""
    os.environ["DATABASE_URL"] = _fresh_database(os.environ["DATABASE_URL"])
    django.setup()
    from tests.bench import figures  # needs Django to be set up

    return figures.show()


def _fresh_database(url: str) -> str:
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {DATABASE}")
    return urlunsplit(urlsplit(url)._replace(path=f"/{DATABASE}"))


if __name__ == "__main__":
    sys.exit(main())
