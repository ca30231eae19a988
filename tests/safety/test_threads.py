"""Eight calls at once are judged as one after the other: nothing that judges is shared unguarded."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from calls.dialogue.safety.lexicon import Lexicon

ROOTS = ("bleed", "swallow", "numb", "breath", "choke", "collaps", "faint", "vomit")
ENDINGS = ("", "ing", "ed", "s", "ings", "er", "ers", "ation", "ational", "fulness", "iveness")
WORDS = [root + ending for root in ROOTS for ending in ENDINGS]


@pytest.fixture
def hurried() -> Iterator[None]:
    """Threads that change places after every few steps."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def lexicon() -> Lexicon:
    return Lexicon("en", sounds={}, numbers={}, ranges={}, never_misspelt=())


def test_threads_do_not_spoil_each_others_stems(hurried: None) -> None:
    alone = lexicon()
    expected = [alone.learn(word) for word in WORDS]
    shared = lexicon()

    def all_of_them(_: int) -> list[str]:
        return [shared.learn(word) for word in WORDS]

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(all_of_them, range(24)))

    assert found == [expected] * 24
