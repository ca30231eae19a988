"""Every deed that writes the platform's own tables: opening a clinic, its first people, suspending it."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import date, time
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils.timezone import now
from django_tenants.utils import schema_exists

from clinics import phones
from clinics.fleet import blueprint
from clinics.fleet.models import Group, GroupMember
from clinics.fleet.waves.fields import SWITCHES
from clinics.models import Clinic, Domain, PhoneLine, slug_rule
from clinics.people.models import User
from clinics.people.roles import Role
from clinics.practice import actions as practice
from clinics.practice import phases, policies
from clinics.practice.hours import Interval, Span, Week
from clinics.practice.models import CallPolicy, Fact, Holiday, Phase
from clinics.tenancy import PUBLIC, inside, outside

logger = logging.getLogger(__name__)

HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+", re.ASCII)
RESERVED = frozenset(
    [
        *(
            "public",
            "platform",
            "admin",
            "www",
            "api",
            "static",
            "test",
            "template0",
            "template1",
            "information-schema",
        ),
        "blueprint-of-clinics",
    ]
)
CLINIC_ROLES = frozenset({Role.STAFF, Role.DOCTOR, Role.ADMIN})
NOT_E164 = "Write the number in E.164 form, such as +12025550100."


@dataclass(frozen=True)
class Opening:
    """What it takes to open a clinic, tidied."""

    name: str
    host: str
    number: str
    slug: str
    clinic_line: str
    timezone: str
    template: str
    group: str
    test_calls_only: bool


def open_clinic(
    *,
    by: User | None,
    name: str,
    host: str,
    number: str,
    slug: str = "",
    clinic_line: str = "",
    timezone: str = "America/New_York",
    template: str = "",
    group: str = "",
    test_calls_only: bool = False,
) -> Clinic:
    """A new clinic: schema, host, number, and version 1 of its policy with hours and facts.

    With `template` (a slug) rules, hours, holidays and the facts that are not bound to a place are copied from that
    clinic; what its `group` (a slug) has set goes before them. Raises `ValidationError` by field. A failure at any
    point leaves nothing behind.
    """
    wanted = _tidy(name, host, number, slug, clinic_line, timezone, template, group, test_calls_only)
    with outside():
        check_opening(wanted)
        pattern = _pattern_of(Clinic.objects.get(slug=wanted.template)) if wanted.template else STANDARD
        clinic = Clinic(
            schema_name=wanted.slug.replace("-", "_"),
            slug=wanted.slug,
            name=wanted.name,
            timezone=wanted.timezone,
            test_calls_only=wanted.test_calls_only,
            suspended_at=now(),  # nobody is served by a clinic that is half there
        )
        clinic.auto_create_schema = False  # it is copied below
        try:
            clinic.save()
        except IntegrityError as taken:
            raise ValidationError({"slug": ["Another clinic has just taken this short name."]}) from taken
        try:
            blueprint.make_schema(clinic)
            _furnish(clinic, wanted, pattern)
        except BaseException:
            _remove(clinic)
            raise
    logger.info("clinic %s opened by %s", clinic.public_id, by.pk if by else "command")
    return clinic


def _furnish(clinic: Clinic, wanted: Opening, pattern: Pattern) -> None:
    with transaction.atomic():
        Domain.objects.create(tenant=clinic, domain=wanted.host, is_primary=True)
        PhoneLine.objects.create(clinic=clinic, number=wanted.number, label="Main line")
        clinic.suspended_at = None
        group = _group(wanted.group)
        if group is not None:
            GroupMember.objects.create(clinic=clinic, group=group)
        for_all = dict(group.settings) if group is not None else {}
        for refused in phases.laxer(Phase.PILOT, for_all):
            del for_all[refused]
        for switch in set(SWITCHES) & set(for_all):
            setattr(clinic, switch, for_all.pop(switch))
        clinic.save(update_fields=["suspended_at", *SWITCHES])
        with inside(clinic):
            rules = pattern.rules | for_all | {"clinic_line": wanted.clinic_line or wanted.number}
            practice.publish_policy(by=None, changes=rules)
            practice.set_hours(by=None, week=pattern.week)
            for day, name, spans in pattern.holidays:
                practice.set_holiday(by=None, day=day, name=name, spans=spans)
            for topic, language, text in pattern.facts:
                practice.set_fact(by=None, topic=topic, language=language, text=text)


def _remove(clinic: Clinic) -> None:
    """Take back a clinic that could not be furnished, its schema included. Its transaction is already undone."""
    connection.set_schema_to_public()
    clinic.delete(force_drop=True)


def suspend_clinic(*, by: User, clinic: Clinic) -> None:
    """Close a clinic's pages, API and telephone at once; its data stays."""
    clinic.suspended_at = clinic.suspended_at or now()
    clinic.save(update_fields=["suspended_at"])
    logger.warning("clinic %s suspended by %s", clinic.public_id, by.pk)


def resume_clinic(*, by: User, clinic: Clinic) -> None:
    """Serve a suspended clinic again."""
    clinic.suspended_at = None
    clinic.save(update_fields=["suspended_at"])
    logger.warning("clinic %s resumed by %s", clinic.public_id, by.pk)


