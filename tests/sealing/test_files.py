"""Sealed files: any part opens alone, and nothing that was altered, moved, repeated or cut off does."""

from __future__ import annotations

import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinics.sealing.cipher import TAG
from clinics.sealing.files import CHUNK, MARK, Damaged, new_key, opened, sealed_chunks

KEY = new_key()
PLAIN = random.Random(3).randbytes(3 * CHUNK + 17)


def sealed(plain: bytes = PLAIN, *, about: str = "one", part: int = 50_000) -> bytes:
    parts = (plain[at : at + part] for at in range(0, len(plain), part))
    return b"".join(sealed_chunks(parts, key=KEY, about=about))


def read(held: bytes, start: int = 0, end: int | None = None, *, size: int = len(PLAIN), about: str = "one") -> bytes:
    given_end = size if end is None else end
    return b"".join(opened(io.BytesIO(held), key=KEY, about=about, size=size, start=start, end=given_end))


SEALED = sealed()


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, len(PLAIN)])
@pytest.mark.parametrize("part", [1000, CHUNK, 10 * CHUNK])
def test_what_is_sealed_opens_again_whatever_its_length(size: int, part: int) -> None:
    plain = PLAIN[:size]

    held = sealed(plain, part=part)

    assert read(held, size=size) == plain
    assert size < 40 or plain[:40] not in held


@settings(deadline=None, max_examples=60)
@given(st.integers(0, len(PLAIN)), st.integers(0, len(PLAIN)))
def test_any_part_opens_alone(first: int, second: int) -> None:
    start, end = sorted((first, second))

    assert read(SEALED, start, end) == PLAIN[start:end]


@settings(deadline=None, max_examples=60)
@given(st.integers(0, len(SEALED) - 1), st.integers(1, 255))
def test_a_changed_byte_opens_nothing_of_its_chunk(at: int, by: int) -> None:
    held = bytearray(SEALED)
    held[at] ^= by

    with pytest.raises(Damaged):
        read(bytes(held))


@pytest.mark.parametrize("length", [0, 3, len(MARK), len(SEALED) - 1, len(MARK) + 3 * (CHUNK + TAG)])
def test_a_file_that_was_cut_off_does_not_open(length: int) -> None:
    with pytest.raises(Damaged):
        read(SEALED[:length])


def test_a_file_that_lost_its_end_does_not_open_even_under_its_shorter_size() -> None:
    with pytest.raises(Damaged):
        read(SEALED[: len(MARK) + 2 * (CHUNK + TAG)], size=2 * CHUNK)


def test_chunks_cannot_change_places() -> None:
    step = CHUNK + TAG
    body = SEALED[len(MARK) :]
    swapped = MARK + body[step : 2 * step] + body[:step] + body[2 * step :]

    with pytest.raises(Damaged):
        read(swapped)


def test_a_file_does_not_open_as_another_one() -> None:
    with pytest.raises(Damaged):
        read(SEALED, about="two")
