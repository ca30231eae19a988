"""The clinic's own storage of audio: sealed files, written whole or not at all, and read from any byte."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.core.files.base import File
from django.core.files.storage import storages
from django.db import connection

from calls.recordings.models import Recording
from clinics.sealing import files

STORAGE = "recordings"


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that is safe: its name, the key that opens it, and how many plain bytes it holds."""

    file: str
    key: str
    size: int


class _Counted:
    """Counts what passes."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self.parts, self.size = parts, 0

    def __iter__(self) -> Iterator[bytes]:
        for part in self.parts:
            self.size += len(part)
            yield part


def store(recording: Recording, parts: Iterable[bytes]) -> Stored:
    """Seal audio as it comes and keep it; not one plain byte touches a disk."""
    key, counted = files.new_key(), _Counted(parts)
    with tempfile.TemporaryFile() as sealed:
        for chunk in files.sealed_chunks(counted, key=key, about=_about(recording)):
            sealed.write(chunk)
        sealed.seek(0)
        name = storages[STORAGE].save(f"{connection.schema_name}/{recording.id}", File(sealed))
    return Stored(name, key, counted.size)


def read(recording: Recording, *, start: int, end: int) -> Iterator[bytes]:
    """The plain audio from one byte up to another. Raises `files.Damaged`, or FileNotFoundError."""
    with storages[STORAGE].open(recording.file, "rb") as sealed:
        yield from files.opened(
            sealed, key=recording.file_key, about=_about(recording), size=recording.size, start=start, end=end
        )


def delete(file: str) -> None:
    """Take a file away; one that is gone already is fine."""
    storages[STORAGE].delete(file)


def exists(file: str) -> bool:
    return storages[STORAGE].exists(file)


def _about(recording: Recording) -> str:
    return f"{connection.schema_name}\n{recording.about}"
