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
    SAVE_VIEWS = gettext_noop("save views of the task queue")
    FORGET_VIEWS = gettext_noop("remove views of the task queue")
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
    SEE_DECISIONS = gettext_noop("see the requests that wait for a doctor's decision")
    DECIDE_TASKS = gettext_noop("approve or reject requests")
    UNDO_DECISIONS = gettext_noop("take a decision back")
    CONFIRM_PATIENTS = gettext_noop("confirm who a patient is")
    ASK_STAFF = gettext_noop("have staff ask a patient")
    PUT_TO_DOCTORS = gettext_noop("put requests to a doctor")
    SEE_CALLS = gettext_noop("read calls and transcripts")
    CORRECT_TRANSCRIPTS = gettext_noop("correct transcripts")
    HEAR_RECORDINGS = gettext_noop("listen to recordings")
    HOLD_RECORDS = gettext_noop("keep records from being deleted")
    RELEASE_RECORDS = gettext_noop("let kept records be deleted again")
    SEE_ESCALATIONS = gettext_noop("see escalations")
    ACKNOWLEDGE_ESCALATIONS = gettext_noop("acknowledge escalations")
    TAKE_OVER_ESCALATIONS = gettext_noop("take escalations over")
    RESOLVE_ESCALATIONS = gettext_noop("resolve escalations")
    REOPEN_ESCALATIONS = gettext_noop("open escalations again")
    SEE_NOTIFICATIONS = gettext_noop("see notifications")
    MARK_NOTIFICATIONS = gettext_noop("mark notifications as read")
    CLEAR_NOTIFICATIONS = gettext_noop("clear notifications that are read")
    BRING_NOTIFICATIONS_BACK = gettext_noop("bring cleared notifications back")
    CHOOSE_MESSAGES = gettext_noop("choose what is sent to them")
    CONFIRM_OWN_NUMBER = gettext_noop("confirm their own telephone")
    SEE_ANALYTICS = gettext_noop("see the clinic's numbers")
    USE_TEST_PHONE = gettext_noop("use the test phone")
    SEE_REVIEWS = gettext_noop("see reviews of calls")
    REVIEW_CALLS = gettext_noop("review calls")
    WITHDRAW_REVIEWS = gettext_noop("withdraw reviews")
    EXPORT_REVIEWS = gettext_noop("download reviewed utterances")
    SEE_SETTINGS = gettext_noop("see the clinic's settings")
    SET_LANGUAGE = gettext_noop("choose the portal's language for the clinic")
    SET_HOURS = gettext_noop("change the opening hours")
    SET_HOLIDAYS = gettext_noop("give a day other hours")
    REMOVE_HOLIDAYS = gettext_noop("give a day its regular hours again")
    CLOSE_CLINIC = gettext_noop("close the clinic for now")
    OPEN_CLINIC = gettext_noop("open the clinic again")
    PUBLISH_POLICY = gettext_noop("publish how the telephone answers")
    RESTORE_POLICY = gettext_noop("bring back an earlier version of how the telephone answers")
    WORD_SENTENCES = gettext_noop("word the telephone's sentences")
    APPROVE_FACTS = gettext_noop("approve what the telephone may say")
    REMOVE_FACTS = gettext_noop("take back what the telephone may say")
    START_VOICE_TESTS = gettext_noop("start a test of another voice")
    STOP_VOICE_TESTS = gettext_noop("stop a test of another voice")
    ADD_SHIFTS = gettext_noop("put people on call")
    REMOVE_SHIFTS = gettext_noop("take people off call")
    SET_ON_CALL_NUMBERS = gettext_noop("set the telephone numbers of people on call")
    SET_LADDER_TIMES = gettext_noop("set the times of the escalation ladder")
    ADD_COVER = gettext_noop("let a doctor decide in another's place")
    REMOVE_COVER = gettext_noop("end a doctor's cover")
    SET_MESSAGING = gettext_noop("say what leaves the portal and what patients are texted")
    REGISTER_WEBHOOKS = gettext_noop("register webhooks")
    TEST_WEBHOOKS = gettext_noop("test webhooks")
    SWITCH_WEBHOOKS_ON = gettext_noop("switch webhooks on again")
    REMOVE_WEBHOOKS = gettext_noop("remove webhooks")
    SEE_RETENTION = gettext_noop("see how long things are kept")
    CHANGE_RETENTION = gettext_noop("say how long things are kept")
    SEE_PEOPLE = gettext_noop("see the list of the clinic's people")
    INVITE_PEOPLE = gettext_noop("invite people")
    WITHDRAW_INVITATIONS = gettext_noop("withdraw invitations")
    CHANGE_ROLES = gettext_noop("change people's roles")
    DEACTIVATE_PEOPLE = gettext_noop("deactivate people")
    REACTIVATE_PEOPLE = gettext_noop("let deactivated people sign in again")
    SIGN_PEOPLE_OUT = gettext_noop("sign people out everywhere")
    RESET_SECOND_STEPS = gettext_noop("reset people's second step")
    SEND_PASSWORD_LINKS = gettext_noop("send people a link for a new password")
    SET_SIGN_IN_RULES = gettext_noop("set the rules for signing in")
    SEE_SAFETY_RULES = gettext_noop("see the clinic's safety rules")
    DRAFT_SAFETY_RULES = gettext_noop("draft safety rules")
    DISCARD_SAFETY_DRAFTS = gettext_noop("discard drafts of safety rules")
    PUBLISH_SAFETY_RULES = gettext_noop("publish safety rules")
    ASK_RULE_CHANGES = gettext_noop("ask for a change of a safety rule")
    APPROVE_RULE_CHANGES = gettext_noop("approve a change of a safety rule")
    REFUSE_RULE_CHANGES = gettext_noop("refuse a change of a safety rule")
    SEE_DRILLS = gettext_noop("see the fire drills")
    RUN_DRILLS = gettext_noop("run fire drills")
    SEE_DELIVERIES = gettext_noop("see messages that did not arrive")
    RETRY_DELIVERIES = gettext_noop("send failed messages again")
    DISCARD_DELIVERIES = gettext_noop("put failed messages aside")
    OPEN_SENSITIVE_CALLS = gettext_noop("open a sensitive call with a reason")
    GIVE_BACK_CALLS = gettext_noop("close a sensitive call that they opened")
    SEE_SENSITIVE_CALLS = gettext_noop("see which calls are sensitive")
    MARK_SENSITIVE_CALLS = gettext_noop("mark calls sensitive")
    NAME_PEOPLE = gettext_noop("name who may open a sensitive call")
    LIFT_SENSITIVITY = gettext_noop("open a sensitive call to everybody again")
    PROTECT_NUMBERS = gettext_noop("make the calls of a number sensitive")
    FORGET_NUMBERS = gettext_noop("stop making the calls of a number sensitive")
    REVIEW_OPENINGS = gettext_noop("look at who opened a sensitive call")
    SEE_AUDIT = gettext_noop("read the audit trail")
    EXPORT_AUDIT = gettext_noop("download the audit trail")


