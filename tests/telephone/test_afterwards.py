"""Deeds after the answer: in order, never in the caller's way, and never the next request's."""

import logging

import pytest
from django.core.signals import request_finished, request_started

from clinics.afterwards import afterwards


@pytest.fixture
def in_a_request():
    request_started.send(sender=None, environ={})
    yield
    request_finished.send(sender=None)


def test_outside_a_request_a_deed_is_done_at_once() -> None:
    done: list[str] = []

    afterwards(lambda: done.append("done"))

    assert done == ["done"]


@pytest.mark.django_db
def test_in_a_request_it_waits_for_the_answer_and_is_done_once(in_a_request: None) -> None:
    done: list[int] = []
    afterwards(lambda: done.append(1))
    afterwards(lambda: done.append(2))

    before = list(done)
    request_finished.send(sender=None)
    request_finished.send(sender=None)

    assert (before, done) == ([], [1, 2])


@pytest.mark.django_db
def test_a_deed_that_fails_is_logged_without_its_words_and_the_next_is_done(
    in_a_request: None, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[int] = []

    def fail() -> None:
        raise ValueError("Maria Alvarez")

    afterwards(fail)
    afterwards(lambda: done.append(2))
    with caplog.at_level(logging.ERROR):
        request_finished.send(sender=None)

    assert done == [2]
    assert "ValueError" in caplog.text
    assert "Maria" not in caplog.text
