"""The environment, read once and refused with a sentence where it makes no sense. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl

from cliniqai import providers
from cliniqai.providers import DEMO_ACCOUNT_SID, DEMO_AUTH_TOKEN, Email
from cliniqai.refusing import BadEnvironment, key, split

__all__ = ["DEMO_ACCOUNT_SID", "DEMO_AUTH_TOKEN", "BadEnvironment", "Environment", "read"]

ROOT = Path(__file__).resolve().parent.parent

SHORTEST_SECRET_KEY = 50
PROCESSES = ("", "web", "worker", "beat", "sweeper")

HOST_NAME = re.compile(r"(?=.{1,200}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z")
KEY_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,19}\Z")
DRAWN_KEY_ID = re.compile(r"dev\d+\Z")  # what development.py draws
CONNECTION_WORDS = frozenset(
    [
        *("application_name", "channel_binding", "connect_timeout", "host", "keepalives", "keepalives_idle", "options"),
        *("port", "sslcert", "sslkey", "sslmode", "sslrootcert", "target_session_attrs"),
    ]
)


@dataclass(frozen=True)
class Backups:
    """Where nightly backups go, and of how many days and weeks one is kept."""

    folder: Path
    days: int
    weeks: int


@dataclass(frozen=True)
class Environment:
    """Every value that settings take from outside."""

    debug: bool
    process: str
    is_web: bool
    secret_key: str
    field_keys: dict[str, bytes]
    base_domain: str
    public_scheme: str
    public_port: str
    database_url: str
    redis_url: str
    broker_url: str
    cache_url: str
    data_dir: Path
    backups: Backups | None
    async_delivery: bool
    require_mfa: bool
    twilio_account_sid: str
    twilio_auth_token: str
    twilio_api_base_url: str
    drill_server: str
    heartbeat_url: str
    metrics_token: str
    sms_mode: str
    email: Email | None
    number_key: bytes
    webhook_networks: tuple[providers.Network, ...]
    webhook_ca_file: str
    provider_keys: dict[str, str]
    provider_urls: dict[str, str]
    traces_url: str
    errors_dsn: str
    bucket: providers.Bucket | None
    llm_providers: tuple[str, ...]


def read(env: Mapping[str, str]) -> Environment:
    """Return the environment's values; raise `BadEnvironment` with a sentence on the first bad one."""
    debug = flag(env, "DEBUG", default="0")
    domain = base_domain(env)
    redis_url = redis(env, "REDIS_URL")
    data_dir = Path(env.get("DATA_DIR") or ROOT / ".data").expanduser().resolve()
    refuse_demo(env, debug=debug)
    return Environment(
        debug=debug,
        process=process(env),
        is_web=process(env) == "web",
        secret_key=secret_key(env),
        field_keys=field_keys(env, debug=debug),
        base_domain=domain,
        public_scheme=public_scheme(env, domain=domain),
        public_port=public_port(env),
        database_url=database_url(env),
        redis_url=redis_url,
        broker_url=broker(env),
        cache_url=redis(env, "CACHE_URL") if env.get("CACHE_URL") else redis_url,
        data_dir=data_dir,
        backups=backups(env, data_dir=data_dir),
        async_delivery=flag(env, "ASYNC_DELIVERY", default="1"),
        require_mfa=flag(env, "REQUIRE_MFA", default="1"),
        twilio_account_sid=providers.twilio_account_sid(env, debug=debug),
        twilio_auth_token=providers.twilio_auth_token(env, debug=debug),
        twilio_api_base_url=providers.twilio_api_base_url(env),
        drill_server=providers.drill_server(env),
        heartbeat_url=providers.heartbeat_url(env),
        metrics_token=providers.metrics_token(env),
        sms_mode=providers.sms_mode(env),
        email=providers.email(env),
        number_key=providers.number_key(env, keys=field_keys(env, debug=debug)),
        webhook_networks=providers.webhook_networks(env),
        webhook_ca_file=providers.webhook_ca_file(env),
        provider_keys=providers.provider_keys(env),
        provider_urls=providers.provider_urls(env),
        traces_url=providers.collector(env, "TRACES_URL"),
        errors_dsn=providers.collector(env, "ERRORS_DSN"),
        bucket=providers.bucket(env),
        llm_providers=providers.llm_providers(env, keys=providers.provider_keys(env)),
    )


