"""Long speech is looked through faster, and nothing that stands in it is passed over for that."""

from itertools import cycle, islice

import pytest

from calls.dialogue.safety import engine, find, matching
from calls.dialogue.safety.corpus import shipped_corpus
from calls.dialogue.safety.rule_file import LANGUAGES
from calls.dialogue.types import ESCALATES_NOW, FindingKind, Verdict

SENTENCES_TOGETHER, STEP = 12, 23


def long_ones(lang: str) -> list[str]:
    texts = [row.text for row in shipped_corpus() if row.lang == lang]
    return [" ".join(islice(cycle(texts), start, start + SENTENCES_TOGETHER)) for start in range(0, len(texts), STEP)]


def seen(verdict: Verdict) -> tuple[set[tuple[str, str, float]], str]:
    return {(one.rule, one.kind.value, one.confidence) for one in verdict.findings}, verdict.ask


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_quick_no_hides_no_pattern(lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [*long_ones(lang), *(text.replace(".", "").replace(",", "").lower() for text in long_ones(lang))]
    quick = [seen(find(text, lang=lang)) for text in texts]
    monkeypatch.setattr(matching, "LONG_SPEECH", 10_000)  # no utterance is so long
    patient = [seen(find(text, lang=lang)) for text in texts]
    assert sum(len(findings) for findings, _ in patient) > 2 * len(texts)
    assert [text for text, one, other in zip(texts, quick, patient, strict=True) if one != other] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_many_emergencies_hide_no_kind_that_escalates(lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = long_ones(lang)
    quick = [find(text, lang=lang) for text in texts]
    monkeypatch.setattr(engine, "_ENOUGH", 10_000)
    patient = [find(text, lang=lang) for text in texts]

    def kinds(verdict: Verdict) -> set[FindingKind]:
        return {one.kind for one in verdict.findings} & ESCALATES_NOW

    assert any(len(one.findings) < len(other.findings) for one, other in zip(quick, patient, strict=True))
    assert list(map(kinds, quick)) == list(map(kinds, patient))


def test_a_wish_to_die_behind_many_emergencies_is_heard() -> None:
    dangers = (
        "He can't breathe. She has crushing chest pain. His face is drooping. My son is unconscious. "
        "She is having a seizure. He is bleeding heavily and it won't stop. My baby is choking. She swallowed bleach. "
        "I want to kill myself."
    )
    found = find(dangers, lang="en")
    assert {FindingKind.EMERGENCY, FindingKind.CRISIS} <= {one.kind for one in found.findings}


def test_what_a_rule_asks_comes_before_whether_it_happens_now() -> None:
    assert find("what should I do if someone can't breathe", lang="en").ask == "ask.happening_now"
    assert find("what should I do if someone can't breathe. Yesterday I passed out for a second.", lang="en").ask == (
        "ask.awake"
    )
