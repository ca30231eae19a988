"""Two reviewers at the same moment, on real connections: one review stands, the other person is told."""

from __future__ import annotations

import pytest

from calls.models import Review
from calls.reviews.actions import Judgement, Share, Taken, save_review
from clinics.people.models import User
from clinics.tenancy import clinic_by_schema, inside
from tests.reviews.conftest import EMERGENCY, hold_call
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_reviewers_at_once_one_writes_and_the_others_get_what_was_written(fresh_cache: None) -> None:
    north = clinic_by_schema("north")
    call = hold_call(north, *EMERGENCY)
    with inside(north):
        people = [User.objects.get(name__startswith=name) for name in ("Bob", "Carol")]

    def review(number: int) -> Review:
        judgement = Judgement(verdict="correct", note=f"by {number}")
        return save_review(by=people[number % 2], call_id=call, seen=0, judgement=judgement, share=Share())

    results = together(6, north, review)

    with inside(north):
        written = Review.objects.get()
    assert [result for result in results if isinstance(result, Review)] == [written]
    assert [result.review for result in results if isinstance(result, Taken)] == [written] * 5
