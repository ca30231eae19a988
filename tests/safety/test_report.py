"""`manage.py triage_report`: every figure, every miss by name, what a change did, and a sentence for each bad line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from calls.dialogue import language
from calls.dialogue.safety import find, rules_version
from calls.dialogue.safety.folding import fold
from calls.dialogue.safety.measuring import Row, measure
from calls.dialogue.safety.reaching import asks_again
from calls.dialogue.safety.report import MISHEARD, MISHEARD_HERE, compared, variants
from calls.dialogue.safety.variants import everyday
from calls.dialogue.safety.verdicts import released
from calls.dialogue.types import Meaning

ROWS = [
    {"id": "a", "text": "all is well", "lang": "en", "label": "emergency", "note": ""},
    {"id": "b", "text": "my chest hurts", "lang": "en", "label": "other", "note": "hard negative"},
    {"id": "c", "text": "my chest hurts", "lang": "en", "label": "other", "note": "crisis acceptable"},
    {"id": "d", "text": "I need a refill of my lisinopril", "lang": "en", "label": "refill"},
    {"id": "e", "text": "what time do you open", "lang": "en", "label": "refill"},
    {"id": "f", "text": "let me talk to a person please", "lang": "en", "label": "human_request"},
    {"id": "g", "text": "the sky is blue", "lang": "en", "label": "human_request"},
    {"id": "h", "text": "are you a robot", "lang": "en", "label": "other", "note": "asks whether it is a bot"},
    {"id": "i", "text": "me duele el pecho", "lang": "es", "label": "emergency"},
]


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    return written(tmp_path / "rows.jsonl", ROWS)


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    return path


def told(*arguments: object) -> str:
    out = StringIO()
    call_command("triage_report", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_the_report_names_every_miss_and_every_false_alarm(labelled: Path) -> None:
    text = told(labelled)

    assert "missed       a: all is well" in text
    assert "false alarm  b: my chest hurts [en.chest.pain]" in text
    assert "false alarms 1/6" in text
    assert "es: emergencies caught 1/1 = 100.0% (20.7% to 100.0%)" in text
    assert " c: " not in text


def test_who_is_set_to_spanish_mishears_no_english_words() -> None:
    spoken = "me duele mucho el pecho desde anoche " * 20
    rows = [Row("a", spoken, "es", "emergency"), Row("b", "dwell much elk patch dozed annoy", "en", "other")]

    heard = {name: variants(rows)[name](spoken, "es") for name in (MISHEARD, MISHEARD_HERE)}

    assert spoken not in heard.values()
    assert set(heard[MISHEARD_HERE].split()) <= set(spoken.split())
    assert {fold(word) for word in heard[MISHEARD].split()} <= {
        fold(word) for word in (*spoken.split(), *everyday("es"))
    }
    assert not set(heard[MISHEARD].split()) & {"dwell", "much", "elk", "dozed", "annoy"}


def test_it_says_who_went_the_wrong_way_and_who_met_a_person(labelled: Path) -> None:
    text = told(labelled)

    assert "wrong way    e: what time do you open [refill went to general]" in text
    assert "wrong way    d" not in text
    assert "routed right 2/4" in text
    assert "asked for a person and put through 1/2" in text
    assert "no person    g: the sky is blue" in text
    assert "asked whether it is a bot and put through 0/1" in text


def test_what_is_not_caught_but_asked_about_has_a_figure_of_its_own() -> None:
    told = [
        Row("a", "she is having chest", "en", "emergency"),
        Row("b", "all is well", "en", "emergency"),
        Row("c", "she is having chest", "en", "other"),
    ]
    found = measure(told)["en"]

    assert (found.recall.hits, found.asked_about.hits, found.asked_about.of) == (0, 1, 2)
    assert "asked about 50.0%" in compared("as said", {"en": found}, {"en": found})


def test_what_becomes_of_an_emergency_that_was_not_heard_to_its_end_has_figures() -> None:
    halves = [
        "he took his shoes off and he's standing on the",
        "my mom threw up three times",
        "he's got a fork stuck in",
    ]
    told = [Row(str(at), half, "en", "emergency") for at, half in enumerate((*halves, "he's"))]
    found = measure(told, asks_again=lambda said, lang, verdict: said.endswith((" the", "'s")))["en"]

    assert (found.urgent.hits, found.said_again.hits, found.elsewhere.hits, found.elsewhere.of) == (0, 2, 2, 4)
    assert "to say it again 50.0%, taken for something else 50.0%" in compared("as said", {"en": found}, {"en": found})


@pytest.mark.parametrize(
    ("said", "lang", "again"),
    [
        ("he's", "en", True),
        ("mary has gone into", "en", True),
        ("flarb gorble", "en", True),
        ("I'd like to make an appointment for my", "en", False),
        ("what are your hours?", "en", False),
        ("mi papá está", "es", True),
        ("quiero una cita con", "es", False),
    ],
)
def test_who_is_asked_to_say_it_again_is_who_the_phone_asks(said: str, lang: str, again: bool) -> None:
    def understand(words: str, of: str) -> Meaning:
        return language.understand(words, lang=of, now=datetime(2026, 11, 23, 10, tzinfo=UTC))

    assert asks_again(understand, said, lang, find(said, lang=lang)) is again


def test_the_same_figures_come_as_json(labelled: Path) -> None:
    data = json.loads(told(labelled, "--json"))
    english = data["languages"]["en"]

    assert (data["rules"], data["rows"]) == (rules_version(), len(ROWS))
    assert english["recall"] == {"hits": 0, "of": 1, "rate": 0.0, "low": 0.0, "high": 0.7935}
    assert [row["id"] for row in english["missed"]] == ["a"]
    assert [(row["id"], row["rule"]) for row in english["alarms"]] == [("b", "en.chest.pain")]
    assert english["intents_by_label"]["refill"] == {"refill": 1, "general": 1}
    assert english["human_request"]["hits"] == 1
    assert set(data["changed_speech"]) >= {"with fillers", "one word in ten misheard", "cut off at 70 %"}
    assert data["changes"] is None


def test_kept_verdicts_show_what_a_change_of_the_rules_did(labelled: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    told(labelled, "--save", kept)
    data = json.loads(kept.read_text())
    data["rules"] = "0.9"
    data["rows"]["a"][1:] = ["emergency", "en.old"]
    data["rows"]["b"][1:] = ["none", ""]
    data["rows"]["i"][1:] = ["none", ""]
    data["rows"]["d"][1:] = ["emergency", "en.old"]
    data["rows"]["e"][0] = "other words"
    kept.write_text(json.dumps(data))

    changes = json.loads(told(labelled, "--against", kept, "--json"))["changes"]
    text = told(labelled, "--against", kept)

    moved = {name: [one["id"] for one in found] for name, found in changes.items() if isinstance(found, list)}
    assert moved == {"caught": ["i"], "missed": ["a"], "alarming": ["b"], "quiet": ["d"], "other": []}
    assert (changes["before"], changes["after"], changes["not_compared"]) == ("0.9", rules_version(), 1)
    assert "newly missed: 1\n    a: all is well [emergency: emergency en.old -> none]" in text


def test_of_several_releases_the_newest_other_one_is_taken(tmp_path: Path) -> None:
    for version in ("1.9.0", "1.10.0", "1.2.0"):
        (tmp_path / f"verdicts-{version}.json").write_text(json.dumps({"rules": version, "rows": {}}))

    assert released(tmp_path, but="").rules == "1.10.0"  # type: ignore[union-attr]
    assert released(tmp_path, but="1.10.0").rules == "1.9.0"  # type: ignore[union-attr]
    assert released(tmp_path / "none", but="") is None


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("nonsense", "line 2: not JSON"),
        ("[1]", "line 2: not an object"),
        ('{"id": "x", "text": "hi", "lang": "en"}', "line 2: without label"),
        ('{"id": "x", "text": "hi", "lang": "fr", "label": "other"}', "line 2: the language 'fr'"),
        ('{"id": "x", "text": "hi", "lang": "en", "label": "panic"}', "line 2: the label 'panic' is not one of"),
        ('{"id": "a", "text": "hi", "lang": "en", "label": "other"}', "line 2: the id a stands on line 1 already"),
    ],
)
def test_a_line_that_cannot_be_counted_refuses_the_file_by_its_number(
    line: str, complaint: str, tmp_path: Path
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(ROWS[0]) + "\n" + line + "\n")

    with pytest.raises(CommandError, match=r"rows\.jsonl, ") as refused:
        told(path)

    assert complaint in str(refused.value)


def test_empty_missing_and_foreign_files_are_refused_in_words(labelled: Path, tmp_path: Path) -> None:
    empty, twin = written(tmp_path / "empty.jsonl", []), written(tmp_path / "twin.jsonl", ROWS[:1])

    with pytest.raises(CommandError, match="holds no rows"):
        told(empty)
    with pytest.raises(CommandError, match="cannot be read"):
        told(tmp_path / "nowhere.jsonl")
    with pytest.raises(CommandError, match="stands in another file already"):
        told(labelled, twin)
    with pytest.raises(CommandError, match="holds no verdicts"):
        told(labelled, "--against", labelled)
