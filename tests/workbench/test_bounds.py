"""The preview's bounds over a busy clinic's calls, and two admins at the same moment."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from math import ceil

import pytest
from django.utils import timezone

from calls.dialogue.safety import AddedRule, find
from calls.dialogue.safety.comparing import BATCH
from calls.dialogue.safety.corpus import shipped_corpus
from calls.dialogue.safety.measuring import Row, measure
from calls.dialogue.types import FindingKind
from calls.models import Call, Turn
from calls.workbench import actions, figures, looking
from calls.workbench.composing import Refused, compiled
from calls.workbench.looking import utterances
from clinics.models import Clinic
from clinics.people.models import User
from clinics.people.roles import Role
from clinics.practice.models import CallPolicy, OwnRule
from clinics.tenancy import inside
from tests.threads import together
from tests.workbench.rules import ABSCESS, CAUGHT, RAISED

SAYINGS = (
    "I would like to make an appointment for next week please",
    "my prescription for lisinopril ran out",
    "what time do you close today",
    "my back was sore after the garden but it is fine now",
    "can you tell me whether my results are in",
    "yes", "no", "Maria Alvarez", "the fourth of March nineteen sixty one", "CVS on Main Street",
)  # fmt: skip


def talked(clinic: Clinic, count: int) -> None:
    """So many utterances of ten-turn calls; every hundredth is one that only the abscess rule catches."""
    with inside(clinic):
        calls = Call.objects.bulk_create(
            Call(sid=f"CA{n:032x}", to_number="+12025550101", status="in_progress") for n in range(count // 10)
        )
        Turn.objects.bulk_create(
            (
                Turn(
                    call=calls[n // 10], n=n % 10 + 1, language="en", said="-", reply={}, state={},
                    words=f"{CAUGHT} {n % 900}" if n % 100 == 50 else f"{SAYINGS[n % 10]} {n % 1000}",
                )
                for n in range(count)
            ),
            batch_size=2000,
        )  # fmt: skip


class Clock:
    """Time in which a second goes by between two looks, so that no test hangs on how busy the machine is."""

    def __init__(self) -> None:
        self._seconds = count()

    def monotonic(self) -> float:
        return float(next(self._seconds))


@pytest.mark.django_db
def test_no_more_is_looked_at_than_the_seconds_and_the_number_allow(
    north: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "MOST_UTTERANCES", 2000)
    monkeypatch.setattr(looking, "time", Clock())
    talked(north, 2500)
    own = compiled(ABSCESS)

    with inside(north):
        found = looking.in_calls((), (own,), now=timezone.now())
        patient = looking.in_calls((), (own,), now=timezone.now(), seconds=600)

    assert (found.of, found.finished) == (2500, False)
    assert found.looked_at == ceil(looking.SECONDS) * BATCH  # a look at the clock after each batch
    assert (patient.of, patient.finished) == (2500, False)
    assert (patient.looked_at, len(patient.worse)) == (2000, 20)


def test_the_shipped_sentences_are_measured_piece_by_piece_to_the_same_end(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = (*shipped_corpus()[::4], Row("own", CAUGHT, "en", "general"))
    own = compiled(ABSCESS)
    monkeypatch.setattr(figures, "_rows", lambda: rows)
    monkeypatch.setattr(figures, "_as_shipped", {})  # as in a process that has looked at none
    monkeypatch.setattr(figures, "_measured", figures._measured.__wrapped__)
    monkeypatch.setattr(figures, "time", Clock())

    done = pieces = 0
    while (part := figures.on_the_corpus((own,), seconds=1000)).languages is None:
        assert done < part.done < part.of
        done, pieces = part.done, pieces + 1
    assert pieces == len(rows) // 1000

    assert "own" in {row.id for row, _ in part.languages["en"].alarms}
    whole = measure(rows, judge=lambda text, lang: find(text, lang=lang, added=(own,)))
    for lang, measured in part.languages.items():
        assert measured.recall == whole[lang].recall
        assert measured.false_alarms == whole[lang].false_alarms
        assert [row.id for row, _ in measured.alarms] == [row.id for row, _ in whole[lang].alarms]


@pytest.mark.django_db
def test_old_utterances_and_test_calls_are_left_out(north: Clinic) -> None:
    talked(north, 100)
    with inside(north):
        Turn.objects.filter(n=1).update(at=timezone.now() - timedelta(days=91))
        Call.objects.filter(sid=f"CA{0:032x}").update(test=True)
        said, total = utterances(since=timezone.now() - timedelta(days=90))

    assert (len(said), total) == (81, 81)


@pytest.mark.django_db
def test_an_utterance_is_looked_at_with_the_two_before_it(north: Clinic) -> None:
    talked(north, 10)
    with inside(north):
        said, _ = utterances(since=timezone.now() - timedelta(days=90))

    told = {one.about.n: one for one in said}  # type: ignore[attr-defined]
    assert told[1].earlier == ()
    assert told[4].earlier == (told[2].words, told[3].words)


@pytest.mark.django_db(transaction=True)
def test_two_who_publish_at_once_lose_none_of_the_two_rules(north: Clinic, carol: User) -> None:
    with inside(north):
        drafts = [actions.draft_rule(by=carol, draft=draft).id for draft in (ABSCESS, RAISED)]

    ended = together(2, north, lambda number: actions.publish_draft(by=carol, draft_id=drafts[number]))

    assert [one for one in ended if isinstance(one, Exception)] == []
    with inside(north):
        newest = CallPolicy.objects.order_by("-version")[0]
        assert newest.version == 3
        assert {one["sort"] for one in newest.own_rules} == {"added", "raised"}


@pytest.mark.django_db(transaction=True)
def test_two_who_publish_the_same_draft_publish_it_once(north: Clinic, carol: User) -> None:
    with inside(north):
        draft = actions.draft_rule(by=carol, draft=ABSCESS).id

    ended = together(4, north, lambda number: actions.publish_draft(by=carol, draft_id=draft))

    assert sum(isinstance(one, OwnRule) for one in ended) == 1
    assert sum(isinstance(one, Refused) for one in ended) == 3
    with inside(north):
        assert CallPolicy.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_one_yes_is_enough_and_a_second_one_finds_it_decided(north: Clinic, carol: User) -> None:
    with inside(north):
        erin = User.objects.create_user("erin@north.test", None, name="Erin Wolf", role=Role.ADMIN)
        rule = actions.publish_draft(by=carol, draft_id=actions.draft_rule(by=carol, draft=ABSCESS).id)
        asked = actions.ask_for_change(by=carol, own_id=rule.id, change="remove", kind="", reason="Too loud")

    ended = together(2, north, lambda number: actions.approve_change(by=erin, change_id=asked.id))

    assert sum(isinstance(one, Refused) for one in ended) == 1
    with inside(north):
        assert CallPolicy.objects.order_by("-version")[0].version == 3


def test_a_compiled_draft_is_what_the_engine_takes() -> None:
    own = compiled(ABSCESS)

    assert isinstance(own, AddedRule)
    assert (own.kind, own.when) == (FindingKind.EMERGENCY, ("tooth/jaw/wisdom_tooth & abscess/swollen",))
