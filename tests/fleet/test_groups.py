"""What a group of clinics has set: who may choose otherwise, and who differs without anybody having chosen it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from clinics.fleet.waves import advancing, drift
from clinics.fleet.waves.models import FleetStep, Group, GroupMember
from clinics.models import Clinic
from clinics.people.models import User
from clinics.practice import actions as practice
from clinics.practice.models import CallPolicy
from clinics.tenancy import inside
from tests.conftest import PASSWORD
from tests.fleet.test_waves import begun, policy_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(north: Clinic, south: Clinic) -> Group:
    """Both clinics, which do what their group says."""
    group = Group.objects.create(
        slug="hill", name="Hill Clinics", settings={"live_words": False, "spanish": True}, locked=["spanish"]
    )
    for clinic in (north, south):
        GroupMember.objects.create(clinic=clinic, group=group)
    return group


def differing() -> list[tuple[str, str, str]]:
    return [(one.clinic.slug, one.field, one.why) for one in drift.report()]


def test_what_is_locked_cannot_be_changed_in_one_clinic(group: Group, north: Clinic, carol: User) -> None:
    with inside(north), pytest.raises(ValidationError) as refused:
        practice.publish_policy(by=carol, changes={"spanish": False, "live_words": True})

    assert refused.value.message_dict == {"spanish": ["Hill Clinics keeps this the same in all its clinics."]}
    assert policy_of(north).version == 1


def test_what_is_not_locked_becomes_the_clinics_own_until_it_comes_back(
    group: Group, north: Clinic, south: Clinic, carol: User
) -> None:
    with inside(north):
        practice.publish_policy(by=carol, changes={"live_words": True, "spanish": True})
    assert GroupMember.objects.get(clinic=north).own == ["live_words"]
    assert differing() == [("north", "live_words", "own")]

    begun(group=group, soak=0, live_words=False, streaming=True)
    for _ in range(4):
        advancing.advance()
    assert (policy_of(north).live_words, policy_of(north).streaming) == (True, True), "its own is left alone"

    with inside(north):
        practice.publish_policy(by=carol, changes={"live_words": False})
    assert GroupMember.objects.get(clinic=north).own == []
    assert differing() == []


def test_a_lock_takes_the_choice_away_with_the_next_change(group: Group, north: Clinic, carol: User) -> None:
    with inside(north):
        practice.publish_policy(by=carol, changes={"live_words": True})
    Group.objects.update(locked=["spanish", "live_words"])
    assert differing() == [("north", "live_words", "drift")]

    begun(group=group, soak=0, live_words=False)
    for _ in range(4):
        advancing.advance()

    assert policy_of(north).live_words is False
    assert differing() == []


def test_the_group_says_the_new_value_only_when_every_wave_is_through(
    group: Group, north: Clinic, south: Clinic
) -> None:
    Clinic.objects.filter(pk=north.pk).update(ring="canary")
    begun(group=group, soak=0, streaming=True)
    advancing.advance()

    assert policy_of(north).streaming is True
    assert differing() == [], "who has the change already does not differ"
    assert "streaming" not in Group.objects.get().settings
    for _ in range(4):
        advancing.advance()
    assert Group.objects.get().settings["streaming"] is True
    assert differing() == []


def test_a_change_for_everybody_leaves_alone_what_a_group_has_set(group: Group, north: Clinic) -> None:
    Clinic.objects.filter(pk=north.pk).update(ring="canary")
    begun(spanish=False, streaming=True)
    advancing.advance()

    assert (policy_of(north).spanish, policy_of(north).streaming) == (True, True)


def test_what_nobody_chose_is_drift_and_the_command_says_so(
    group: Group, south: Clinic, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("drift")
    with inside(south):
        CallPolicy.objects.update(spanish=False)  # by hand in the database

    with pytest.raises(CommandError, match="1 differences"):
        call_command("drift")

    assert capsys.readouterr().out.splitlines()[1:] == [
        "south (Hill Clinics): spanish is False, not True: nobody chose this"
    ]


def test_a_refusal_is_told_apart_from_drift(group: Group, south: Clinic) -> None:
    begun(group=group, soak=0, max_turns=40)
    for _ in range(4):
        advancing.advance()

    assert FleetStep.objects.get(clinic=south).standing == "refused"
    assert differing() == [("south", "max_turns", "refused")]


def test_more_clinics_are_not_more_questions(group: Group, django_assert_max_num_queries: Callable) -> None:
    with django_assert_max_num_queries(3):
        drift.report()


@pytest.mark.django_db(transaction=True)
def test_operators_keep_groups_and_see_who_differs(group: Group, south: Clinic) -> None:
    with inside(south):
        CallPolicy.objects.update(spanish=False)
    User.objects.create_superuser("olga@cliniqai.test", PASSWORD, name="Olga")
    desk = Client(HTTP_HOST=settings.BASE_DOMAIN)
    desk.post("/sign-in/", {"email": "olga@cliniqai.test", "password": PASSWORD, "next": "/admin/"})

    page = desk.get("/admin/fleet/differences/").content.decode()
    assert "1 differences, 1 of them chosen by nobody" in page
    assert "Southgate Practice" in page
    assert "Answers in Spanish" in desk.get("/admin/fleet/").content.decode()
    assert desk.get(f"/admin/clinics/group/{group.pk}/change/").status_code == 200
    sent = {
        "name": "Hill", "slug": "hill", "locked": ["spanish", "live_words"], "members-TOTAL_FORMS": 0,
        "members-INITIAL_FORMS": 0,
    }  # fmt: skip
    assert desk.post(f"/admin/clinics/group/{group.pk}/change/", sent).status_code == 302
    assert Group.objects.get().locked == ["spanish", "live_words"]
