"""What a rule's page says: every pattern and every doubt in words, nothing of how the file is written."""

from __future__ import annotations

import pytest

from calls.dialogue.safety.find import shipped
from calls.dialogue.safety.reading import HEEDED, readable
from calls.dialogue.safety.scope import Doubt


def test_every_doubt_has_words():
    assert set(HEEDED) == set(Doubt)


@pytest.mark.parametrize("rule", ["en.unconscious", "es.crisis.suicide"])
def test_what_counts_only_as_the_last_words_says_so(rule):
    told = readable(rule)

    assert told is not None
    assert "as the last words" in {line[0].before for line in told.lines}


@pytest.mark.parametrize("lang", ["en", "es"])
def test_no_line_shows_the_files_own_marks(lang):
    told = [readable(rule.id) for rule in shipped().languages[lang].rules]
    lines = [line for one in told if one is not None for line in one.lines]

    assert lines
    assert not [line[0] for line in lines if line[0].words.startswith(("“ends ", "“only "))]
    assert not [piece for line in lines for piece in line if "=" in piece.words or "<" in piece.words]
