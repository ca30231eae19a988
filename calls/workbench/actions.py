"""Every deed on a clinic's own safety rules. Published rules are never edited; taking back needs a second person."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext

from calls.workbench.composing import Draft, Refused, as_policy, compiled, failing, lower_than
from clinics import audit
from clinics.people.models import User
from clinics.practice.actions import publish_rules
from clinics.practice.models import CallPolicy, OwnRule, RuleChange
from clinics.practice.own_rules import Change, Decision, RuleStatus, Sort

LONGEST_SLUG = 40


def draft_rule(*, by: User, draft: Draft) -> OwnRule:
    """Write a draft: nothing of it reaches a call. Raises `Refused`."""
    compiled(draft)
    rule = OwnRule(drafted_by=by, **_columns(draft))
    rule.rule = draft.rule or _free_name(draft)
    with transaction.atomic(), audit.acting(by):
        rule.save(force_insert=True)
    return rule


def change_draft(*, by: User, draft_id: UUID, draft: Draft) -> OwnRule:
    """Write a draft anew; its name stays. Raises `Refused` when it is no draft any more."""
    with transaction.atomic(), audit.acting(by):
        rule = _locked(draft_id)
        _check_draft(rule)
        if rule.sort != draft.sort:
            raise Refused(gettext("A draft stays what it began as."))
        for name, value in _columns(draft).items():
            setattr(rule, name, value)
        if draft.sort == Sort.RAISED:
            rule.rule = draft.rule
        compiled(rule)
        rule.save()
    return rule


def discard_draft(*, by: User, draft_id: UUID) -> OwnRule:
    with transaction.atomic(), audit.acting(by):
        rule = _locked(draft_id)
        _check_draft(rule)
        rule.status = RuleStatus.DISCARDED
        rule.save(update_fields=["status"])
    return rule


def publish_draft(*, by: User, draft_id: UUID) -> OwnRule:
    """Put a draft in force: the next policy version carries it. Calls that run keep the version they began under."""
    with transaction.atomic(), audit.acting(by):
        _one_at_a_time()
        rule = _locked(draft_id)
        _check_draft(rule)
        _check_ready(rule)
        others = list(OwnRule.objects.in_force().select_for_update())
        if any(one.rule == rule.rule for one in others):
            raise Refused(gettext("This rule is raised already. Take that back first."))
        policy = _published(by, [*others, rule])
        rule.status, rule.published_by, rule.published_at = RuleStatus.PUBLISHED, by, timezone.now()
        rule.published_in = policy.version
        rule.save()
    return rule


def ask_for_change(*, by: User, own_id: UUID, change: str, kind: str, reason: str) -> RuleChange:
    """Ask a second person to take back or lower a rule of the clinic. It stays in force until they approve."""
    reason = " ".join(reason.split())
    with transaction.atomic(), audit.acting(by):
        rule = _locked(own_id)
        if rule.status != RuleStatus.PUBLISHED:
            raise Refused(gettext("This rule is not in force."))
        if not reason:
            raise Refused(gettext("Say why."))
        if change not in Change.values:
            raise Refused(gettext("Choose what should happen to the rule."))
        if change == Change.LOWER and kind not in lower_than(rule):
            raise Refused(gettext("Choose a lower level than it has."))
        if rule.changes.filter(decision="").exists():
            raise Refused(gettext("A request about this rule waits already."))
        asked = RuleChange(rule=rule, change=change, reason=reason[:300], asked_by=by)
        asked.kind = kind if change == Change.LOWER else ""
        asked.save(force_insert=True)
    return asked


def approve_change(*, by: User, change_id: UUID) -> RuleChange:
    """The second person's yes: the next policy version is without the rule, or has it lower."""
    with transaction.atomic(), audit.acting(by):
        _one_at_a_time()
        asked = _waiting(change_id)
        if asked.asked_by_id == by.pk:
            raise Refused(gettext("You asked for this yourself: it needs a second person."))
        rule = _locked(asked.rule_id)
        others = list(OwnRule.objects.in_force().exclude(pk=rule.pk).select_for_update())
        lower = _lowered(rule, asked, by) if asked.change == Change.LOWER else None
        policy = _published(by, [*others, *([lower] if lower else [])])
        rule.status, rule.retired_by, rule.retired_at = RuleStatus.RETIRED, by, timezone.now()
        rule.retired_in = policy.version
        rule.save()
        if lower:
            lower.published_in = policy.version
            lower.save(force_insert=True)
        _decide(asked, by, Decision.APPROVED)
    return asked


