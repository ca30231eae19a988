"""Lines that the telephone wrote down in English, said in the language of the page: its own words, never a caller's.

What is kept stays as it was written: searches, exports and other systems rely on it. Only the words of the tables
below are changed, each as a whole; what a caller said, a medicine or a name stands beside them as it was heard. Pure.
"""

from __future__ import annotations

import re

from clinics.words import gettext, gettext_noop

LINES = frozenset(
    {
        gettext_noop("Possible emergency"),
        gettext_noop("Possible crisis"),
        gettext_noop("Possible urgent"),
        gettext_noop("Same-day red flag"),
        gettext_noop("Same-day red flag, nurse to call"),
        gettext_noop("Caller in distress"),
        gettext_noop("Asked for a person"),
        gettext_noop("A request that was not understood"),
        gettext_noop("Could not understand"),
        gettext_noop("Call too long"),
        gettext_noop("The call got nowhere"),
        gettext_noop("Wants an appointment"),
        gettext_noop("Wants to change an appointment"),
        gettext_noop("Wants to cancel an appointment"),
        gettext_noop("Wants a call back"),
        gettext_noop("Medication request"),
        gettext_noop("Asks for a test result"),
        gettext_noop("Medical question"),
        gettext_noop("Billing question"),
        gettext_noop("Question"),
    }
)
"""How a line of `calls/summaries.py` or an escalation of `calls/dialogue` begins."""

REASONS = frozenset(
    {
        gettext_noop("asks for a result"),
        gettext_noop("asks for ambulance"),
        gettext_noop("asks for medical advice"),
        gettext_noop("badly hurt"),
        gettext_noop("bite"),
        gettext_noop("bleeding"),
        gettext_noop("blood sugar problem"),
        gettext_noop("breathless on effort"),
        gettext_noop("chest discomfort"),
        gettext_noop("chest pain"),
        gettext_noop("choking"),
        gettext_noop("collapsed"),
        gettext_noop("coughing up blood"),
        gettext_noop("danger from a person"),
        gettext_noop("dangerous blood sugar"),
        gettext_noop("dangerous fall"),
        gettext_noop("distressed"),
        gettext_noop("drowning"),
        gettext_noop("face drooping"),
        gettext_noop("fainting or faintness"),
        gettext_noop("fever in a baby"),
        gettext_noop("fever under three months"),
        gettext_noop("fever under three months old"),
        gettext_noop("fire or smoke"),
        gettext_noop("gas or carbon monoxide"),
        gettext_noop("hanging or strangling"),
        gettext_noop("happening now"),
        gettext_noop("hard to wake"),
        gettext_noop("head injury"),
        gettext_noop("head injury, danger signs"),
        gettext_noop("heart attack signs"),
        gettext_noop("heat stroke"),
        gettext_noop("heavy bleeding"),
        gettext_noop("heavy bowel bleeding"),
        gettext_noop("high fever"),
        gettext_noop("hit or hurt by someone"),
        gettext_noop("hypothermia"),
        gettext_noop("injury"),
        gettext_noop("left arm pain"),
        gettext_noop("low oxygen"),
        gettext_noop("medication request"),
        gettext_noop("nosebleed not stopping"),
        gettext_noop("not responding"),
        gettext_noop("numb below, bladder failing"),
        gettext_noop("out of vital medicine"),
        gettext_noop("possible fracture"),
        gettext_noop("possible heart attack"),
        gettext_noop("possible overdose"),
        gettext_noop("possible stroke"),
        gettext_noop("pregnancy danger sign"),
        gettext_noop("racing heart"),
        gettext_noop("racing heart, unwell"),
        gettext_noop("road accident"),
        gettext_noop("says emergency"),
        gettext_noop("seizure"),
        gettext_noop("seizure, stroke or heart attack before"),
        gettext_noop("self-harm"),
        gettext_noop("self-harm thoughts"),
        gettext_noop("sepsis or meningitis signs"),
        gettext_noop("serious burn"),
        gettext_noop("severe allergic reaction"),
        gettext_noop("severe belly pain"),
        gettext_noop("severe headache"),
        gettext_noop("severe pain"),
        gettext_noop("severe withdrawal"),
        gettext_noop("severe wound"),
        gettext_noop("short of breath"),
        gettext_noop("shot or stabbed"),
        gettext_noop("sounds like an emergency"),
        gettext_noop("stopped in mid-sentence"),
        gettext_noop("stroke signs"),
        gettext_noop("sudden confusion"),
        gettext_noop("sudden severe headache"),
        gettext_noop("sudden testicle pain"),
        gettext_noop("sudden vision loss"),
        gettext_noop("sudden weakness"),
        gettext_noop("suicidal statement"),
        gettext_noop("swallowed something harmful"),
        gettext_noop("swelling or reaction"),
        gettext_noop("threat to others"),
        gettext_noop("throat closing"),
        gettext_noop("trouble breathing"),
        gettext_noop("trouble speaking"),
        gettext_noop("turning blue"),
        gettext_noop("two danger signs together"),
        gettext_noop("venomous bite or sting"),
        gettext_noop("very ill baby"),
        gettext_noop("violence"),
        gettext_noop("vomiting blood"),
        gettext_noop("wants a person"),
        gettext_noop("wants medical help now"),
        gettext_noop("withdrawal"),
        gettext_noop("wrong or extra dose"),
    }
)
"""What the shipped safety rules say that they found."""

