"""Everything that a clinic's admins can set, where it is, and what it does."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from clinics.people.roles import Permission


@dataclass(frozen=True, slots=True)
class Section:
    """One page of settings; `url_name` may belong to any app."""

    label: str
    url_name: str
    says: str
    permission: Permission = Permission.SEE_SETTINGS


SECTIONS = (
    Section(
        gettext_lazy("Hours and holidays"),
        "practice:hours",
        gettext_lazy("When people are there, and what happens to a call at any moment."),
    ),
    Section(
        gettext_lazy("Greeting and policy"),
        "practice:policy",
        gettext_lazy("What callers hear first, how careful the telephone is, its versions."),
    ),
    Section(
        gettext_lazy("Voice and providers"),
        "voice:overview",
        gettext_lazy("Whose voice speaks, what works now, and tests of another voice."),
    ),
    Section(
        gettext_lazy("What the telephone may say"),
        "practice:facts",
        gettext_lazy("Approved answers about parking, insurance, the address."),
    ),
    Section(
        gettext_lazy("Wording"),
        "phrasing:sentences",
        gettext_lazy("The telephone's questions in the clinic's own words."),
    ),
    Section(
        gettext_lazy("Who is on call"),
        "escalations:on_call",
        gettext_lazy("Shifts, numbers and times of the escalation ladder."),
    ),
    Section(
        gettext_lazy("Safety rules"),
        "safety:workbench",
        gettext_lazy("The clinic's own danger rules."),
        Permission.SEE_SAFETY_RULES,
    ),
    Section(
        gettext_lazy("Fire drills"),
        "drills:list",
        gettext_lazy("A made-up emergency that goes the whole way."),
        Permission.SEE_DRILLS,
    ),
    Section(
        gettext_lazy("Messages"),
        "notifications:settings",
        gettext_lazy("What is sent to you, and what patients are texted."),
    ),
    Section(
        gettext_lazy("Webhooks"), "webhooks:list", gettext_lazy("Where the clinic's own systems are told what happens.")
    ),
    Section(
        gettext_lazy("People"),
        "people:people",
        gettext_lazy("Who works here, with which role, how they sign in."),
        Permission.SEE_PEOPLE,
    ),
    Section(gettext_lazy("Cover for doctors"), "tasks:cover", gettext_lazy("Who decides while a doctor is away.")),
    Section(
        gettext_lazy("Sensitive calls"),
        "sensitive:overview",
        gettext_lazy("Calls that open only to named people, and who opened one with a reason."),
        Permission.SEE_SENSITIVE_CALLS,
    ),
    Section(
        gettext_lazy("How long things are kept"),
        "retention:rules",
        gettext_lazy("What is deleted after how many days, and how much that is."),
        Permission.SEE_RETENTION,
    ),
    Section(
        gettext_lazy("Failed messages"),
        "notifications:deliveries",
        gettext_lazy("What did not arrive, and why."),
        Permission.SEE_DELIVERIES,
    ),
    Section(
        gettext_lazy("Phase"),
        "readiness:phase",
        gettext_lazy("How careful the telephone is, and what is missing before the next phase."),
    ),
    Section(
        gettext_lazy("Numbers and agreements"),
        "practice:platform",
        gettext_lazy("What the platform's operators have set up."),
    ),
    Section(
        gettext_lazy("Audit trail"), "audit:trail", gettext_lazy("Who saw and changed what."), Permission.SEE_AUDIT
    ),
)
