"""Makes openings out of frames for teaching: "(can|could) you move my <visit>" becomes many sentences."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random

_CHOICE = re.compile(r"\(([^()]*)\)")
_WORD = re.compile(r"<(\w+)>")


def made(path: Path, *, each: int) -> Iterator[tuple[str, str]]:
    """Yield (sentence, intent) up to `each` times a frame of the file at `path`, the same ones every time."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    chance = Random(5)
    for intent, frames in data["frames"].items():
        sentences = (_filled(frame, data["words"], chance) for frame in frames for _ in range(each))
        yield from ((sentence, intent) for sentence in dict.fromkeys(sentences) if sentence)


def _filled(frame: str, words: Mapping[str, Sequence[str]], chance: Random) -> str:
    """Choose one of each "(a|b)", innermost first, then a word of each list."""
    while found := _CHOICE.search(frame):
        frame = frame[: found.start()] + chance.choice(found[1].split("|")) + frame[found.end() :]
    while found := _WORD.search(frame):
        frame = frame[: found.start()] + chance.choice(words[found[1]]) + frame[found.end() :]
    return " ".join(frame.split())
