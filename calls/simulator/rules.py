"""What Twilio demands of a TwiML answer, as far as its pages state it: nesting, required parts, lengths. Pure.

The limits and error numbers are those of Twilio's error catalogue (11750, 12100, 12102, 12200, 13310 and on, 13521).
"""

from __future__ import annotations

from xml.etree import ElementTree

from clinics.words import gettext

LONGEST_DOCUMENT = 64 * 1024
LONGEST_SAY = 3000

NESTING: dict[str, frozenset[str]] = {
    "Response": frozenset(
        {"Say", "Play", "Pause", "Gather", "Record", "Redirect", "Hangup", "Reject", "Dial", "Start"}
    ),
    "Gather": frozenset({"Say", "Play", "Pause"}),
    "Dial": frozenset({"Number", "Conference"}),
    "Start": frozenset({"Recording"}),
}
ATTRIBUTES: dict[str, frozenset[str]] = {
    "Say": frozenset({"voice", "language", "loop"}),
    "Gather": frozenset(
        [
            "input",
            "action",
            "method",
            "language",
            "timeout",
            "speechTimeout",
            "finishOnKey",
            "numDigits",
            "hints",
            "profanityFilter",
            "actionOnEmptyResult",
            "bargeIn",
            "speechModel",
            "partialResultCallback",
            "partialResultCallbackMethod",
        ]
    ),
    "Record": frozenset(
        [
            "action",
            "finishOnKey",
            "maxLength",
            "method",
            "playBeep",
            "recordingStatusCallback",
            "recordingStatusCallbackMethod",
            "timeout",
            "transcribe",
            "transcribeCallback",
        ]
    ),
    "Redirect": frozenset({"method"}),
    "Dial": frozenset(["action", "method", "timeout", "answerOnBridge", "callerId", "timeLimit", "hangupOnStar"]),
    "Conference": frozenset(
        [
            "beep",
            "endConferenceOnExit",
            "startConferenceOnEnter",
            "statusCallback",
            "statusCallbackEvent",
            "statusCallbackMethod",
            "waitMethod",
            "waitUrl",
        ]
    ),
    "Recording": frozenset({"recordingStatusCallback", "recordingStatusCallbackMethod"}),
}
LAST = frozenset({"Redirect", "Hangup", "Reject", "Dial"})
"""Verbs after which nothing is needed; a Dial without an action falls through and needs a verb after it."""


def faults(document: str) -> list[str]:
    """What Twilio would complain about, in words; an empty list for a good document."""
    if len(document.encode()) > LONGEST_DOCUMENT:
        return [gettext("The document is longer than 64 kB (11750).")]
    if not document.strip():
        return [gettext("The document is empty (11770).")]
    try:
        root = ElementTree.fromstring(document)  # noqa: S314  (our own server's answer)
    except ElementTree.ParseError as error:
        return [gettext("Not XML, line %(line)s (12100).") % {"line": error.position[0]}]
    if root.tag != "Response":
        return [gettext("The root is %(tag)s, not Response (12102).") % {"tag": root.tag}]
    return [*_nested(root), *_never_silent(root)]


def _nested(element: ElementTree.Element) -> list[str]:
    found = []
    for child in element:
        if child.tag not in NESTING.get(element.tag, frozenset()):
            found.append(
                gettext("%(inner)s does not belong in %(outer)s (12200).") % {"inner": child.tag, "outer": element.tag}
            )
        unknown = set(child.attrib) - ATTRIBUTES.get(child.tag, frozenset())
        found.extend(
            gettext("%(tag)s has no attribute %(name)s (12200).") % {"tag": child.tag, "name": name}
            for name in sorted(unknown)
        )
        if child.tag == "Say" and len(child.text or "") > LONGEST_SAY:
            found.append(gettext("A Say is longer than 3,000 characters (13521)."))
        if child.tag == "Say" and not (child.text or "").strip():
            found.append(gettext("A Say has no words (13520)."))
        found.extend(_nested(child))
    return found


def _never_silent(root: ElementTree.Element) -> list[str]:
    """A caller must hear something, or be connected, and every way through must end in a verb that ends it."""
    verbs = list(root)
    if not verbs:
        return [gettext("The response has no verbs: the caller would be hung up on.")]
    found = []
    last = verbs[-1]
    falls_through = last.tag == "Dial" and not last.get("action")
    if last.tag not in LAST or falls_through:
        found.append(gettext("%(tag)s comes last: a caller who does not answer is hung up on.") % {"tag": last.tag})
    if any(len(gather) == 0 for gather in root.iter("Gather")):
        found.append(gettext("A Gather asks nothing."))
    if root.find(".//Say") is None and root.find(".//Play") is None and last.tag not in ("Redirect", "Dial"):
        found.append(gettext("The caller hears nothing."))
    return found