P = Permission
_WATCHING = frozenset({P.SEE_TASKS, P.SEE_CALLS, P.SEE_ESCALATIONS})
_WORKING_TASKS = frozenset(
    {
        P.SAVE_VIEWS, P.FORGET_VIEWS, P.CLAIM_TASKS, P.RELEASE_TASKS, P.ASSIGN_TASKS, P.SNOOZE_TASKS, P.WAKE_TASKS,
        P.COMPLETE_TASKS, P.CANCEL_TASKS, P.REOPEN_TASKS, P.UNDO_DEEDS, P.WRITE_NOTES, P.NOTE_MISSED, P.ANSWER_DOCTORS,
        P.PUT_TO_DOCTORS,
    }
)  # fmt: skip
_HANDLING_ESCALATIONS = frozenset(
    {P.ACKNOWLEDGE_ESCALATIONS, P.TAKE_OVER_ESCALATIONS, P.RESOLVE_ESCALATIONS, P.REOPEN_ESCALATIONS}
)
_BEING_TOLD = frozenset(
    {
        P.SEE_NOTIFICATIONS, P.MARK_NOTIFICATIONS, P.CLEAR_NOTIFICATIONS, P.BRING_NOTIFICATIONS_BACK, P.CHOOSE_MESSAGES,
        P.CONFIRM_OWN_NUMBER,
    }
)  # fmt: skip
_DECIDING = frozenset({P.SEE_DECISIONS, P.DECIDE_TASKS, P.UNDO_DECISIONS, P.CONFIRM_PATIENTS, P.ASK_STAFF})
_REVIEWING = frozenset({P.SEE_REVIEWS, P.REVIEW_CALLS, P.WITHDRAW_REVIEWS})
_AUDITING = frozenset({P.SEE_AUDIT, P.EXPORT_AUDIT})
_SETTING = frozenset(
    {
        P.SEE_SETTINGS, P.SET_LANGUAGE, P.SET_HOURS, P.SET_HOLIDAYS, P.REMOVE_HOLIDAYS, P.CLOSE_CLINIC, P.OPEN_CLINIC,
        P.PUBLISH_POLICY, P.RESTORE_POLICY, P.WORD_SENTENCES, P.APPROVE_FACTS, P.REMOVE_FACTS, P.START_VOICE_TESTS,
        P.STOP_VOICE_TESTS, P.ADD_SHIFTS, P.REMOVE_SHIFTS, P.SET_ON_CALL_NUMBERS, P.SET_LADDER_TIMES, P.ADD_COVER,
        P.REMOVE_COVER, P.SET_MESSAGING, P.REGISTER_WEBHOOKS, P.TEST_WEBHOOKS, P.SWITCH_WEBHOOKS_ON, P.REMOVE_WEBHOOKS,
        P.SEE_RETENTION, P.CHANGE_RETENTION,
    }
)  # fmt: skip
_MANAGING_PEOPLE = frozenset(
    {
        P.SEE_PEOPLE, P.INVITE_PEOPLE, P.WITHDRAW_INVITATIONS, P.CHANGE_ROLES, P.DEACTIVATE_PEOPLE, P.REACTIVATE_PEOPLE,
        P.SIGN_PEOPLE_OUT, P.RESET_SECOND_STEPS, P.SEND_PASSWORD_LINKS, P.SET_SIGN_IN_RULES,
    }
)  # fmt: skip
_KEEPING_IT_SAFE = frozenset(
    {
        P.SEE_SAFETY_RULES, P.DRAFT_SAFETY_RULES, P.DISCARD_SAFETY_DRAFTS, P.PUBLISH_SAFETY_RULES, P.ASK_RULE_CHANGES,
        P.APPROVE_RULE_CHANGES, P.REFUSE_RULE_CHANGES, P.SEE_DRILLS, P.RUN_DRILLS, P.SEE_DELIVERIES, P.RETRY_DELIVERIES,
        P.DISCARD_DELIVERIES,
    }
)  # fmt: skip
_PROTECTING_CALLS = frozenset(
    {
        P.SEE_SENSITIVE_CALLS, P.MARK_SENSITIVE_CALLS, P.NAME_PEOPLE, P.LIFT_SENSITIVITY, P.PROTECT_NUMBERS,
        P.FORGET_NUMBERS, P.REVIEW_OPENINGS, P.HOLD_RECORDS, P.RELEASE_RECORDS,
    }
)  # fmt: skip
_EVERYONE = (
    _WATCHING
    | _WORKING_TASKS
    | _HANDLING_ESCALATIONS
    | _BEING_TOLD
    | {
        P.CORRECT_TRANSCRIPTS,
        P.HEAR_RECORDINGS,
        P.OPEN_SENSITIVE_CALLS,
        P.GIVE_BACK_CALLS,
        P.USE_TEST_PHONE,
    }
)

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.STAFF: _EVERYONE,
    Role.DOCTOR: _EVERYONE | _DECIDING | _REVIEWING,
    Role.ADMIN: _EVERYONE
    | _SETTING
    | _MANAGING_PEOPLE
    | _KEEPING_IT_SAFE
    | _PROTECTING_CALLS
    | _REVIEWING
    | _AUDITING
    | {P.SEE_ANALYTICS, P.EXPORT_REVIEWS},
    Role.AUDITOR: _WATCHING | _AUDITING,  # reads; writes nothing
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
