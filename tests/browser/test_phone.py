"""The test phone in the browser, against its JSON contract (PORTAL 5.7, G2 and G3)."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Desk

TWIML = (
    '<?xml version="1.0"?><Response>'
    '<Gather input="dtmf speech"><Say language="en-US">Hello &lt;b&gt;</Say></Gather></Response>'
)


def answer(**changes: Any) -> dict[str, Any]:
    exchange = {
        "method": "POST", "path": "/calls/voice/", "status": 200, "took_ms": 14, "signed": True,
        "fields": [["CallSid", "CA1"], ["SpeechResult", "<i>x</i>"]], "twiml": TWIML, "fault": "",
    }  # fmt: skip
    base: dict[str, Any] = {
        "call": "6f1c1d5e-0000-4000-8000-000000000001", "exchanges": [exchange], "heard": ["Hello <b>"], "over": False,
        "listening": {"speech": True, "keypad": True, "digits": 1}, "status": "in-progress", "created": [],
    }  # fmt: skip
    return {**base, **changes}


def phone_of(desk: Desk, replies: list[Any]) -> tuple[Page, list[dict[str, Any]]]:
    """The page with a server that answers from a list; what it was asked is noted."""
    asked: list[dict[str, Any]] = []

    def reply(route: Route) -> None:
        asked.append(json.loads(route.request.post_data or "{}"))
        given = replies.pop(0)
        if isinstance(given, int):
            route.fulfill(status=given, body="upstream said no", content_type="text/plain")
        else:
            route.fulfill(status=200, body=json.dumps(given), content_type="application/json")

    page = desk.open("Alice", "/phone/")
    page.route("**/phone/calls/**", reply)
    return page, asked


def test_a_call_is_heard_said_and_seen_under_the_hood(desk: Desk) -> None:
    made = [{"kind": "task", "label": "Refill", "url": "/tasks/1/"}]
    page, asked = phone_of(desk, [answer(), answer(heard=["Thank you."], over=True, created=made)])

    page.locator("#ring").click()
    expect(page.locator("#bubbles")).to_contain_text("Hello <b>")
    assert page.locator("#bubbles b, #exchanges b, #exchanges i").count() == 0
    assert page.evaluate("document.activeElement.id") == "words"
    expect(page.locator("#exchanges pre").first).to_contain_text('<Gather input="dtmf speech">')
    expect(page.locator("#exchanges summary").first).to_contain_text("14 ms signed ✓")

    page.keyboard.type("I need a refill")
    page.keyboard.press("Enter")
    expect(page.locator("#bubbles")).to_contain_text("I need a refill")
    expect(page.locator("#created a")).to_have_attribute("href", "/tasks/1/")
    expect(page.locator("#phone-state")).to_have_text("No call.")
    assert asked[1]["words"] == "I need a refill"


def test_keys_of_the_keyboard_press_the_pad_only_while_it_has_the_focus(desk: Desk) -> None:  # G3
    page, asked = phone_of(desk, [answer(), answer()])
    page.locator("#ring").click()
    expect(page.locator("#phone-state")).to_contain_text("In a call")

    page.keyboard.press("2")
    assert page.locator("#words").input_value() == "2"
    assert len(asked) == 1

    page.locator("#digit-5").focus()
    page.keyboard.press("2")
    expect(page.locator("#bubbles")).to_contain_text("(presses 2)")
    assert asked[1]["digits"] == "2"


def test_several_digits_are_collected_until_the_pound_key(desk: Desk) -> None:
    listening = {"speech": False, "keypad": True, "digits": None}
    page, asked = phone_of(desk, [answer(listening=listening), answer()])
    page.locator("#ring").click()
    expect(page.locator("#phone-state")).to_contain_text("keys")

    for key in ("1", "9", "6", "1", "pound"):
        page.locator(f"#digit-{key}").click()

    expect(page.locator("#bubbles")).to_contain_text("(presses 1961)")
    assert asked[1]["digits"] == "1961"


def test_silence_is_sent_as_silence(desk: Desk) -> None:
    page, asked = phone_of(desk, [answer(), answer()])
    page.locator("#ring").click()
    expect(page.locator("#phone-state")).to_contain_text("In a call")

    page.locator("#silence").click()

    expect(page.locator("#bubbles")).to_contain_text("(silence)")
    assert asked[1]["silence"] is True


def test_a_server_that_fails_is_shown_with_its_status_and_the_call_goes_on(desk: Desk) -> None:  # G2
    desk.expect_error("status of 502")
    page, _ = phone_of(desk, [answer(), 502, answer(heard=["Still here."])])
    page.locator("#ring").click()
    expect(page.locator("#phone-state")).to_contain_text("In a call")

    page.locator("#words").fill("hello")
    page.keyboard.press("Enter")
    expect(page.locator("#bubbles")).to_contain_text("The server answered 502.")
    page.locator("#words").fill("hello again")
    page.keyboard.press("Enter")

    expect(page.locator("#bubbles")).to_contain_text("Still here.")


def test_broken_twiml_and_a_refused_signature_are_pointed_at(desk: Desk) -> None:
    broken = {
        **answer()["exchanges"][0],
        "twiml": "<Response><Say>",
        "status": 403,
        "signed": False,
        "fault": "Line 1: no end",
    }
    page, _ = phone_of(desk, [answer(exchanges=[broken])])

    page.locator("#ring").click()

    expect(page.locator("#exchanges")).to_contain_text("403")
    expect(page.locator("#exchanges")).to_contain_text("not signed")
    expect(page.locator("#exchanges")).to_contain_text("Line 1: no end")
    expect(page.locator("#exchanges")).to_contain_text("not well-formed")


def test_what_was_understood_is_shown_with_the_reference_of_the_request(desk: Desk) -> None:
    told = {
        "turn": 1, "words": "refill <b>", "confidence": "93%", "intent": "refill", "language": "en",
        "filled": [["Medication", "lisinopril"]], "findings": [["urgent", "ran out", "en.refill.out"]], "took_ms": 7,
    }  # fmt: skip
    exchange = {**answer()["exchanges"][0], "reference": "7f3a91c0d2e4"}
    page, _ = phone_of(desk, [answer(), answer(understood=told, exchanges=[exchange])])
    page.locator("#ring").click()
    expect(page.locator("#phone-state")).to_contain_text("In a call")
    expect(page.locator("#understood-box")).to_be_hidden()

    page.locator("#words").fill("refill")
    page.keyboard.press("Enter")

    for part in ("refill <b> (93%)", "lisinopril", "ran out (en.refill.out)", "7 ms"):
        expect(page.locator("#understood")).to_contain_text(part)
    assert page.locator("#understood b").count() == 0
    expect(page.locator("#exchanges")).to_contain_text("Reference 7f3a91c0d2e4")


def test_scenarios_press_keys_and_stay_silent_and_say_what_fails(desk: Desk) -> None:
    page, asked = phone_of(desk, [answer(), answer(), answer(exchanges=[{**answer()["exchanges"][0], "status": 0}])])
    page.locator("#scenario").select_option(label="A test result, by keys")
    page.locator("#ring").click()
    expect(page.locator("#next-line")).to_be_enabled()
    page.locator("#next-line").click()
    expect(page.locator("#bubbles")).to_contain_text("(presses 4)")
    assert asked[1]["digits"] == "4"

    page.locator("#scenario").select_option(label="Says nothing")
    page.locator("#down").select_option("server")
    page.locator("#next-line").click()

    expect(page.locator("#bubbles")).to_contain_text("(silence)")
    assert (asked[2]["silence"], asked[2]["down"]) == (True, "server")
    expect(page.locator("#exchanges")).to_contain_text("no answer")


def test_only_who_may_run_drills_includes_the_duty_phone(desk: Desk) -> None:
    assert desk.open("Alice", "/phone/").locator("#duty").count() == 0
    assert desk.open("Carol", "/phone/").locator("#duty").count() == 1


def test_on_a_phone_the_pad_comes_before_the_talk_and_the_hood_is_folded(desk: Desk) -> None:
    page = desk.open("Alice", "/phone/", viewport={"width": 390, "height": 844})

    tops = [page.locator(part).bounding_box()["y"] for part in (".phone-pad", ".phone-talk", ".phone-hood")]

    assert tops == sorted(tops)
    assert page.locator("#hood[open]").count() == 0
