"""Our own labelled sentences, and the shared rows where they lie beside the checkout."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from calls.dialogue import language
from calls.dialogue.types import Field

CORPUS = Path(__file__).parents[1] / "corpus"
SHARED = Path(__file__).parents[3] / "shared" / "data" / "safety"
ROUTING = {"appointment", "callback", "refill", "test_result", "medical_advice", "human_request", "general"}
SURE = 0.6


def rows(path: Path) -> Iterator[dict]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def complaint(row: dict, lang: str, now) -> str:
    """Say what is wrong with the meaning of a row's words, or nothing."""
    expecting = Field(row["expecting"]) if "expecting" in row else None
    meaning = language.understand(row["text"], lang=lang, now=now, expecting=expecting)
    intent = str(meaning.intent) if meaning.confidence >= SURE else "unclear"
    if "intent" in row and intent != row["intent"]:
        return f"intent {intent}"
    if "topic" in row and meaning.topic != row["topic"]:
        return f"topic {meaning.topic!r}"
    if "others" in row and [str(other) for other in meaning.others] != row["others"]:
        return f"others {meaning.others}"
    if not set(row.get("controls", ())) <= {str(control) for control in meaning.controls}:
        return f"controls {sorted(meaning.controls)}"
    for name, text in row.get("slots", {}).items():
        value = meaning.slots.get(Field(name))
        got = value.text if value and value.confidence >= 0.5 else None
        if got != text:
            return f"{name} {got!r}, not {text!r}"
    return ""


@pytest.mark.parametrize("name", ["intents", "slots"])
@pytest.mark.parametrize("lang", ["en", "es"])
def test_at_least_95_percent_of_our_own_sentences_are_understood(name, lang, now):
    all_rows = list(rows(CORPUS / f"{name}_{lang}.jsonl"))
    complaints = {row["text"]: wrong for row in all_rows if (wrong := complaint(row, lang, now))}

    assert len(complaints) <= 0.05 * len(all_rows), complaints


def test_the_corpus_is_large_enough_and_holds_no_sentence_twice():
    for lang in ("en", "es"):
        texts = [(row["text"], row.get("expecting")) for row in rows(CORPUS / f"intents_{lang}.jsonl")]
        assert len(texts) == len(set(texts))
    total = sum(1 for path in CORPUS.glob("*_e[ns].jsonl") for _ in rows(path))

    assert total >= 250


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared rows are not beside this checkout")
def test_at_least_92_percent_of_the_shared_routing_rows_reach_their_intent(now):
    right = total = 0
    for lang in ("en", "es"):
        for row in rows(SHARED / f"{lang}.jsonl"):
            if row["label"] not in ROUTING:
                continue
            intent = str(language.understand(row["text"], lang=lang, now=now).intent)
            total += 1
            right += intent == row["label"] or (row["label"] == "appointment" and intent == "cancel_appointment")

    assert right / total >= 0.92
