"""What understanding costs and how good it is: the shipped sentences, and 10,000 lines through `manage.py triage`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle, islice
from statistics import median
from zoneinfo import ZoneInfo

from calls.dialogue.safety import find
from calls.dialogue.safety.corpus import shipped_corpus
from calls.dialogue.safety.measuring import Measured, measure
from calls.dialogue.safety.rule_file import LANGUAGES
from cliniqai.warm import warm_up
from tests.bench.callers import Times
from tests.language.test_corpus import CORPUS, complaint, rows

LINES = 10_000
LONG, LONG_ONES = 1000, 400
ROUNDS = 3
NOW = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("America/New_York"))


@dataclass(frozen=True)
class Found:
    """Seconds of the command, times of an utterance and of a long one, and what the shipped sentences come to."""

    triage_seconds: float
    one: Times
    long: Times
    danger: dict[str, Measured]
    understood: dict[str, float]


def measure_words() -> Found:
    texts = [(row.text, row.lang) for row in shipped_corpus()]
    warm_up()  # as a web process does before its first caller: rules compiled, what stays frozen
    one = _times(texts)
    starts = range(0, len(texts), len(texts) // LONG_ONES)
    long = _times([(_glued(texts, start, texts[start][1]), texts[start][1]) for start in starts])
    danger = measure(shipped_corpus(), judge=lambda text, lang: find(text, lang=lang))
    return Found(_triage(texts), one, long, danger, {lang: _understood(lang) for lang in LANGUAGES})


def _times(texts: Sequence[tuple[str, str]]) -> Times:
    """The time of each text, as the middle one of three rounds through all: in one round the slowest few in a hundred
    are mostly those that the machine did something else beside."""
    rounds = [[_seconds(text, lang) for text, lang in texts] for _ in range(ROUNDS)]
    times = Times()
    times.answers.extend(median(each) for each in zip(*rounds, strict=True))
    return times


def _seconds(text: str, lang: str) -> float:
    began = time.perf_counter()
    find(text, lang=lang)
    return time.perf_counter() - began


def _glued(texts: Sequence[tuple[str, str]], start: int, lang: str) -> str:
    """As many sentences of one language, from one of them on, as fill an utterance."""
    return " ".join(text for text, of in islice(cycle(texts), start, start + LONG) if of == lang)[:LONG]


def _triage(texts: list[tuple[str, str]]) -> float:
    lines = "\n".join(
        json.dumps({"id": str(number), "text": text, "lang": lang})
        for number, (text, lang) in enumerate(islice(cycle(texts), LINES))
    )
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "manage.py", "triage"], input=lines, text=True, stdout=subprocess.DEVNULL, check=True,
        env=dict(os.environ),
    )  # fmt: skip
    return time.perf_counter() - began


def _understood(lang: str) -> float:
    """The percentage of our own sentences whose intent and fields are read as they are meant."""
    all_rows = [row for name in ("intents", "slots") for row in rows(CORPUS / f"{name}_{lang}.jsonl")]
    return 100 * sum(not complaint(row, lang, NOW) for row in all_rows) / len(all_rows)
