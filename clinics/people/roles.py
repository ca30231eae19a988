"""Who may do what, and how to say it to a human. Pure."""

from __future__ import annotations

from enum import StrEnum

from clinics.words import gettext, gettext_noop


class Role(StrEnum):
    STAFF = "staff"
    DOCTOR = "doctor"
    ADMIN = "admin"
    AUDITOR = "auditor"
    OPERATOR = "operator"

    @property
    def label(self) -> str:
        return gettext(LABELS[self.value])


LABELS: dict[str, str] = {
    "staff": gettext_noop("Front desk"),
    "doctor": gettext_noop("Doctor"),
    "admin": gettext_noop("Clinic admin"),
    "auditor": gettext_noop("Auditor"),
    "operator": gettext_noop("Operator"),
}


class Permission(StrEnum):
    """One right per deed; the value is what a refused person reads after "Your role may not"."""

    SEE_TASKS = gettext_noop("see the task queue")
    CLAIM_TASKS = gettext_noop("claim tasks")
    RELEASE_TASKS = gettext_noop("put tasks back")
    ASSIGN_TASKS = gettext_noop("hand tasks to colleagues")
    SNOOZE_TASKS = gettext_noop("snooze tasks")
    WAKE_TASKS = gettext_noop("bring snoozed tasks back")
    COMPLETE_TASKS = gettext_noop("complete tasks")
    CANCEL_TASKS = gettext_noop("close tasks as not needed")
    REOPEN_TASKS = gettext_noop("reopen tasks")
    UNDO_DEEDS = gettext_noop("undo what they just did")
    WRITE_NOTES = gettext_noop("write notes on tasks")
    NOTE_MISSED = gettext_noop("note that a patient was not reached")
    ANSWER_DOCTORS = gettext_noop("answer a doctor's question")
    DECIDE_TASKS = gettext_noop("approve or reject requests")
    CONFIRM_PATIENTS = gettext_noop("confirm who a patient is")
    ASK_STAFF = gettext_noop("have staff ask a patient")
    PUT_TO_DOCTORS = gettext_noop("put requests to a doctor")
    SEE_CALLS = gettext_noop("read calls and transcripts")
    CORRECT_TRANSCRIPTS = gettext_noop("correct transcripts")
    HEAR_RECORDINGS = gettext_noop("listen to recordings")
    HOLD_RECORDS = gettext_noop("keep records from being deleted")
    SEE_ESCALATIONS = gettext_noop("see escalations")
    ACKNOWLEDGE_ESCALATIONS = gettext_noop("acknowledge escalations")
    TAKE_OVER_ESCALATIONS = gettext_noop("take escalations over")
    RESOLVE_ESCALATIONS = gettext_noop("resolve escalations")
    REOPEN_ESCALATIONS = gettext_noop("open escalations again")
    SEE_NOTIFICATIONS = gettext_noop("see notifications")
    SEE_ANALYTICS = gettext_noop("see the clinic's numbers")
    USE_TEST_PHONE = gettext_noop("use the test phone")
    REVIEW_CALLS = gettext_noop("review calls")
    EXPORT_REVIEWS = gettext_noop("download reviewed utterances")
    CHANGE_SETTINGS = gettext_noop("change the clinic's settings")
    CHANGE_RETENTION = gettext_noop("say how long things are kept")
    MANAGE_PEOPLE = gettext_noop("manage the clinic's people")
    CHANGE_SAFETY_RULES = gettext_noop("change the clinic's safety rules")
    RUN_DRILLS = gettext_noop("run fire drills")
    SEE_DELIVERIES = gettext_noop("see and mend messages that did not arrive")
    OPEN_SENSITIVE_CALLS = gettext_noop("open a sensitive call with a reason")
    MANAGE_SENSITIVE_CALLS = gettext_noop("mark calls sensitive and name who may open them")
    SEE_AUDIT = gettext_noop("read the audit trail")
    EXPORT_AUDIT = gettext_noop("download the audit trail")


_WATCHING = frozenset({Permission.SEE_TASKS, Permission.SEE_CALLS, Permission.SEE_ESCALATIONS})
_WORKING_TASKS = frozenset(
    {
        Permission.CLAIM_TASKS,
        Permission.RELEASE_TASKS,
        Permission.ASSIGN_TASKS,
        Permission.SNOOZE_TASKS,
        Permission.WAKE_TASKS,
        Permission.COMPLETE_TASKS,
        Permission.CANCEL_TASKS,
        Permission.REOPEN_TASKS,
        Permission.UNDO_DEEDS,
        Permission.WRITE_NOTES,
        Permission.NOTE_MISSED,
        Permission.ANSWER_DOCTORS,
        Permission.PUT_TO_DOCTORS,
    }
)
_HANDLING_ESCALATIONS = frozenset(
    {
        Permission.ACKNOWLEDGE_ESCALATIONS,
        Permission.TAKE_OVER_ESCALATIONS,
        Permission.RESOLVE_ESCALATIONS,
        Permission.REOPEN_ESCALATIONS,
    }
)
_DECIDING = frozenset({Permission.DECIDE_TASKS, Permission.CONFIRM_PATIENTS, Permission.ASK_STAFF})
_EVERYONE = (
    _WATCHING
    | _WORKING_TASKS
    | _HANDLING_ESCALATIONS
    | {
        Permission.CORRECT_TRANSCRIPTS,
        Permission.HEAR_RECORDINGS,
        Permission.OPEN_SENSITIVE_CALLS,
        Permission.SEE_NOTIFICATIONS,
        Permission.USE_TEST_PHONE,
    }
)

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.STAFF: _EVERYONE,
    Role.DOCTOR: _EVERYONE | _DECIDING | {Permission.REVIEW_CALLS},
    Role.ADMIN: _EVERYONE
    | {
        Permission.SEE_ANALYTICS,
        Permission.CHANGE_SETTINGS,
        Permission.CHANGE_RETENTION,
        Permission.MANAGE_PEOPLE,
        Permission.CHANGE_SAFETY_RULES,
        Permission.RUN_DRILLS,
        Permission.SEE_DELIVERIES,
        Permission.REVIEW_CALLS,
        Permission.EXPORT_REVIEWS,
        Permission.MANAGE_SENSITIVE_CALLS,
        Permission.HOLD_RECORDS,
        Permission.SEE_AUDIT,
        Permission.EXPORT_AUDIT,
    },
    Role.AUDITOR: _WATCHING | {Permission.SEE_AUDIT, Permission.EXPORT_AUDIT},  # reads; writes nothing
    Role.OPERATOR: frozenset(),
}


def allows(role: str, permission: Permission) -> bool:
    """Whether a role holds a right; an unknown role holds none."""
    return permission in GRANTS.get(role, frozenset())  # type: ignore[call-overload]


def who_may(permission: Permission) -> str:
    """The roles that hold a right, in words: "Clinic admin or Doctor"."""
    return gettext(" or ").join(sorted(role.label for role, held in GRANTS.items() if permission in held)) or gettext(
        "Nobody"
    )


def only(permission: Permission) -> str:
    """Who may, for somebody who may not: "Only Doctor may approve or reject requests."."""
    return gettext("Only %(who_may)s may %(deed)s.") % {
        "who_may": who_may(permission),
        "deed": gettext(permission.value),
    }