COUNTED = (
    (re.compile(r"Not understood (\d+) times in a row"), gettext_noop("Not understood %(count)s times in a row")),
    (
        re.compile(r"(\d+) times not understood in this call"),
        gettext_noop("%(count)s times not understood in this call"),
    ),
    (re.compile(r"(\d+) times heard badly in this call"), gettext_noop("%(count)s times heard badly in this call")),
    (
        re.compile(r"(\d+) times corrected by the caller in this call"),
        gettext_noop("%(count)s times corrected by the caller in this call"),
    ),
)
NOTES = (gettext_noop(" (left to a person)"), gettext_noop(" (caller left early)"))

FIELDS = {
    "patient_name": gettext_noop("Patient name"),
    "date_of_birth": gettext_noop("Date of birth"),
    "callback_number": gettext_noop("Callback number"),
    "reason": gettext_noop("Reason"),
    "preferred_time": gettext_noop("Preferred time"),
    "appointment_change": gettext_noop("Appointment change"),
    "appointment_when": gettext_noop("Appointment when"),
    "doctor": gettext_noop("Doctor"),
    "medication": gettext_noop("Medication"),
    "pharmacy": gettext_noop("Pharmacy"),
    "test_name": gettext_noop("Test name"),
    "question": gettext_noop("Question"),
    "not_confirmed": gettext_noop("Not confirmed"),
    "not_understood": gettext_noop("Not understood"),
}
"""What the telephone collects, by its key."""

TOPICS = {
    "address": gettext_noop("Address"),
    "directions": gettext_noop("Directions"),
    "doctors": gettext_noop("Doctors"),
    "email": gettext_noop("E-mail"),
    "fax": gettext_noop("Fax"),
    "holiday": gettext_noop("Holiday"),
    "hours": gettext_noop("Opening hours"),
    "insurance": gettext_noop("Insurance"),
    "languages": gettext_noop("Languages"),
    "parking": gettext_noop("Parking"),
    "payment": gettext_noop("Payment"),
    "phone": gettext_noop("Telephone"),
    "portal": gettext_noop("Portal"),
    "records": gettext_noop("Records"),
    "services": gettext_noop("Services"),
    "wait": gettext_noop("Waiting time"),
    "walk_in": gettext_noop("Without an appointment"),
    "website": gettext_noop("Website"),
}
"""What the telephone may be asked about; a clinic adds its own words."""

KINDS = {
    "emergency": gettext_noop("emergency"),
    "crisis": gettext_noop("crisis"),
    "urgent": gettext_noop("urgent"),
    "distress": gettext_noop("distress"),
    "medication": gettext_noop("medication"),
    "human_request": gettext_noop("wants a person"),
    "medical_advice": gettext_noop("medical question"),
    "test_result": gettext_noop("test result"),
}
"""Kinds of findings."""


def said(line: str) -> str:
    """A line in the language of the page: "Possible emergency: chest pain" is "Posible emergencia: dolor de pecho"."""
    for pattern, text in COUNTED:
        if counted := pattern.fullmatch(line):
            return gettext(text) % {"count": counted[1]}
    note = next((one for one in NOTES if line.endswith(one)), "")
    head, colon, tail = line.removesuffix(note).partition(": ")
    return _one_of(LINES | REASONS, head) + colon + _one_of(REASONS, tail) + (gettext(note) if note else "")


def field(name: str) -> str:
    """A field by its key, as people read it."""
    return gettext(FIELDS[name]) if name in FIELDS else name.replace("_", " ").capitalize()


def topic(name: str) -> str:
    """What a fact is about, as people read it."""
    return gettext(TOPICS[name]) if name in TOPICS else name.replace("_", " ").replace("-", " ").capitalize()


def kind(code: str) -> str:
    """A kind of finding, as people read it."""
    return gettext(KINDS[code]) if code in KINDS else code


def _one_of(table: frozenset[str], text: str) -> str:
    return gettext(text) if text in table else text
