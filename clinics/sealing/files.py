"""Files sealed in chunks, so that any part of one opens without the rest: AES-256-GCM under a key of the file's own.

A file is a mark, then chunks of 64 kB of plain text, each with its tag. The nonce of a chunk is its number, which is
safe because no key seals two files; what the file is, the chunk's number and whether it is the last one are bound in.
So a chunk that was altered, moved, repeated or cut off does not open. The key lives sealed on the file's row: a
rotation of the clinic's keys seals it anew and never touches the file.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from clinics.sealing.cipher import NONCE, TAG

MARK = b"CQF1"
CHUNK = 64 * 1024
_STEP = CHUNK + TAG


class Damaged(Exception):
    """The file is not what its row says: altered, cut off, or another one."""


def new_key() -> str:
    """A key for one file, in hexadecimal."""
    return secrets.token_bytes(32).hex()


def sealed_chunks(parts: Iterable[bytes], *, key: str, about: str) -> Iterator[bytes]:
    """The bytes of the sealed file, from plain parts of any length."""
    cipher = AESGCM(bytes.fromhex(key))
    yield MARK
    number, held = 0, b""
    for part in parts:
        held += part
        while len(held) > CHUNK:  # one chunk is kept back: the last one says that it is
            yield cipher.encrypt(_nonce(number), held[:CHUNK], _bound(about, number, last=False))
            number, held = number + 1, held[CHUNK:]
    yield cipher.encrypt(_nonce(number), held, _bound(about, number, last=True))


def opened(file: BinaryIO, *, key: str, about: str, size: int, start: int, end: int) -> Iterator[bytes]:
    """The plain bytes from `start` up to `end`, which is not included; `size` is the length of the whole plain file.

    Raises `Damaged`, at the first chunk that is not whole.
    """
    cipher = AESGCM(bytes.fromhex(key))
    last = max(size - 1, 0) // CHUNK
    file.seek(0)
    if file.read(len(MARK)) != MARK:
        raise Damaged("not a sealed file")
    for number in range(start // CHUNK, (max(end, 1) - 1) // CHUNK + 1):
        file.seek(len(MARK) + number * _STEP)
        try:
            plain = cipher.decrypt(_nonce(number), file.read(_STEP), _bound(about, number, last=number == last))
        except InvalidTag as altered:
            raise Damaged(f"chunk {number} does not open") from altered
        first = number * CHUNK
        yield plain[max(start - first, 0) : max(end - first, 0)]


def _nonce(number: int) -> bytes:
    return number.to_bytes(NONCE, "big")


def _bound(about: str, number: int, *, last: bool) -> bytes:
    return f"{about}\n{number}\n{'last' if last else 'more'}".encode()
