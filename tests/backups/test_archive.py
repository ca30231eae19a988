"""The file of a backup says nothing to strangers and is refused when one bit of it is another."""

from __future__ import annotations

import io
import random
from pathlib import Path
from typing import Any

import pytest

from clinics.backups import archive
from clinics.backups.archive import Damaged, Reader, Writer

ABOUT = {"clinic": "5a0b9a3e", "slug": "east", "schema": "east", "made_at": "2026-11-28"}
CANARY = b"Quorndale"
LONG = CANARY * 40_000  # more than one frame


def written(**parts: bytes) -> bytes:
    file = io.BytesIO()
    writer = Writer(file, ABOUT)
    for name, data in parts.items():
        with writer.part(name) as write:
            for begin in range(0, len(data), 7_001):
                write(data[begin : begin + 7_001])
    writer.finish({"tables": {}})
    return file.getvalue()


def read(data: bytes) -> dict[str, bytes]:
    reader = Reader(io.BytesIO(data))
    found = {name: b"".join(pieces) for name, pieces in reader.parts()}
    assert reader.manifest["parts"].keys() == found.keys()
    return found


def test_what_went_in_comes_out_and_none_of_it_is_seen() -> None:
    data = written(one=LONG, two=b"")

    assert read(data) == {"one": LONG, "two": b""}
    assert CANARY not in data


def test_any_altered_byte_is_found() -> None:
    data = written(one=LONG, two=b"x")
    chance = random.Random(7)
    places = [*chance.sample(range(len(data)), 60), len(data) - 1, data.index(b"\n") + 1]

    for place in places:
        altered = bytearray(data)
        altered[place] ^= 1
        with pytest.raises(Damaged):
            read(bytes(altered))


def test_a_cut_off_or_longer_file_is_found() -> None:
    data = written(one=LONG)
    for length in (0, 10, data.index(b"\n") + 1, len(data) // 2, len(data) - 1):
        with pytest.raises(Damaged):
            read(data[:length])
    with pytest.raises(Damaged):
        read(data + b"x")


def test_frames_of_another_file_do_not_fit() -> None:
    one, other = written(one=b"a"), written(one=b"a")

    with pytest.raises(Damaged):
        read(one[: one.index(b"\n") + 1] + other[other.index(b"\n") + 1 :])


def test_without_its_key_it_is_refused(settings: Any, tmp_path: Path) -> None:
    data = written(one=b"a")
    settings.FIELD_KEYS = {"other": bytes(range(32))}

    with pytest.raises(Damaged, match="FIELD_KEYS"):
        read(data)
    (tmp_path / "file").write_bytes(data)
    assert len(archive.digest_of(tmp_path / "file")) == 64