def refuse_change(*, by: User, change_id: UUID) -> RuleChange:
    """The rule stays as it is: a second person's no, or the first one's second thought."""
    with transaction.atomic(), audit.acting(by):
        asked = _waiting(change_id)
        _decide(asked, by, Decision.WITHDRAWN if asked.asked_by_id == by.pk else Decision.REFUSED)
    return asked


# --- Parts ---------------------------------------------------------------------------------------------------------
def _columns(draft: Draft) -> dict[str, object]:
    return {
        "sort": draft.sort,
        "title": draft.title,
        "language": draft.language or draft.rule.partition(".")[0],
        "kind": draft.kind,
        "reason": draft.reason,
        "parts": [list(part) for part in draft.parts],
        "how": draft.how,
        "unless": list(draft.unless),
        "source": draft.source,
        "fires": list(draft.fires),
        "quiet": list(draft.quiet),
    }


def _free_name(draft: Draft) -> str:
    """The id that findings will carry, made of the title; one that was ever used is not used again."""
    stem = f"{draft.language}.clinic.{slugify(draft.title)[:LONGEST_SLUG].strip('-') or 'rule'}"
    taken = set(OwnRule.objects.filter(rule__startswith=stem).values_list("rule", flat=True))
    return next(name for name in (stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))) if name not in taken)


def _one_at_a_time() -> None:
    """Wait until nobody else publishes rules: what is read after this holds theirs too."""
    CallPolicy.objects.select_for_update().order_by("-version").first()


def _locked(own_id: UUID) -> OwnRule:
    return OwnRule.objects.select_for_update().get(pk=own_id)


def _check_draft(rule: OwnRule) -> None:
    if rule.status != RuleStatus.DRAFT:
        raise Refused(gettext("It is no draft any more: %(status)s.") % {"status": rule.get_status_display().lower()})


def _check_ready(rule: OwnRule) -> None:
    added = compiled(rule)
    if rule.sort == Sort.ADDED and not rule.fires:
        raise Refused(gettext("Write at least one sentence that the rule must catch."))
    if told := failing(rule, added):
        raise Refused(" ".join(told))


def _published(by: User, rules: list[OwnRule]) -> CallPolicy:
    try:
        return publish_rules(by=by, rules=as_policy(rules))
    except ValidationError as taken:
        raise Refused(" ".join(taken.messages)) from taken


def _lowered(rule: OwnRule, asked: RuleChange, by: User) -> OwnRule:
    """A row of its own: what was in force at which level, and who decided it, stays readable."""
    kept = {field.name: getattr(rule, field.name) for field in OwnRule._meta.fields if field.name != "id"}
    again = {"kind": asked.kind, "drafted_by": asked.asked_by, "published_by": by, "published_at": timezone.now()}
    return OwnRule(**kept | again)


def _waiting(change_id: UUID) -> RuleChange:
    asked = RuleChange.objects.select_for_update().get(pk=change_id)
    if asked.decision:
        raise Refused(
            gettext("This request was decided already: %(decision)s.")
            % {"decision": asked.get_decision_display().lower()}
        )
    return asked


def _decide(asked: RuleChange, by: User, decision: Decision) -> None:
    asked.decision, asked.decided_by, asked.decided_at = decision, by, timezone.now()
    asked.save(update_fields=["decision", "decided_by", "decided_at"])
