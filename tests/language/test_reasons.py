"""What staff read as the reason of a request: never the contrary of what was said."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from calls.dialogue.language import understand
from calls.dialogue.types import Field

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "lang", "reason"),
    [
        ("I'd like an appointment for my back pain", "en", "my back pain"),
        ("I need an appointment, my son has no fever but a rash", "en", "my son has no fever but a rash"),
        ("I'd like to come in, she does not have a cough", "en", "she does not have a cough"),
        ("I can't make Tuesday, I need to see the doctor about chest pain", "en", "chest pain"),
        ("quiero una cita, mi hijo no tiene fiebre, tiene tos", "es", "mi hijo no tiene fiebre, tiene tos"),
        ("quiero una cita por mi dolor de espalda", "es", "mi dolor de espalda"),
    ],
)
def test_a_reason_begins_with_the_not_that_stands_before_it(words: str, lang: str, reason: str) -> None:
    assert understand(words, lang=lang, now=NOW).slots[Field.REASON].text == reason
