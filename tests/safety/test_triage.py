"""`manage.py triage`: a verdict a line, a sentence for each bad line."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from calls.dialogue.safety.triage import BadLine, Judged, as_json, triage
from calls.dialogue.types import Control, Intent, Meaning

PROJECT = Path(__file__).resolve().parents[2]
needs_settings = pytest.mark.skipif(
    not (PROJECT / "cliniqai" / "settings.py").exists() or find_spec("django") is None,
    reason="there is no Django project yet",
)


def billing(words, lang):
    return Meaning(intent=Intent.BILLING, confidence=0.7512)


def judged(*lines, **kwargs):
    return list(triage(lines, understand=billing, **kwargs))


def test_a_line_becomes_a_verdict():
    (one,) = judged('{"id": "7", "text": "my chest hurts", "lang": "en"}')

    assert json.loads(as_json(one)) == {
        "id": "7",
        "finding": "emergency",
        "reason": "chest pain",
        "rules": ["en.chest.pain"],
        "intent": "billing",
        "confidence": 0.75,
    }


def test_nothing_found_is_none():
    (one,) = judged('{"id": "7", "text": "what time do you open", "lang": "en"}')

    assert (one.finding, one.reason, one.rules) == ("none", "", ())


@pytest.mark.parametrize(
    "line", ["not json", "[1]", '{"id": "1"}', '{"text": 5}', '{"text": "hi", "lang": "fr"}', "[" * 100_000]
)
def test_a_bad_line_is_named_and_loses_no_other(line):
    first, second = judged(line, '{"text": "hi", "lang": "en"}')

    assert isinstance(first, BadLine)
    assert first.number == 1
    assert isinstance(second, Judged)


def test_lang_overrides_the_rows():
    (one,) = judged('{"text": "me duele el pecho", "lang": "fr"}', lang="es")

    assert one.rules[0] == "es.chest.pain"


@needs_settings
def test_the_command_ends_in_failure_after_doing_the_rest(monkeypatch, capsys):
    from django.core.management import call_command

    monkeypatch.setattr(sys, "stdin", io.StringIO('nonsense\n{"id": "2", "text": "I want to die", "lang": "en"}\n'))

    with pytest.raises(SystemExit, match="1"):
        call_command("triage")

    written = capsys.readouterr()
    assert json.loads(written.out)["finding"] == "crisis"
    assert "line 1: not JSON" in written.err


@needs_settings
def test_a_long_file_is_judged_in_order_whoever_judges_it():
    """Longer than what one process judges: the lines come out as they went in, and a bad one keeps its number."""
    texts = ["I want to die", "my chest hurts and I can't breathe", "I need a refill", "what are your hours"]
    lines = [json.dumps({"id": str(n), "text": texts[n % 4], "lang": "en"}) for n in range(900)]
    lines[849] = "nonsense"

    ran = subprocess.run(
        [sys.executable, "manage.py", "triage"], input="\n".join(lines), text=True, capture_output=True, check=False
    )

    found = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [row["id"] for row in found] == [str(n) for n in range(900) if n != 849]
    assert {row["finding"] for row in found if int(row["id"]) % 4 == 0} == {"crisis"}
    assert "line 850: not JSON" in ran.stderr
    assert ran.returncode == 1


def test_a_word_to_the_phone_itself_counts_as_a_general_question():
    def repeat(words, lang):
        return Meaning(intent=Intent.UNCLEAR, controls=frozenset({Control.REPEAT}))

    (one,) = triage(['{"id": "1", "text": "could you repeat that", "lang": "en"}'], understand=repeat)

    assert one.intent == "general"
