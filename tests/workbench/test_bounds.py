"""The preview's bounds over a busy clinic's calls, and two admins at the same moment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from calls.dialogue.safety import AddedRule, find
from calls.dialogue.safety.corpus import shipped_corpus
from calls.dialogue.safety.measuring import measure
from calls.dialogue.types import FindingKind
from calls.models import Call, Turn
from calls.workbench import actions
from calls.workbench.composing import Refused, compiled
from calls.workbench.figures import on_the_corpus
from calls.workbench.looking import MOST_UTTERANCES, in_calls, utterances
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


@pytest.mark.slow
@pytest.mark.django_db
def test_twenty_thousand_utterances_are_looked_at_in_bounded_time(north: Clinic) -> None:
    talked(north, MOST_UTTERANCES + 500)
    own = compiled(ABSCESS)

    with inside(north):
        found = in_calls((), (own,), now=timezone.now())
        patient = in_calls((), (own,), now=timezone.now(), seconds=600)

    assert found.of == MOST_UTTERANCES + 500
    assert not found.finished
    assert 0 < found.looked_at <= MOST_UTTERANCES
    assert found.seconds < 6  # 2.5 and what it takes to read the rows; the tests' machine may be busy
    assert (patient.looked_at, len(patient.worse)) == (MOST_UTTERANCES, 200)


def test_the_shipped_sentences_are_measured_piece_by_piece_to_the_same_end() -> None:
    own = compiled(ABSCESS)
    done = pieces = 0
    while (part := on_the_corpus((own,), seconds=0.25)).languages is None:
        assert done < part.done < part.of
        done, pieces = part.done, pieces + 1
    assert pieces > 1

    rows = shipped_corpus()
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