def flag(env: Mapping[str, str], name: str, *, default: str) -> bool:
    """A switch: 1 is on, 0 is off, unset is the default."""
    value = env.get(name) or default
    if value not in ("0", "1"):
        raise BadEnvironment(f"{name} is {value!r}: set it to 1 for on or 0 for off.")
    return value == "1"


def process(env: Mapping[str, str]) -> str:
    """Which of the Procfile's processes this is; "" for a command."""
    name = env.get("CLINIQAI_PROCESS", "")
    if name not in PROCESSES:
        raise BadEnvironment(f"CLINIQAI_PROCESS is {name!r}: set it to {', '.join(PROCESSES[1:])}, or leave it unset.")
    return name


def refuse_demo(env: Mapping[str, str], *, debug: bool) -> None:
    """The demo's people and account are published: never beside real patients."""
    if not debug and flag(env, "DEMO", default="0"):
        raise BadEnvironment("DEMO=1 needs DEBUG=1, because the demo's sign-ins are no secret: set DEMO=0.")


def secret_key(env: Mapping[str, str]) -> str:
    """The key that signs sessions and links."""
    key = env.get("SECRET_KEY", "")
    how = 'set it to what `python -c "import secrets; print(secrets.token_urlsafe(48))"` prints.'
    if not key:
        raise BadEnvironment(f"SECRET_KEY is missing: {how}")
    if len(key) < SHORTEST_SECRET_KEY or len(set(key)) < 10:
        raise BadEnvironment(f"SECRET_KEY is too easy to guess ({len(key)} characters): {how}")
    if key.startswith("django-insecure-"):
        raise BadEnvironment(f"SECRET_KEY is Django's example: {how}")
    return key


def field_keys(env: Mapping[str, str], *, debug: bool) -> dict[str, bytes]:
    """The keys that encrypt patient fields, newest first: `id:base64` of 32 bytes, separated by commas."""
    how = "write id:base64, newest first, separated by commas; `openssl rand -base64 32` draws a key."
    found: dict[str, bytes] = {}
    for part in filter(None, (part.strip() for part in env.get("FIELD_KEYS", "").split(","))):
        name, _, text = part.partition(":")
        if not KEY_ID.match(name) or name in found:
            raise BadEnvironment(f"FIELD_KEYS has no id of its own before a key (it found {name[:20]!r}): {how}")
        if not debug and DRAWN_KEY_ID.match(name):
            raise BadEnvironment(f"FIELD_KEYS holds {name}, a key drawn for development: {how}")
        found[name] = key(name, text, how)
    if not found:
        raise BadEnvironment(f"FIELD_KEYS is missing: {how}")
    return found


def base_domain(env: Mapping[str, str]) -> str:
    """The public host; clinics live on names below it."""
    domain = env.get("BASE_DOMAIN") or "localhost"
    how = "write a plain lower-case host name such as example.org, without https://, port, path or underscore."
    if not HOST_NAME.match(domain) or _is_address(domain):
        raise BadEnvironment(f"BASE_DOMAIN is {domain!r}: {how}")
    return domain


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def public_scheme(env: Mapping[str, str], *, domain: str) -> str:
    """How the world reaches us: https; http only where nothing leaves the machine."""
    scheme = env.get("PUBLIC_SCHEME") or "https"
    if scheme not in ("http", "https"):
        raise BadEnvironment(f"PUBLIC_SCHEME is {scheme!r}: set it to https, or to http for a demo on localhost.")
    if scheme == "http" and domain != "localhost" and not domain.endswith((".localhost", ".test")):
        raise BadEnvironment(f"PUBLIC_SCHEME is http and BASE_DOMAIN {domain}: patient data travels by https only.")
    return scheme


