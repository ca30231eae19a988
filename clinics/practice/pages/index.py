"""Everything that a clinic's admins can set, where it is, and what it does."""

from __future__ import annotations

from dataclasses import dataclass

from clinics.people.roles import Permission


@dataclass(frozen=True, slots=True)
class Section:
    """One page of settings; `url_name` may belong to any app."""

    label: str
    url_name: str
    says: str
    permission: Permission = Permission.CHANGE_SETTINGS


SECTIONS = (
    Section("Hours and holidays", "practice:hours", "When people are there, and what happens to a call at any moment."),
    Section(
        "Greeting and policy", "practice:policy", "What callers hear first, how careful the telephone is, its versions."
    ),
    Section("What the telephone may say", "practice:facts", "Approved answers about parking, insurance, the address."),
    Section("Wording", "phrasing:sentences", "The telephone's questions in the clinic's own words."),
    Section("Who is on call", "escalations:on_call", "Shifts, numbers and times of the escalation ladder."),
    Section("Safety rules", "safety:workbench", "The clinic's own danger rules.", Permission.CHANGE_SAFETY_RULES),
    Section("Fire drills", "drills:list", "A made-up emergency that goes the whole way.", Permission.RUN_DRILLS),
    Section("Messages", "notifications:settings", "What is sent to you, and what patients are texted."),
    Section("Webhooks", "webhooks:list", "Where the clinic's own systems are told what happens."),
    Section("People", "people:people", "Who works here, with which role, how they sign in.", Permission.MANAGE_PEOPLE),
    Section("Cover for doctors", "tasks:cover", "Who decides while a doctor is away."),
    Section(
        "Sensitive calls",
        "sensitive:overview",
        "Calls that open only to named people, and who opened one with a reason.",
        Permission.MANAGE_SENSITIVE_CALLS,
    ),
    Section(
        "How long things are kept",
        "retention:rules",
        "What is deleted after how many days, and how much that is.",
        Permission.CHANGE_RETENTION,
    ),
    Section("Failed messages", "notifications:deliveries", "What did not arrive, and why.", Permission.SEE_DELIVERIES),
    Section("Numbers and agreements", "practice:platform", "What the platform's operators have set up."),
    Section("Audit trail", "audit:trail", "Who saw and changed what.", Permission.SEE_AUDIT),
)
