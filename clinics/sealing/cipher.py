"""The seal itself: AES-256-GCM under the newest of several keys, bound to what the value is. Holds no key and no state.

A sealed value is `key id`, a colon, a nonce of 12 bytes, and the ciphertext with its tag of 16. It opens with the key
that its id names and under the name that it was sealed for, or not at all.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12
TAG = 16


class UnknownKey(ValueError):
    """The value names a key that is not in the ring; `key_id` is what it names."""

    def __init__(self, key_id: str) -> None:
        super().__init__("not sealed with a key of ours")
        self.key_id = key_id


class Ring:
    """Keys by their ids, the newest first: it seals, the others still open."""

    __slots__ = ("_ciphers", "_head", "newest")

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self.newest = next(iter(self._ciphers))
        self._head = f"{self.newest}:".encode()

    def seal(self, plain: bytes, *, about: str) -> bytes:
        """Encrypt; `about` names what it is, and the value opens under no other name."""
        nonce = os.urandom(NONCE)
        cipher = self._ciphers[self.newest]
        return self._head + nonce + cipher.encrypt(nonce, plain, _bound(self.newest, about))

    def unseal(self, sealed: bytes, *, about: str) -> bytes:
        """Decrypt. Raise `ValueError` when it is not ours, not whole or not this."""
        key_id, _, rest = sealed.partition(b":")
        name = key_id.decode("ascii", "replace")
        cipher = self._ciphers.get(name)
        if cipher is None or len(rest) < NONCE + TAG:
            raise UnknownKey(name)
        try:
            return cipher.decrypt(rest[:NONCE], rest[NONCE:], _bound(name, about))
        except InvalidTag as altered:
            raise ValueError("altered, or sealed under another name") from altered


@lru_cache(maxsize=16)
def ring_of(keys: tuple[tuple[str, bytes], ...]) -> Ring:
    """The ring of these keys, made once."""
    return Ring(dict(keys))


def _bound(key_id: str, about: str) -> bytes:
    return f"{key_id}\n{about}".encode()