def add_person(*, by: User | None, clinic: Clinic, email: str, name: str, role: Role, password: str | None) -> User:
    """Someone who works in a clinic. Without a password they cannot sign in until one is set."""
    with inside(clinic):
        user = User(email=email.strip().lower(), name=name.strip(), role=role)
        user.set_password(password)
        if password is not None:
            validate_password(password, user)
        if role not in CLINIC_ROLES:
            raise ValidationError({"role": ["A clinic has staff, doctors and admins."]})
        user.full_clean()
        user.save(force_insert=True)
    return user


# --- What a new clinic begins with ---------------------------------------------------------------------------------
@dataclass(frozen=True)
class Pattern:
    """What a clinic begins with: rules, hours and facts, never people or patients."""

    rules: dict[str, object]
    week: Week
    holidays: tuple[tuple[date, str, tuple[Span, ...]], ...] = ()
    facts: tuple[tuple[str, str, str], ...] = ()


STANDARD = Pattern(rules={"live_words": True}, week=Week(tuple(Interval(day, time(8), time(17)) for day in range(5))))
OWN = frozenset({"clinic_line", "phase", "own_rules"})
"""What a clinic decides for itself, whichever clinic it was copied from."""
PLACE_BOUND = frozenset(
    [
        "hours",
        "holiday",
        "address",
        "fax",
        "email",
        "website",
        "phone",
        "parking",
        "languages",
        "doctors",
        "records",
        "wait",
        "walk_in",
        "services",
    ]
)


def _pattern_of(model: Clinic) -> Pattern:
    with inside(model):
        rules = policies.policy_in_force()
        limits = practice.limits_to_keep(row=CallPolicy.objects.get(version=rules.version), phase=Phase.PILOT)
        holidays = tuple((one.day, one.name, one.spans) for one in Holiday.objects.all())
        facts = tuple(Fact.objects.exclude(topic__in=PLACE_BOUND).values_list("topic", "language", "text"))
    copied = {name: getattr(rules, name) for name in policies.RULES if name not in OWN}
    return Pattern(copied | limits, rules.week, holidays, facts)


# --- What is refused -----------------------------------------------------------------------------------------------
def check_opening(wanted: Opening) -> None:
    """Raise `ValidationError` with a sentence per field for a clinic that cannot be opened like this."""
    errors: dict[str, list[str]] = {}
    for field, complaint in (
        ("name", _wrong_name(wanted.name)),
        ("slug", _wrong_slug(wanted.slug)),
        ("host", wrong_host(wanted.host)),
        ("number", _wrong_number(wanted.number)),
        ("clinic_line", "" if not wanted.clinic_line or phones.is_e164(wanted.clinic_line) else NOT_E164),
        (
            "timezone",
            "" if wanted.timezone in available_timezones() else "Write an IANA name such as America/New_York.",
        ),
        (
            "template",
            "" if not wanted.template or _is_clinic(wanted.template) else "There is no clinic with this slug.",
        ),
        ("group", "" if not wanted.group or _group(wanted.group) else "There is no group with this slug."),
    ):
        if complaint:
            errors[field] = [complaint]
    if errors:
        raise ValidationError(errors)


def _tidy(
    name: str, host: str, number: str, slug: str, line: str, timezone: str, template: str, group: str,
    test_calls_only: bool,
) -> Opening:  # fmt: skip
    host = host.strip(" ").lower()
    slug = slug or host.partition(".")[0]
    number, line = (phones.to_e164(one) or one for one in (number, line))
    return Opening(name.strip(" "), host, number, slug, line, timezone, template, group, test_calls_only)


def _wrong_name(name: str) -> str:
    if not name or len(name) > 120 or not name.isprintable():
        return "Write the clinic's name in 1 to 120 printable characters."
    return ""


def _wrong_slug(slug: str) -> str:
    try:
        slug_rule(slug)
    except ValidationError as wrong:
        return wrong.messages[0]
    schema = slug.replace("-", "_")
    if slug in RESERVED or slug.startswith("pg-"):
        return f"{slug} is a reserved name."
    if Clinic.objects.filter(Q(slug=slug) | Q(schema_name=schema)).exists() or schema_exists(schema):
        return "This name is taken."
    return ""


def wrong_host(host: str) -> str:
    """Why a host cannot be a clinic's, in a sentence; "" when it can."""
    if not HOST.fullmatch(host) or host.rpartition(".")[2].isdigit():
        return "Write a host name such as north.example.org, without a scheme or port."
    if host == settings.BASE_DOMAIN or host.startswith("www."):
        return f"{host} is the platform's own."
    return "This host is taken." if Domain.objects.filter(domain=host).exists() else ""


def _wrong_number(number: str) -> str:
    if not phones.is_e164(number):
        return NOT_E164
    return "This number is taken." if PhoneLine.objects.filter(number=number).exists() else ""


def _group(slug: str) -> Group | None:
    return Group.objects.filter(slug=slug).first()


def _is_clinic(slug: str) -> bool:
    return Clinic.objects.filter(slug=slug).exclude(schema_name=PUBLIC).exists()