def public_port(env: Mapping[str, str]) -> str:
    """The port in public addresses; "" for the scheme's own."""
    port = env.get("PUBLIC_PORT", "")
    if port and not _is_port(port):
        raise BadEnvironment(f"PUBLIC_PORT is {port!r}: set it to a number from 1 to 65535, or leave it unset.")
    return port


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text) < 65536


def database_url(env: Mapping[str, str]) -> str:
    """Where PostgreSQL is."""
    url = env.get("DATABASE_URL", "")
    how = "set it to postgresql://user:password@host:5432/name."
    if not url:
        raise BadEnvironment(f"DATABASE_URL is missing: {how}")
    parts = split(url)
    if parts is None or parts.scheme not in ("postgresql", "postgres"):
        raise BadEnvironment(f"DATABASE_URL is no PostgreSQL address: {how}")
    words = dict(parse_qsl(parts.query))
    if not parts.path.strip("/") or not (parts.hostname or words.get("host")):
        raise BadEnvironment(f"DATABASE_URL names no host or no database: {how}")
    if unknown := words.keys() - CONNECTION_WORDS:
        raise BadEnvironment(f"DATABASE_URL has an unknown word after the question mark, {min(unknown)!r}: {how}")
    return url


def broker(env: Mapping[str, str]) -> str:
    """Where the workers are woken: a RabbitMQ, another Redis, or "" for `REDIS_URL`."""
    url = env.get("BROKER_URL", "")
    parts = split(url) if url else None
    if not url or (parts is not None and parts.scheme in ("redis", "rediss", "unix")):
        return redis(env, "BROKER_URL") if url else ""
    how = "set it to amqp://user:password@host:5672/vhost, amqps://... or a Redis address, or leave it unset."
    if parts is None or parts.scheme not in ("amqp", "amqps") or not parts.hostname:
        raise BadEnvironment(f"BROKER_URL is no address of a broker: {how}")
    return url


def redis(env: Mapping[str, str], name: str) -> str:
    """Where Redis is: over TCP, TLS or a socket."""
    url = env.get(name, "")
    how = "set it to redis://host:6379/0, rediss://host:6379/0 or unix:///path/to/socket."
    if not url:
        raise BadEnvironment(f"{name} is missing: {how}")
    parts = split(url)
    if parts is None or parts.scheme not in ("redis", "rediss", "unix"):
        raise BadEnvironment(f"{name} is no Redis address: {how}")
    if not (parts.path.startswith("/") if parts.scheme == "unix" else parts.hostname):
        raise BadEnvironment(f"{name} names no host or socket: {how}")
    if parts.scheme != "unix" and not re.fullmatch(r"(/\d*)?", parts.path):
        raise BadEnvironment(f"{name} ends in {parts.path!r}, not in a database number: {how}")
    return url


def backups(env: Mapping[str, str], *, data_dir: Path) -> Backups | None:
    """Where the workers keep nightly backups of the clinics; None: nowhere."""
    name = env.get("BACKUP_DIR", "")
    if not name:
        return None
    folder = Path(name)
    if not folder.is_absolute():
        raise BadEnvironment(f"BACKUP_DIR is {name!r}: write the whole path of a folder, beginning with a slash.")
    if folder.resolve().is_relative_to(data_dir):
        raise BadEnvironment("BACKUP_DIR lies in DATA_DIR and would be lost with it: name a folder on another disk.")
    return Backups(
        folder, at_least_one(env, "BACKUP_DAYS", default="14"), at_least_one(env, "BACKUP_WEEKS", default="8")
    )


def at_least_one(env: Mapping[str, str], name: str, *, default: str) -> int:
    """A number of things of which there must be some."""
    value = env.get(name) or default
    if not re.fullmatch(r"[1-9]\d{0,3}", value):
        raise BadEnvironment(f"{name} is {value!r}: set it to a whole number from 1 to 9999.")
    return int(value)
