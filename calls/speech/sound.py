"""What counts as a spoken sentence, and the voices' common errors. Pure."""

from __future__ import annotations

CONTENT_TYPE = "audio/mpeg"

LONGEST = 2900
"""Characters of one sentence: less than any voice takes."""


class NotSpoken(Exception):
    """The provider answered, but not with a sentence that can be played; the message is a code."""


def checked(audio: bytes) -> bytes:
    """The same bytes when they begin as an MP3 does: a frame's eleven bits, or an ID3 tag. Else raise `NotSpoken`."""
    framed = len(audio) > 100 and audio[0] == 0xFF and audio[1] & 0xE0 == 0xE0
    if not (framed or audio.startswith(b"ID3")):
        raise NotSpoken("no_mp3")
    return audio
