"""What a clinic that leaves takes along: its recordings, opened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from calls.recordings import vault
from calls.recordings.models import Recording


def opened() -> Iterator[tuple[str, Iterable[bytes]]]:
    """Every recording that is there, by the id of its row."""
    for recording in Recording.objects.audible().iterator():
        yield f"{recording.id}.mp3", vault.read(recording, start=0, end=recording.size)
