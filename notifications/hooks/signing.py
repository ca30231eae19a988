"""How the receiver knows that a request is ours and fresh: HMAC-SHA256 over the moment and the body. Pure."""

from __future__ import annotations

import hmac

HEADER = "CliniqAI-Signature"


def signature(secret: str, body: bytes, *, at: int) -> str:
    """The header's value: `t=` the moment in seconds, `v1=` the digest of `t.body`."""
    told = hmac.new(secret.encode(), f"{at}.".encode() + body, "sha256").hexdigest()
    return f"t={at},v1={told}"
