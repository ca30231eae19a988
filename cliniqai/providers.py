"""The environment's values for what leaves the house: the telephone network, the mail server and webhooks."""

from __future__ import annotations

import hmac
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from clinics.providers.addresses import wrong_address
from cliniqai.refusing import BadEnvironment, key, split

DEMO_ACCOUNT_SID = "AC" + "0" * 32
DEMO_AUTH_TOKEN = "demo-auth-token"  # noqa: S105  (published on purpose, refused in production)
ACCOUNT_SID = re.compile(r"AC[0-9a-f]{32}\Z")


@dataclass(frozen=True)
class Email:
    """The mail server, and the address that letters come from."""

    host: str
    port: int
    user: str
    password: str
    use_ssl: bool
    use_tls: bool
    sender: str


def twilio_account_sid(env: Mapping[str, str], *, debug: bool) -> str:
    """The platform's account at Twilio."""
    sid = env.get("TWILIO_ACCOUNT_SID", "")
    how = "set it to the account SID of the Twilio console: AC and 32 hexadecimal digits."
    if not ACCOUNT_SID.match(sid):
        raise BadEnvironment(f"TWILIO_ACCOUNT_SID is {'malformed' if sid else 'missing'}: {how}")
    if sid == DEMO_ACCOUNT_SID and not debug:
        raise BadEnvironment(f"TWILIO_ACCOUNT_SID is the demo's, which everybody knows: {how}")
    return sid


def twilio_auth_token(env: Mapping[str, str], *, debug: bool) -> str:
    """The token that signs Twilio's requests."""
    token = env.get("TWILIO_AUTH_TOKEN", "")
    how = "set it to the auth token of the Twilio console."
    if not token:
        raise BadEnvironment(f"TWILIO_AUTH_TOKEN is missing: {how}")
    if not debug and (token == DEMO_AUTH_TOKEN or len(token) < 32):
        raise BadEnvironment(f"TWILIO_AUTH_TOKEN is the demo's or too short to be a real one: {how}")
    return token


def twilio_api_base_url(env: Mapping[str, str]) -> str:
    """Twilio's REST API, or a stub on this machine."""
    url = env.get("TWILIO_API_BASE_URL") or "https://api.twilio.com"
    parts = split(url)
    here = parts is not None and parts.hostname in ("localhost", "127.0.0.1", "::1")
    if parts is None or not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and here)):
        raise BadEnvironment(f"TWILIO_API_BASE_URL is {url!r}: set it to an https:// address, or leave it unset.")
    return url.rstrip("/")


def drill_server(env: Mapping[str, str]) -> str:
    """Where a fire drill's call reaches the web process; "": the clinic's own public address, as Twilio would."""
    url = env.get("DRILL_SERVER", "")
    parts = split(url)
    if url and (parts is None or parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/")):
        raise BadEnvironment(f"DRILL_SERVER is {url!r}: set it to an address like http://127.0.0.1:8000, or unset it.")
    return url.rstrip("/")


def heartbeat_url(env: Mapping[str, str]) -> str:
    """Whom the sweeper tells each minute that all is well; "": nobody."""
    url = env.get("HEARTBEAT_URL", "")
    parts = split(url)
    if url and (parts is None or parts.scheme not in ("http", "https") or not parts.hostname):
        raise BadEnvironment("HEARTBEAT_URL is no address: set it to the ping URL of a dead man's switch, or unset it.")
    return url


def metrics_token(env: Mapping[str, str]) -> str:
    """What a monitor shows to read /metrics; "": only this machine may."""
    token = env.get("METRICS_TOKEN", "")
    if token and len(token) < 24:
        raise BadEnvironment("METRICS_TOKEN is too short to be a secret: `openssl rand -hex 24` draws one.")
    return token


def collector(env: Mapping[str, str], name: str) -> str:
    """Where traces or errors go; "": nowhere, and nothing of it is loaded."""
    url = env.get(name, "")
    parts = split(url)
    here = parts is not None and parts.hostname in ("localhost", "127.0.0.1", "::1")
    safe = parts is not None and parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and here))
    if url and not safe:
        raise BadEnvironment(f"{name} is no https:// address: set it to your collector's, or leave it unset.")
    return url.rstrip("/")


def sms_mode(env: Mapping[str, str]) -> str:
    """Whether texts and calls to people leave the house. Off by default where the account is the demo's."""
    demo = env.get("TWILIO_ACCOUNT_SID") == DEMO_ACCOUNT_SID
    mode = env.get("SMS_MODE") or ("off" if demo else "on")
    if mode not in ("on", "off"):
        raise BadEnvironment(f"SMS_MODE is {mode!r}: set it to on or off.")
    if mode == "on" and demo and not twilio_api_base_url(env).startswith("http://"):
        raise BadEnvironment(
            "SMS_MODE is on and the account is the demo's, which can send nothing: set SMS_MODE=off, give real "
            "credentials, or set TWILIO_API_BASE_URL to a stub on this machine."
        )
    return mode


