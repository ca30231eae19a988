"""A mistake in a rule file is refused with a sentence that names it; nothing is read as what it is not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from calls.dialogue.safety.loading import Compiler
from calls.dialogue.safety.rule_file import RuleError, parsed, read_file
from calls.dialogue.safety.spelling import spelling_of

CONCEPTS = {"chest": "chest, breastbone", "pain": "pain, hurt", "worse": "worse"}
RULE = {"id": "en.test", "kind": "urgent", "reason": "test", "source": "er", "when": ["<chest> & <pain>"]}


def compile_with(**changed: Any) -> None:
    """Compile a file of three concepts and one rule, with something else put in their place."""
    small = {"concepts": CONCEPTS, "cues": {"negation": "not"}, "rules": [RULE]}
    file = {**read_file("en")[0], **small, **changed}
    Compiler(file, spelling_of([file])).compile("x", spelling_of([file]))


def concepts(**added: str) -> dict[str, str]:
    return {**CONCEPTS, **added}


def test_the_file_with_one_good_rule_compiles():
    compile_with()


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"rules": [{**RULE, "when": ["<chess> & <pain>"]}]}, "en.test.*chess"),
        ({"rules": [{**RULE, "unless": "<nobody>"}]}, "en.test.*nobody"),
        ({"rules": [{**RULE, "when": ["<chest> & "]}]}, "nothing stands on one side"),
        ({"rules": [{**RULE, "kind": "alarming"}]}, "alarming"),
        ({"rules": [{**RULE, "source": "hearsay"}]}, "hearsay"),
        ({"rules": [{**RULE, "lasting": "forever"}]}, "forever"),
        ({"concepts": concepts(ache="sore <limbz>")}, "<limbz> stands in a phrase"),
        ({"concepts": concepts(ache="<pang>", pang="<ache>")}, "contains itself"),
        ({"concepts": concepts(ache="the my")}, "nothing is left"),
    ],
)
def test_a_mistake_is_refused_by_name(changed, complaint):
    with pytest.raises(RuleError, match=complaint):
        compile_with(**changed)


ROOT = Path(__file__).resolve().parents[2]
STARTED = """
import django
django.setup()
import cliniqai.celery, cliniqai.urls
cliniqai.celery.app.loader.import_default_modules()
from calls.dialogue.safety.find import shipped
print(shipped.cache_info().currsize)
"""


def test_a_process_that_looks_for_no_danger_compiles_no_rules() -> None:
    """Each worker, sweeper and command would spend seconds on it at its start."""
    told = subprocess.run([sys.executable, "-c", STARTED], cwd=ROOT, capture_output=True, text=True, check=True)

    assert told.stdout == "0\n"


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        (
            "rules:\n  - id: en.test\n    unless: nose\n    when: [x]\n    unless: itch\n",
            "“unless” stands twice.*en.test",
        ),
        ("concepts:\n  saw: chainsaw\n  mower: mower\n  saw: bandsaw\n", "“saw” stands twice.*line 2"),
    ],
)
def test_what_is_said_twice_is_refused_and_nothing_of_it_lost(written, complaint):
    with pytest.raises(RuleError, match=complaint):
        parsed(written.encode())
