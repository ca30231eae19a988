"""The environment, read once and refused with a sentence where it makes no sense. Pure."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Environment:
    """Every value that settings take from outside."""

    debug: bool
    is_web: bool
    secret_key: str
    field_keys: dict[str, bytes]
    base_domain: str
    public_scheme: str
    public_port: str
    database_url: str
    redis_url: str
    cache_url: str
    data_dir: Path
    async_delivery: bool
    require_mfa: bool
    twilio_account_sid: str
    twilio_auth_token: str
    twilio_api_base_url: str


def read(env: Mapping[str, str]) -> Environment:
    """Return the environment's values; raise `SystemExit` with a sentence on the first bad one."""
    redis_url = env.get("REDIS_URL", "")
    return Environment(
        debug=env.get("DEBUG", "0") == "1",
        is_web=env.get("CLINIQAI_PROCESS") == "web",
        secret_key=env.get("SECRET_KEY", ""),
        field_keys=dict(
            (name, base64.b64decode(key))
            for name, _, key in (part.partition(":") for part in env.get("FIELD_KEYS", "").split(",") if part)
        ),
        base_domain=env.get("BASE_DOMAIN", "localhost"),
        public_scheme=env.get("PUBLIC_SCHEME", "https"),
        public_port=env.get("PUBLIC_PORT", ""),
        database_url=env.get("DATABASE_URL", ""),
        redis_url=redis_url,
        cache_url=env.get("CACHE_URL", redis_url),
        data_dir=Path(env.get("DATA_DIR", ROOT / ".data")).resolve(),
        async_delivery=env.get("ASYNC_DELIVERY", "1") == "1",
        require_mfa=env.get("REQUIRE_MFA", "1") == "1",
        twilio_account_sid=env.get("TWILIO_ACCOUNT_SID", ""),
        twilio_auth_token=env.get("TWILIO_AUTH_TOKEN", ""),
        twilio_api_base_url=env.get("TWILIO_API_BASE_URL", "https://api.twilio.com"),
    )


def database(env: Environment, *, web: bool) -> dict[str, object]:
    """Django's DATABASES entry for a postgresql:// URL; the connection pool only in the web process."""
    url = urlsplit(env.database_url)
    query = parse_qs(url.query)
    return {
        "ENGINE": "django_tenants.postgresql_backend",
        "NAME": url.path.lstrip("/"),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": query.get("host", [url.hostname or ""])[0],
        "PORT": str(url.port or ""),
        "CONN_MAX_AGE": 0,
        "OPTIONS": {"pool": {"min_size": 2, "max_size": 10, "timeout": 5}} if web else {},
    }
