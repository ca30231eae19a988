"""The report of the rules measures a model, and both together, on the same rows."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from clinics.models import Clinic
from tests.far_ends.models import Anthropic, report
from tests.reasoning.conftest import Enter

ROWS = (
    ("1", "i need a refill of my lisinopril", "refill"),
    ("2", "well it is about those little pink fellows of mine you see", "refill"),
    ("3", "what time do you close", "general"),
)


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    lines = [{"id": name, "text": text, "lang": "en", "label": label} for name, text, label in ROWS]
    path.write_text("\n".join(map(json.dumps, lines)))
    return path


def right(path: Path, **options: str) -> int:
    """How many rows are routed right."""
    out = StringIO()
    call_command("triage_report", path, json=True, stdout=out, stderr=StringIO(), **options)
    return json.loads(out.getvalue())["languages"]["en"]["routing"]["hits"]


def test_rules_a_model_and_both_are_measured_by_the_same_report(
    north: Clinic, enter: Enter, anthropic: Anthropic, rows: Path
) -> None:
    enter(anthropic, north)
    anthropic.says = report(intent="refill", confidence=0.9)

    assert right(rows) == 2
    assert not anthropic.asked
    assert right(rows, understanding="model", clinic="north") == 2
    assert len(anthropic.asked) == 3
    assert right(rows, understanding="both", clinic="north") == 3
    assert len(anthropic.asked) == 4


@pytest.mark.parametrize("clinic", [None, "nowhere", "south"])
def test_no_row_leaves_without_a_clinic_that_signed(
    transactional_db: None, enter: Enter, anthropic: Anthropic, rows: Path, clinic: str | None
) -> None:
    enter(anthropic, Clinic.objects.get(slug="north"))

    with pytest.raises(CommandError):
        right(rows, understanding="model", clinic=clinic)

    assert anthropic.connections == 0
