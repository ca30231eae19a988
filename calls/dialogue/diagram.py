"""Which step of a call may follow which, and why: the drawing in docs/how-a-call-flows.md is made of this table.

Staying in a step is always possible: something is asked again.
"""

from __future__ import annotations

from collections.abc import Iterator

from calls.dialogue.state import Step

LISTENING = (Step.ROUTE, Step.ASK, Step.CONFIRM, Step.MORE)
"""The steps of an ordinary call: the phone waits for what is wanted, and for what staff need."""

WITHIN: dict[tuple[Step, Step], str] = {
    (Step.ROUTE, Step.ASK): "a request",
    (Step.ROUTE, Step.CONFIRM): "a request with its answers",
    (Step.ROUTE, Step.MORE): "a fact was said",
    (Step.ASK, Step.CONFIRM): "an answer to read back",
    (Step.ASK, Step.MORE): "all is known",
    (Step.ASK, Step.ROUTE): "start over",
    (Step.CONFIRM, Step.ASK): "a yes, or another answer",
    (Step.CONFIRM, Step.MORE): "all is known",
    (Step.CONFIRM, Step.ROUTE): "start over",
    (Step.MORE, Step.ROUTE): "yes, something else",
    (Step.MORE, Step.ASK): "a second request",
    (Step.MORE, Step.CONFIRM): "a second request with its answers",
}

OUT_OF: dict[Step, str] = {
    Step.CLARIFY: "words that may be a danger",
    Step.OFFER_PERSON: "distress",
    Step.DIALLING: "danger, a person asked for, or a limit",
    Step.DANGER: "danger, and nobody to connect",
    Step.ENDED: "goodbye, silence, or a limit",
}
"""What leads out of the ordinary steps, from every one of them."""

FIRST: dict[Step, str] = {
    Step.ROUTE: "the greeting",
    Step.CONSENT: "the greeting, where the clinic asks whether it may record",
    Step.DIALLING: "the clinic's people are rung first",
    Step.VOICEMAIL: "closed, and the clinic has no assistant",
}
"""What a call may begin with."""

BACK: dict[tuple[Step, Step], str] = {
    (Step.CONSENT, Step.CLARIFY): "words that may be a danger",
    (Step.CONSENT, Step.OFFER_PERSON): "distress",
    (Step.CONSENT, Step.DIALLING): "danger, or a person asked for",
    (Step.CONSENT, Step.DANGER): "danger, and nobody to connect",
    (Step.CONSENT, Step.ENDED): "goodbye, silence, or a limit",
    (Step.CLARIFY, Step.OFFER_PERSON): "distress",
    (Step.CLARIFY, Step.DIALLING): "a yes, or a person asked for",
    (Step.CLARIFY, Step.DANGER): "a yes, and nobody to connect",
    (Step.CLARIFY, Step.ENDED): "goodbye, silence, or a limit",
    (Step.OFFER_PERSON, Step.CLARIFY): "words that may be a danger",
    (Step.OFFER_PERSON, Step.CONSENT): "no, and recording is still to be asked for",
    (Step.OFFER_PERSON, Step.DIALLING): "a yes",
    (Step.OFFER_PERSON, Step.DANGER): "danger",
    (Step.OFFER_PERSON, Step.ENDED): "goodbye, silence, or a limit",
    (Step.DIALLING, Step.DANGER): "nobody took the alarm",
    (Step.DIALLING, Step.ENDED): "a person took the call",
    (Step.DIALLING, Step.CONSENT): "nobody was there first",
    (Step.DIALLING, Step.VOICEMAIL): "nobody was there, and the clinic has no assistant",
    (Step.VOICEMAIL, Step.ENDED): "a message, or none",
    (Step.VOICEMAIL, Step.CLARIFY): "words that may be a danger",
    (Step.VOICEMAIL, Step.OFFER_PERSON): "distress",
    (Step.VOICEMAIL, Step.DIALLING): "danger",
    (Step.DANGER, Step.ENDED): "silence, or a limit",
}
RETURNING: dict[Step, str] = {
    Step.CONSENT: "a yes, a no, or what is wanted",
    Step.VOICEMAIL: "words in place of a message",
    Step.CLARIFY: "a clear no",
    Step.OFFER_PERSON: "no, or going on",
    Step.DIALLING: "nobody answered",
}
"""What leads back to the ordinary steps."""


def may_follow(before: Step, after: Step) -> bool:
    """Whether a turn may lead from one step to the other."""
    if before is after:
        return True
    if before in LISTENING:
        return after in OUT_OF or (before, after) in WITHIN
    return (before, after) in BACK or (before in RETURNING and after in LISTENING)


def mermaid() -> str:
    """The table as a state diagram that GitHub and most editors draw."""
    return "\n".join(["stateDiagram-v2", *(f"    {line}" for line in _lines())])


def _lines() -> Iterator[str]:
    for step, why in FIRST.items():
        yield f"[*] --> {step}: {why}"
    yield "state listening {"
    for (before, after), why in WITHIN.items():
        yield f"    {before} --> {after}: {why}"
    yield "}"
    for after, why in OUT_OF.items():
        yield f"listening --> {after}: {why}"
    for (before, after), why in BACK.items():
        yield f"{before} --> {after}: {why}"
    for before, why in RETURNING.items():
        yield f"{before} --> listening: {why}"
    yield f"{Step.ENDED} --> [*]"
