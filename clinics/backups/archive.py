"""The file of a backup: named parts of unknown length, encrypted as they stream, with a digest each.

A line of JSON says whose it is and holds the file's own key, sealed with `FIELD_KEYS`. Frames follow, each AES-256-GCM
under that key with its number as the nonce, bound to the first line. So a frame that is altered, moved, doubled, left
out or taken from another file does not open, and a file without its last frame is not whole.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from clinics import sealed

MAGIC = "cliniqai-backup-1"
FRAME = 1 << 18
"""Bytes of a frame before it is encrypted."""
_HEAD = struct.Struct(">cI")
_NAME, _DATA, _END, _LAST = b"N", b"D", b"E", b"Z"


class Damaged(Exception):
    """The file is not whole, not ours, or its key is not in `FIELD_KEYS`."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one part of the file holds: its bytes and their SHA-256."""

    size: int
    digest: str


class Writer:
    """Writes a file from its first line to its last frame; `finish` makes it whole."""

    def __init__(self, file: BinaryIO, about: dict[str, str]) -> None:
        key = AESGCM.generate_key(256)
        wrapped = base64.b64encode(sealed.seal(key, about=_name(about))).decode()
        line = json.dumps({"format": MAGIC, **about, "key": wrapped}, sort_keys=True).encode()
        self._file, self._cipher, self._bound = file, AESGCM(key), hashlib.sha256(line).digest()
        self._count = 0
        self.parts: dict[str, Part] = {}
        file.write(line + b"\n")

    @contextmanager
    def part(self, name: str) -> Iterator[Any]:
        """A function that takes the part's bytes piece by piece."""
        digest, size, waiting = hashlib.sha256(), 0, bytearray()

        def write(data: bytes) -> None:
            nonlocal size
            digest.update(data)
            size += len(data)
            waiting.extend(data)
            while len(waiting) >= FRAME:
                self._frame(_DATA, bytes(waiting[:FRAME]))
                del waiting[:FRAME]

        self._frame(_NAME, name.encode())
        yield write
        self._frame(_DATA, bytes(waiting))
        self.parts[name] = Part(size, digest.hexdigest())
        self._frame(_END, json.dumps([size, digest.hexdigest()]).encode())

    def finish(self, manifest: dict[str, Any]) -> None:
        parts = {name: [part.size, part.digest] for name, part in self.parts.items()}
        self._frame(_LAST, json.dumps({**manifest, "parts": parts}).encode())

    def _frame(self, kind: bytes, plain: bytes) -> None:
        held = self._cipher.encrypt(self._count.to_bytes(12), plain, kind + self._bound)
        self._file.write(_HEAD.pack(kind, len(held)) + held)
        self._count += 1


class Reader:
    """Reads a file part by part. Raises `Damaged` for whatever is not as it was written."""

    def __init__(self, file: BinaryIO) -> None:
        line = file.readline(8192)
        try:
            self.about: dict[str, str] = json.loads(line)
            if self.about.pop("format") != MAGIC:
                raise Damaged("This is a backup of another format.")
            wrapped = base64.b64decode(self.about.pop("key"), validate=True)
            key = sealed.unseal(wrapped, about=_name(self.about))
        except (ValueError, KeyError, AttributeError) as failure:
            raise Damaged("This is no backup, or FIELD_KEYS lacks the key that it was made with.") from failure
        self._file, self._cipher, self._bound = file, AESGCM(key), hashlib.sha256(line.rstrip(b"\n")).digest()
        self._count = 0
        self.manifest: dict[str, Any] = {}
        """Known when the last part was read."""

    def parts(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Each part's name and its bytes; one that is not read is passed over, and proved all the same."""
        while True:
            kind, plain = self._frame()
            if kind == _LAST:
                self.manifest = json.loads(plain)
                if self._file.read(1):
                    raise Damaged("Something was added at the end of the file.")
                return
            if kind != _NAME:
                raise Damaged("The file's frames are out of order.")
            data = self._data()
            yield plain.decode(), data
            for _ in data:
                pass

    def _data(self) -> Iterator[bytes]:
        digest, size = hashlib.sha256(), 0
        while True:
            kind, plain = self._frame()
            if kind == _END:
                if json.loads(plain) != [size, digest.hexdigest()]:
                    raise Damaged("A part has another digest than it had.")
                return
            digest.update(plain)
            size += len(plain)
            yield plain

    def _frame(self) -> tuple[bytes, bytes]:
        head = self._file.read(_HEAD.size)
        if len(head) < _HEAD.size:
            raise Damaged("The file ends too early.")
        kind, length = _HEAD.unpack(head)
        if length > FRAME * 64:
            raise Damaged("A frame is longer than any that was written.")
        held = self._file.read(length)
        try:
            plain = self._cipher.decrypt(self._count.to_bytes(12), held, kind + self._bound)
        except InvalidTag as altered:
            raise Damaged(f"Frame {self._count} does not open: altered, cut off or moved.") from altered
        self._count += 1
        return kind, plain


def digest_of(path: str | os.PathLike[str]) -> str:
    """The SHA-256 of a whole file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _name(about: dict[str, str]) -> str:
    return "backup\n" + json.dumps(about, sort_keys=True)
