"""Who may do what, and how to say it to a human. Pure."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    STAFF = "staff"
    DOCTOR = "doctor"
    ADMIN = "admin"
    AUDITOR = "auditor"
    OPERATOR = "operator"

    @property
    def label(self) -> str:
        return LABELS[self.value]


LABELS: dict[str, str] = {
    "staff": "Front desk",
    "doctor": "Doctor",
    "admin": "Clinic admin",
    "auditor": "Auditor",
    "operator": "Operator",
}


class Permission(StrEnum):
    """One right per deed; the value is what a refused person reads after "Your role may not"."""

    SEE_TASKS = "see the task queue"
    CLAIM_TASKS = "claim tasks"
    RELEASE_TASKS = "put tasks back"
    ASSIGN_TASKS = "hand tasks to colleagues"
    SNOOZE_TASKS = "snooze tasks"
    WAKE_TASKS = "bring snoozed tasks back"
    COMPLETE_TASKS = "complete tasks"
    CANCEL_TASKS = "close tasks as not needed"
    REOPEN_TASKS = "reopen tasks"
    UNDO_DEEDS = "undo what they just did"
    WRITE_NOTES = "write notes on tasks"
    NOTE_MISSED = "note that a patient was not reached"
    ANSWER_DOCTORS = "answer a doctor's question"
    DECIDE_TASKS = "approve or reject requests"
    CONFIRM_PATIENTS = "confirm who a patient is"
    ASK_STAFF = "have staff ask a patient"
    PUT_TO_DOCTORS = "put requests to a doctor"
    SEE_CALLS = "read calls and transcripts"
    CORRECT_TRANSCRIPTS = "correct transcripts"
    HEAR_RECORDINGS = "listen to recordings"
    HOLD_RECORDS = "keep records from being deleted"
    SEE_ESCALATIONS = "see escalations"
    ACKNOWLEDGE_ESCALATIONS = "acknowledge escalations"
    TAKE_OVER_ESCALATIONS = "take escalations over"
    RESOLVE_ESCALATIONS = "resolve escalations"
    REOPEN_ESCALATIONS = "open escalations again"
    SEE_NOTIFICATIONS = "see notifications"
    SEE_ANALYTICS = "see the clinic's numbers"
    USE_TEST_PHONE = "use the test phone"
    REVIEW_CALLS = "review calls"
    EXPORT_REVIEWS = "download reviewed utterances"
    CHANGE_SETTINGS = "change the clinic's settings"
    CHANGE_RETENTION = "say how long things are kept"
    MANAGE_PEOPLE = "manage the clinic's people"
    CHANGE_SAFETY_RULES = "change the clinic's safety rules"
    RUN_DRILLS = "run fire drills"
    SEE_DELIVERIES = "see and mend messages that did not arrive"
    OPEN_SENSITIVE_CALLS = "open a sensitive call with a reason"
    MANAGE_SENSITIVE_CALLS = "mark calls sensitive and name who may open them"
    SEE_AUDIT = "read the audit trail"
    EXPORT_AUDIT = "download the audit trail"


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
    return " or ".join(sorted(role.label for role, held in GRANTS.items() if permission in held)) or "Nobody"