def email(env: Mapping[str, str]) -> Email | None:
    """The mail server; None when e-mail is off."""
    url = env.get("EMAIL_URL", "")
    how = "set it to smtp://user:password@host:587 or smtps://user:password@host:465, or leave it unset for no e-mail."
    if not url:
        return None
    parts = split(url)
    if parts is None or parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path.strip("/"):
        raise BadEnvironment(f"EMAIL_URL is no address of a mail server: {how}")
    here = parts.hostname in ("localhost", "127.0.0.1", "::1")
    sender = env.get("EMAIL_FROM", "")
    if not re.fullmatch(r"[^@\s<>]{1,64}@[A-Za-z0-9.-]{1,200}", sender):
        raise BadEnvironment("EMAIL_FROM is missing or no address: set it to the address that letters come from.")
    return Email(
        host=parts.hostname,
        port=parts.port or (465 if parts.scheme == "smtps" else 587),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        use_ssl=parts.scheme == "smtps",
        use_tls=parts.scheme == "smtp" and not here,
        sender=sender,
    )


def number_key(env: Mapping[str, str], *, keys: Mapping[str, bytes]) -> bytes:
    """The key under which numbers that said STOP are remembered; by default drawn from the oldest of FIELD_KEYS."""
    text = env.get("NUMBER_KEY", "")
    if text:
        return key("NUMBER_KEY", text, "`openssl rand -base64 32` draws one.", variable="NUMBER_KEY")
    return hmac.digest(list(keys.values())[-1], b"telephone numbers", "sha256")


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def webhook_networks(env: Mapping[str, str]) -> tuple[Network, ...]:
    """Networks besides the public internet in which a clinic's own systems may stand."""
    found = []
    for text in filter(None, (part.strip() for part in env.get("WEBHOOK_NETWORKS", "").split(","))):
        try:
            found.append(ipaddress.ip_network(text))
        except ValueError as wrong:
            how = "write networks such as 10.20.0.0/16, separated by commas."
            raise BadEnvironment(f"WEBHOOK_NETWORKS holds {text!r}: {how}") from wrong
    return tuple(found)


def webhook_ca_file(env: Mapping[str, str]) -> str:
    """The certificate authorities that webhooks believe; "" for the machine's own."""
    path = env.get("WEBHOOK_CA_FILE", "")
    if path and not Path(path).is_file():
        raise BadEnvironment(f"WEBHOOK_CA_FILE is {path!r}: there is no such file. Name one, or leave it unset.")
    return path


@dataclass(frozen=True)
class Bucket:
    """An S3-compatible store of files; blank credentials are the machine's own role."""

    name: str
    endpoint: str
    region: str
    access_key: str
    secret_key: str


def bucket(env: Mapping[str, str]) -> Bucket | None:
    """Where files are kept that several web hosts share; None for this machine's disk."""
    name, endpoint = env.get("S3_BUCKET", ""), env.get("S3_ENDPOINT_URL", "")
    if not name:
        return None
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", name):
        raise BadEnvironment(f"S3_BUCKET is {name!r}: write a bucket's name, lower case, without s3:// and slashes.")
    if endpoint and (wrong := wrong_address(endpoint)):
        raise BadEnvironment(f"S3_ENDPOINT_URL is {endpoint!r}: {wrong}")
    keys = env.get("S3_ACCESS_KEY", ""), env.get("S3_SECRET_KEY", "")
    if bool(keys[0]) != bool(keys[1]):
        raise BadEnvironment("S3_ACCESS_KEY and S3_SECRET_KEY belong together: set both, or neither.")
    return Bucket(name, endpoint, env.get("S3_REGION") or "us-east-1", *keys)


PROVIDER_KEY = "PROVIDER_KEY_"
PROVIDER_URLS = {"google-speech": "GOOGLE_TTS_API_ENDPOINT", "elevenlabs": "ELEVENLABS_BASE_URL"} | {
    "anthropic": "ANTHROPIC_BASE_URL",
    "openai": "OPENAI_BASE_URL",
}
"""Of a provider's key in the table, the variable that names another address for it: a stub, or a regional one."""


def provider_keys(env: Mapping[str, str]) -> dict[str, str]:
    """The credentials of the providers, by their keys in the table: PROVIDER_KEY_GOOGLE_SPEECH is google-speech's."""
    found = {}
    for name, value in env.items():
        if not name.startswith(PROVIDER_KEY) or not value:
            continue
        if not value.isascii() or not value.isprintable() or value != value.strip():
            raise BadEnvironment(f"{name} holds blanks or signs that no credential has: copy it again.")
        found[name.removeprefix(PROVIDER_KEY).lower().replace("_", "-")] = value
    return found


def llm_providers(env: Mapping[str, str], *, keys: Mapping[str, str]) -> tuple[str, ...]:
    """The models to ask first, by their keys in the table; where any is named, a web process starts ready for them."""
    named = tuple(filter(None, (part.strip() for part in env.get("LLM_PROVIDERS", "").split(","))))
    for one in named:
        if one not in keys:
            variable = PROVIDER_KEY + one.upper().replace("-", "_")
            raise BadEnvironment(
                f"LLM_PROVIDERS names {one!r}, which has no credential: set {variable}, or leave it out."
            )
    return named


def provider_urls(env: Mapping[str, str]) -> dict[str, str]:
    """Addresses that stand in for those of the table, by the providers' keys."""
    found = {}
    for provider, name in PROVIDER_URLS.items():
        url = env.get(name, "")
        if url and (wrong := wrong_address(url)):
            raise BadEnvironment(f"{name} is {url!r}: {wrong}")
        if url:
            found[provider] = url
    return found
