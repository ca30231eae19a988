"""An S3-compatible store on loopback, as much of it as is asked: one object read, looked for or written."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.far_ends.days import Asked, FarEnd


@dataclass
class Bucket(FarEnd):
    """Path-style addresses: /bucket/key. It believes every signature."""

    objects: dict[str, bytes] = field(default_factory=dict)

    def answer(self, asked: Asked) -> tuple[int, str, bytes]:
        key = urlsplit(asked.path).path
        if asked.method == "PUT":
            self.objects[key] = _whole(asked)
            return 200, "application/xml", b""
        found = self.objects.get(key)
        if found is None:
            return 404, *self.refusal(404)
        return 200, "audio/mpeg", found

    def mark(self, asked: Asked) -> dict[str, str]:
        found = self.objects.get(urlsplit(asked.path).path, b"")
        return {"ETag": f'"{hashlib.md5(found, usedforsecurity=False).hexdigest()}"'}

    def refusal(self, status: int) -> tuple[str, bytes]:
        code = {404: "NoSuchKey", 429: "SlowDown"}.get(status, "InternalError")
        return "application/xml", f"<Error><Code>{code}</Code><Message>as it words it</Message></Error>".encode()


def _whole(asked: Asked) -> bytes:
    """The body without the marks of a chunked upload ("size;chunk-signature=...")."""
    if "aws-chunked" not in asked.headers.get("content-encoding", ""):
        return asked.body
    found, rest = b"", asked.body
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size.split(b";")[0], 16)
        if not length:
            break
        found, rest = found + rest[:length], rest[length + 2 :]
    return found
