"""Numbers in and out, and what a log may show of them."""

from __future__ import annotations

import pytest

from clinics.phones import is_e164, masked, readable, to_e164


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("(202) 555-0100", "+12025550100"),
        ("202.555.0100", "+12025550100"),
        ("+1 202 555 0100", "+12025550100"),
        ("+44 20 7946 0958", "+442079460958"),
        ("555-0100", ""),
        ("911", ""),
        ("", ""),
        ("not a number", ""),
        ("+1", ""),
        ("1" * 5000, ""),
        ("\x00", ""),
    ],
)
def test_to_e164(text: str, number: str) -> None:
    assert to_e164(text) == number


@pytest.mark.parametrize(
    "text", ["+12025550100\n", "12025550100", "+0123456789", "+1202555010a", "+١٢٠٢٥٥٥٠١٠٠", "+1" * 9, ""]
)
def test_what_only_looks_like_e164_is_none(text: str) -> None:
    assert not is_e164(text)


@pytest.mark.parametrize("number", ["+12025550100", "+442079460958", "12", "", "anonymous"])
def test_a_masked_number_shows_no_more_than_two_digits_of_its_end(number: str) -> None:
    shown = masked(number)

    assert "…" in shown
    assert len(shown) <= 5
    assert number[2:-2] not in shown or len(number) <= 4


def test_readable() -> None:
    assert readable("+12025550100") == "+1 202-555-0100"
    assert readable("anonymous") == "anonymous"
