"""The trie of all phrases: what is shared in it, and what a clinic adds to it."""

from __future__ import annotations

import pytest

from calls.dialogue.safety.find import shipped
from calls.dialogue.safety.mentions import present
from calls.dialogue.safety.phrases import Phrases
from calls.dialogue.safety.tokens import tokenise

CHILLED, OURS = 1, 2


@pytest.fixture
def trie() -> Phrases:
    """ "Cold hands now" and "blue hands now", which go on alike behind their first word."""
    return _with(
        Phrases(frozenset(), shipped().languages["en"].lexicon.extended()), CHILLED, "cold hands now", "blue hands now"
    )


def _with(trie: Phrases, concept: int, *phrases: str) -> Phrases:
    for phrase in phrases:
        trie.add(trie.places([[(trie._lexicon.learn(word),)] for word in phrase.split()]), frozenset({concept}))
    return trie


def said(trie: Phrases, text: str) -> set[int]:
    return set(present(trie.find(tokenise(text, shipped().languages["en"].spelling), None)))


def test_what_goes_on_alike_is_there_once_and_still_found(trie):
    trie.settle()

    assert len({id(node) for node in trie._root.values()}) == 1
    assert said(trie, "blue hands now") == said(trie, "cold hands now") == {CHILLED}
    assert said(trie, "blue hands") == set()


def test_what_a_clinic_adds_behind_one_word_is_not_there_behind_another(trie):
    trie.settle()
    ours = _with(trie.extended(trie._lexicon.extended()), OURS, "cold hands again", "cold hands")

    assert said(ours, "cold hands again") == said(ours, "cold hands") == {OURS}
    assert said(ours, "blue hands again") == said(ours, "blue hands") == set()
    assert said(ours, "cold hands now") == {CHILLED, OURS}
    assert said(ours, "blue hands now") == {CHILLED}
    assert said(trie, "cold hands again") == said(trie, "cold hands") == set()


def test_a_phrase_may_go_on_where_another_ended(trie):
    trie.settle()
    ours = _with(trie.extended(trie._lexicon.extended()), OURS, "cold hands now and then")

    assert said(ours, "cold hands now") == {CHILLED}
    assert said(ours, "cold hands now and then") == {CHILLED, OURS}
