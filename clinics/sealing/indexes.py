"""Finding rows by what is sealed in them: keyed digests of a number or of the beginnings of words; docs/adr/0032.

Both are columns made of other fields of the row whenever it is written. A digest says nothing without the clinic's
index key, but equal values have equal digests within one clinic.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import Q

from clinics.sealing import keys

LONGEST = 20
"""Letters of a word that are indexed; what is typed beyond them narrows nothing."""


class BlindIndex(models.BinaryField):
    """The keyed digest of one field, for exact look-up; empty for a blank one. `made_of` names the field."""

    def __init__(self, *args: Any, made_of: Sequence[str] = (), **kwargs: Any) -> None:
        self.made_of = tuple(made_of)
        super().__init__(*args, **{"editable": False, **kwargs})

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "made_of": self.made_of}

    def pre_save(self, row: models.Model, add: bool) -> bytes:
        (source,) = self.made_of
        return digest(getattr(row, source), keys.keys_of(connection.schema_name).index_keys[0])


class WordIndex(ArrayField):
    """Keyed digests of 32 bits of every beginning of every word that the row's method `words` yields.

    `whole` words are found whole only.
    """

    def __init__(
        self,
        base_field: Any = None,
        *,
        made_of: Sequence[str] = (),
        words: str = "",
        whole: bool = False,
        **kwargs: Any,
    ) -> None:
        self.made_of, self.words, self.whole = tuple(made_of), words, whole
        super().__init__(base_field or models.IntegerField(), **{"default": list, "editable": False, **kwargs})

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "made_of": self.made_of, "words": self.words, "whole": self.whole}

    def pre_save(self, row: models.Model, add: bool) -> list[int]:
        key = keys.keys_of(connection.schema_name).index_keys[0]
        words = getattr(row, self.words)()
        return word_digests(words if self.whole else beginnings(words), key)


def beginnings(words: Iterable[str]) -> set[str]:
    """Every beginning of every word."""
    return {word[:length] for word in words for length in range(1, min(len(word), LONGEST) + 1)}


def word_digests(words: Iterable[str], key: bytes) -> list[int]:
    """The digests of these words, each once and in an order that tells nothing of the text's."""
    return sorted({_word_digest(word, key) for word in words})


def has_words(field: str, typed: Iterable[str], *, whole: bool = False) -> Q:
    """Rows that have, for each word typed, one that begins like it (is it, `whole`); under any key in use."""
    found = Q()
    typed = [word if whole else word[:LONGEST] for word in typed]
    for key in keys.keys_of(connection.schema_name).index_keys:
        found |= Q(**{f"{field}__contains": [_word_digest(word, key) for word in typed]})
    return found


def is_value(field: str, value: str) -> Q:
    """Rows whose blind index is that of this value, under any key that is in use."""
    return Q(**{f"{field}__in": [digest(value, key) for key in keys.keys_of(connection.schema_name).index_keys]})


def digest(value: str, key: bytes) -> bytes:
    """The blind index of one value: HMAC-SHA256, its first half."""
    return hmac.digest(key, value.encode(), "sha256")[:16] if value else b""


def _word_digest(word: str, key: bytes) -> int:
    return int.from_bytes(blake2b(word.encode(), key=key, digest_size=4).digest(), signed=True)
