"""What a change of a clinic's rules changes in sentences: the short way finds what judging all of them finds."""

from __future__ import annotations

from functools import cache

import pytest

from calls.dialogue.safety import Added, AddedRule, RaisedRule, RuleError, find
from calls.dialogue.safety.comparing import BATCH, Said, compare
from calls.dialogue.safety.corpus import shipped_corpus
from calls.dialogue.safety.measuring import Row
from calls.dialogue.safety.writing import near, phrases, unless, when
from calls.dialogue.types import FindingKind

EMERGENCY, URGENT = FindingKind.EMERGENCY, FindingKind.URGENT


def rule(*parts: str, how: str = "near", kind: FindingKind = EMERGENCY, lang: str = "en", but: str = "") -> AddedRule:
    written = when([phrases(part) for part in parts], how)
    return AddedRule(f"{lang}.clinic.x", lang, kind, "x", written, near(how), unless(phrases(but)))


CHANGES: dict[str, tuple[Added, ...]] = {
    "two parts": (rule("back, knee, arm, hand", "sore, hurt, cut"),),
    "one common word": (rule("pain", kind=URGENT),),
    "anywhere, with an exception": (rule("baby, son", "fever, hot", how="anywhere", but="doctor"),),
    "in order": (rule("need, want", "refill, appointment, form", how="order"),),
    "Spanish": (rule("cabeza, pecho, garganta", lang="es", kind=URGENT),),
    "a raised level": (RaisedRule("en.fracture", EMERGENCY),),
    "both at once": (rule("arm, leg"), RaisedRule("en.fracture", EMERGENCY)),
}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("direction", ["added", "taken back"])
def test_the_sieve_loses_nothing(name: str, direction: str) -> None:
    change = CHANGES[name]
    before, after = ((), change) if direction == "added" else (change, ())
    said = [Said(row.text, row.lang, row.id) for row in rows()]

    found = compare(said, before=before, after=after)

    expected = {row.id for row, old, new in zip(rows(), kinds(before), kinds(after), strict=True) if old != new}
    assert {one.said.about for one in (*found.worse, *found.milder)} == expected
    assert expected, "a change that changes nothing would prove nothing"
    assert not (found.milder if direction == "added" else found.worse)


@cache
def rows() -> tuple[Row, ...]:
    return tuple(shipped_corpus()[::4])  # five thousand: each is judged by eight sets of rules


@cache
def kinds(added: tuple[Added, ...]) -> tuple[FindingKind | None, ...]:
    """What each row is found to be, every one of them judged: once for all the tests that ask for the same rules."""
    worst = (find(row.text, lang=row.lang, added=added).worst for row in rows())
    return tuple(one.kind if one else None for one in worst)


def test_what_was_said_in_the_turn_before_counts_as_on_the_phone() -> None:
    own = rule("jaw", "swollen")
    said = Said("it is very swollen", "en", 1, earlier=("it is my jaw",))

    assert [one.said for one in compare([said], before=(), after=(own,)).worse] == [said]
    assert not compare([Said("it is very swollen", "en", 1)], before=(), after=(own,)).worse


def test_it_fires_also_where_something_as_serious_is_found_anyway() -> None:
    found = compare([Said("my chest hurts and my jaw is swollen", "en", 1)], before=(), after=(rule("jaw", "swollen"),))

    assert (found.fires, found.worse) == (1, [])


def test_without_time_it_says_how_far_it_came_and_has_looked_at_some() -> None:
    said = [Said("my jaw is swollen", "en", n) for n in range(BATCH + 5)]

    found = compare(said, before=(), after=(rule("jaw"),), out_of_time=lambda: True)

    assert (found.looked_at, found.finished, len(found.worse)) == (BATCH, False, BATCH)


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("jaw & tooth", "sign that nobody speaks"),
        ("<pain>", "sign that nobody speaks"),
        ("=jaw", "sign that nobody speaks"),
        ("jaw/tooth", "sign that nobody speaks"),
        ("jaw .. tooth", "sign that nobody speaks"),
        ("the", "too small a word"),
        ("one two three four five six seven", "too long to be said alike"),
        (", ".join(f"word{n}" for n in range(61)), "too many"),
    ],
)
def test_a_nurses_words_never_become_signs_of_the_rule_language(written: str, complaint: str) -> None:
    with pytest.raises(RuleError, match=complaint):
        phrases(written)


def test_words_come_as_people_write_them() -> None:
    assert phrases(" wisdom  tooth,\njaw; self-harm , jaw,,") == ["wisdom tooth", "jaw", "self harm"]
    assert when([["wisdom tooth", "jaw"], ["can't open"]], "order") == ("wisdom_tooth/jaw .. can't_open",)
    for word in ("only", "ask", "number", "sí"):
        own = AddedRule("en.clinic.x", "en", EMERGENCY, "x", when([[word], ["florbinate"]], "near"))
        assert find(f"{word} florbinate", lang="en", added=[own]).has(EMERGENCY), word


@pytest.mark.parametrize(("parts", "complaint"), [([], "at least one"), ([[]], "at least one"), ([["a1"]] * 5, "most")])
def test_a_rule_has_parts_but_not_too_many(parts: list[list[str]], complaint: str) -> None:
    with pytest.raises(RuleError, match=complaint):
        when(parts, "near")
