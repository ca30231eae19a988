"""From an event to its deliveries: people are looked up inside the clinic, the rows written in one statement."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import Error, connection
from django.db.models import Q

from clinics.people.models import User
from clinics.practice.sensitive import people_named
from clinics.tenancy import inside
from notifications import routing
from notifications.homes import home_of
from notifications.hooks.models import Webhook
from notifications.kinds import TABLE, Kind
from notifications.policy import backoff
from notifications.reach import Messaging, Preference

logger = logging.getLogger(__name__)

BATCH = 20
MAX_ATTEMPTS = 8

# Taking an event counts the attempt and pushes it 15 s away in a commit of its own, so that an event whose planning
# kills the process is tried alone, later, and not for ever.
_TAKE = """
WITH due AS (
    SELECT id FROM public.notifications_event
    WHERE state = 'pending' AND available_at <= now() - %(grace)s AND expires_at > now()
      AND attempts < %(most)s AND (attempts = 0) = %(fresh)s
      AND (%(lanes)s::smallint[] IS NULL OR lane = ANY(%(lanes)s::smallint[]))
      AND (%(events)s::bigint[] IS NULL OR id = ANY(%(events)s::bigint[]))
    ORDER BY lane, available_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
UPDATE public.notifications_event e
SET attempts = e.attempts + 1, available_at = now() + interval '15 seconds'
FROM due, public.clinics_clinic k WHERE e.id = due.id AND k.id = e.clinic_id
RETURNING e.id, e.attempts, e.kind, e.audience, e.channels, e.call, e.test, e.clinic_id, k.schema_name,
          k.suspended_at IS NOT NULL"""

_PLAN = """
WITH planned AS (
    UPDATE public.notifications_event SET state = 'planned', planned_at = clock_timestamp(), last_error_code = ''
    WHERE id = %(event)s AND state = 'pending'
    RETURNING id, clinic_id, created_at, expires_at)
INSERT INTO public.notifications_delivery
       (event_id, clinic_id, lane, person, channel, policy, max_attempts, expires_at, available_at,
        state, attempts, lost_leases, leased_by, provider, provider_id, last_error_code)
SELECT p.id, p.clinic_id, d.lane, d.person, d.channel, d.policy, d.max_attempts,
       least(p.expires_at, p.created_at + d.lives * interval '1 minute'), now() + d.waits * interval '1 second',
       'pending', 0, 0, '', '', '', ''
FROM planned p, unnest(%(people)s::uuid[], %(channels)s::text[], %(policies)s::text[], %(most)s::int[],
                       %(lives)s::int[], %(lanes)s::int[], %(waits)s::int[])
                  AS d(person, channel, policy, max_attempts, lives, lane, waits)
ON CONFLICT DO NOTHING"""

_SET_ASIDE = """
UPDATE public.notifications_event SET state = %(state)s, last_error_code = %(code)s, available_at = now() + %(after)s
WHERE id = %(event)s AND state = 'pending'"""

_REAP = """
UPDATE public.notifications_event SET state = CASE WHEN expires_at <= now() THEN 'expired' ELSE 'dead' END
WHERE id IN (SELECT id FROM public.notifications_event
             WHERE state = 'pending' AND (expires_at <= now() OR (attempts >= %(most)s AND available_at <= now()))
             LIMIT 500 FOR UPDATE SKIP LOCKED)"""


@dataclass(frozen=True)
class Taken:
    """One event that this process plans now."""

    id: int
    attempts: int
    kind: str
    audience: list[str]
    channels: list[str] | None
    call: UUID | None
    test: bool
    clinic_id: int
    schema: str
    suspended: bool


class Heard:
    """What one batch looked up about who hears what; looked up once, forgotten with the batch."""

    def __init__(self) -> None:
        self._people: dict[tuple[object, ...], list[UUID]] = {}
        self._named: dict[tuple[str, UUID], frozenset[UUID] | None] = {}
        self._wanted: dict[tuple[int, str], frozenset[tuple[UUID, str]]] = {}
        self._messaging: dict[int, Messaging | None] = {}
        self._hooks: dict[int, list[UUID]] = {}

    def hooks(self, event: Taken) -> list[UUID]:
        """The webhooks of the clinic that work."""
        if event.clinic_id not in self._hooks:
            working = Webhook.objects.working().filter(clinic_id=event.clinic_id)
            self._hooks[event.clinic_id] = list(working.values_list("pk", flat=True))
        return self._hooks[event.clinic_id]

    def people(self, event: Taken, kind: Kind) -> list[UUID]:
        asked = (event.schema, kind.roles, tuple(event.audience))
        if asked not in self._people:
            with inside(home_of(event.schema)):
                people = User.objects.active().filter(Q(role__in=kind.roles) | Q(pk__in=event.audience))
                self._people[asked] = list(people.order_by("pk").values_list("pk", flat=True))
        named = self.named(event) if event.call and not kind.urgent else None
        return self._people[asked] if named is None else self._of_named(self._people[asked], event, named)

    def named(self, event: Taken) -> frozenset[UUID] | None:
        """Who may open the sensitive call that an event hangs on; None when its call is open to all."""
        assert event.call is not None
        asked = (event.schema, event.call)
        if asked not in self._named:
            with inside(home_of(event.schema)):
                self._named[asked] = people_named(event.call)
        return self._named[asked]

    def _of_named(self, people: list[UUID], event: Taken, named: frozenset[UUID]) -> list[UUID]:
        """Those of the audience who are named; all who are named when none of them would have heard of it."""
        if not people:
            return people
        with inside(home_of(event.schema)):
            active = list(User.objects.active().filter(pk__in=named).order_by("pk").values_list("pk", flat=True))
        return [one for one in active if one in people] or active

    def wanted(self, event: Taken, kind: Kind) -> frozenset[tuple[UUID, str]]:
        """Who chose to hear this kind over a channel that is only offered."""
        if not kind.offered:
            return frozenset()
        asked = (event.clinic_id, event.kind)
        if asked not in self._wanted:
            chosen = Preference.objects.filter(clinic_id=event.clinic_id, kind=event.kind, channel__in=kind.offered)
            self._wanted[asked] = frozenset(chosen.values_list("person", "channel"))
        return self._wanted[asked]

    def patient(self, event: Taken, kind: Kind) -> bool:
        """Whether the clinic lets the patient hear of it; nobody hears of a test."""
        if not kind.patient or event.test:
            return False
        if event.clinic_id not in self._messaging:
            self._messaging[event.clinic_id] = Messaging.objects.filter(clinic_id=event.clinic_id).first()
        messaging = self._messaging[event.clinic_id]
        return messaging is not None and messaging.tells_patients(event.kind)


def plan_due(
    *,
    grace: timedelta = timedelta(0),
    events: Sequence[int] | None = None,
    lanes: Sequence[int] | None = None,
    chance: float = 0.5,
) -> int:
    """Plan what waits, at most a batch, and return how many events were taken."""
    taken = _take(fresh=True, limit=BATCH, grace=grace, events=events, lanes=lanes)
    taken += _take(fresh=False, limit=1, grace=grace, events=events, lanes=lanes)
    heard = Heard()
    for event in taken:
        _plan_one(event, heard=heard, chance=chance)
    return len(taken)


def reap() -> None:
    """Expire events that nobody planned in time; give up on those whose planning never ends."""
    with connection.cursor() as cursor:
        cursor.execute(_REAP, {"most": MAX_ATTEMPTS})


def _take(
    *, fresh: bool, limit: int, grace: timedelta, events: Sequence[int] | None, lanes: Sequence[int] | None = None
) -> list[Taken]:
    with connection.cursor() as cursor:
        cursor.execute(
            _TAKE,
            {
                "fresh": fresh,
                "limit": limit,
                "grace": grace,
                "most": MAX_ATTEMPTS,
                "events": None if events is None else list(events),
                "lanes": None if lanes is None else [int(lane) for lane in lanes],
            },
        )
        return [_taken(row) for row in cursor.fetchall()]


def _taken(row: tuple[object, ...]) -> Taken:
    pk, attempts, kind, audience, channels, *rest = row
    return Taken(pk, attempts, kind, _read(audience) or [], _read(channels), *rest)


def _read(value: object) -> list[str] | None:
    """A JSON column of a statement of ours: parsed already, or not, as the driver was set up."""
    return json.loads(value) if isinstance(value, str) else value


def _plan_one(event: Taken, *, heard: Heard, chance: float) -> None:
    kind = TABLE.get(event.kind)
    if event.suspended:
        _set_aside(event, state="cancelled", code="clinic_suspended")
    elif kind is None:  # written by a newer release; its worker will know it
        _set_aside(event, code="unknown_kind", after=backoff(event.attempts, chance=chance))
    else:
        try:
            _write(event, [*_planned(event, kind, heard), *_to_webhooks(event, kind, heard)])
        except Exception as error:  # one clinic's broken schema, one odd event must not stop the others
            if isinstance(error, Error) and not connection.is_usable():
                raise
            logger.warning("event %d was not planned: %s", event.id, type(error).__name__)
            _set_aside(event, code=type(error).__name__, after=backoff(event.attempts, chance=chance))


def _planned(event: Taken, kind: Kind, heard: Heard) -> list[routing.Planned]:
    """Who hears it over what, of the channels that this release knows."""
    if event.channels is not None:
        known = [name for name in event.channels if name in routing.CHANNELS]
        return routing.plan(kind, people=_people(event, kind, heard), only=known)
    return routing.plan(
        kind,
        people=_people(event, kind, heard),
        wanted=heard.wanted(event, kind),
        patient=heard.patient(event, kind),
    )


def _to_webhooks(event: Taken, kind: Kind, heard: Heard) -> list[routing.Planned]:
    """What the clinic's own systems hear; not what goes to chosen people over chosen channels."""
    if event.channels is not None or not event.kind.startswith((*routing.TOLD_OUTSIDE, routing.PING)):
        return []
    if event.call and not kind.urgent and heard.named(event) is not None:
        return []  # a system is no named person; what is urgent it hears as everybody does, without words
    named = {UUID(one) for one in event.audience}
    return routing.to_webhooks(kind, event.kind, hooks=heard.hooks(event), audience=named)


def _people(event: Taken, kind: Kind, heard: Heard) -> list[UUID]:
    """The active people of the clinic that hear this event, looked up once per batch."""
    names = routing.channels_of(kind) if event.channels is None else event.channels
    if not any(routing.CHANNELS[name].to_people for name in names if name in routing.CHANNELS):
        return []
    return heard.people(event, kind)


def _write(event: Taken, planned: Sequence[routing.Planned]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _PLAN,
            {
                "event": event.id,
                "people": [one.person for one in planned],
                "channels": [one.channel for one in planned],
                "policies": [one.policy.value for one in planned],
                "most": [one.max_attempts for one in planned],
                "lives": [one.lives_minutes for one in planned],
                "lanes": [int(one.lane) for one in planned],
                "waits": [one.waits_seconds for one in planned],
            },
        )


def _set_aside(event: Taken, *, code: str, state: str = "pending", after: float = 0.0) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _SET_ASIDE, {"event": event.id, "state": state, "code": code[:60], "after": timedelta(seconds=after)}
        )
