"""Django's DATABASES entry from a checked DATABASE_URL. Pure."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote, urlsplit

# A caller waits: a statement that hangs must fail while there is still time to connect them to a person.
WEB_LIMITS = "-c statement_timeout=10s -c lock_timeout=5s -c idle_in_transaction_session_timeout=30s"
POOL = {
    "min_size": 2,
    "max_size": 16,  # the page threads of asgi.py, those that authorise the event stream, and those of the relay
    "timeout": 1,  # seconds of one question; the backend asks again (cliniqai/postgresql)
    "reconnect_timeout": 1,  # then it tries for who asks: its own waits double with each failure
    "max_lifetime": 1800,  # a backend remembers every clinic's tables it has touched, and grows
}

PREPARED_AFTER = 5
"""Django turns prepared statements off; `planned_cursor` of the backend needs them, and no other cursor has any."""


def database(url: str, *, web: bool) -> dict[str, object]:
    """The entry for a postgresql:// URL. Only the web process pools: a pool's threads do not survive a fork."""
    parts = urlsplit(url)
    words = dict(parse_qsl(parts.query))
    host, port = words.pop("host", parts.hostname or ""), words.pop("port", str(parts.port or ""))
    options: dict[str, object] = {"connect_timeout": 5, "prepare_threshold": PREPARED_AFTER, **words}
    if web:
        options = {"options": WEB_LIMITS, **options, "pool": POOL}
    return {
        "ENGINE": "cliniqai.postgresql",  # looks whether a pooled connection still lives
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": port,
        "CONN_MAX_AGE": 0,
        "OPTIONS": options,
    }
