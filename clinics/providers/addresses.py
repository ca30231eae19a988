"""What an address of a provider looks like, and whether a request stays at it. Pure."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
PORTS = {"https": 443, "http": 80}


def wrong_address(url: str) -> str:
    """Why this cannot be a provider's address; "" when it can: https, or http on this machine."""
    parts = _split(url)
    if parts is None or parts.scheme not in PORTS or not parts.hostname:
        return "Write an address such as https://texttospeech.googleapis.com."
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        return "Patient data travels by https only; http is for a stub on this machine."
    if parts.username or parts.password or parts.query or parts.fragment:
        return "Leave out user, password, question mark and everything after it."
    return ""


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port that a request to this address goes to; raise ValueError when it is none."""
    parts = _split(url)
    if parts is None or parts.scheme not in PORTS or not parts.hostname:
        raise ValueError("This is no address of the web.")
    return parts.scheme, parts.hostname.lower().removesuffix("."), parts.port or PORTS[parts.scheme]


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts
