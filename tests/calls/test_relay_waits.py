"""A model that is slow while a caller is on a socket: one sentence at once, and the answer without a word of theirs."""

# ruff: noqa: F811
from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta

import pytest

from calls.dialogue import waiting
from calls.models import Turn
from calls.reasoning import asking
from calls.relay import session
from calls.relay.socket import THREADS
from clinics.practice import actions as practice
from clinics.remembered import forget_everything
from clinics.tenancy import inside
from tests.calls.network import Network
from tests.calls.test_relay import Dial, after, connected, dial, network, port  # noqa: F401  (fixtures)
from tests.far_ends.days import Day
from tests.far_ends.models import Anthropic, report
from tests.reasoning.conftest import Enter, _patient, anthropic, enter  # noqa: F401  (fixtures)

RIDDLE = "well it is about those little pink fellows of mine you see"
MOMENT = "One moment, please."


@pytest.fixture
def helped(network: Network, enter: Enter, anthropic: Anthropic, monkeypatch: pytest.MonkeyPatch) -> Anthropic:
    """A clinic that streams, and is helped by a model that is never quick enough for the turn itself."""
    with inside(network.clinic):
        practice.publish_policy(by=None, changes={"model_helps": True})
    enter(anthropic, network.clinic)
    forget_everything()
    monkeypatch.setattr(asking, "PATIENCE_SECONDS", 0.0)
    anthropic.says = report(intent="refill", confidence=0.9)
    return anthropic


def spoken(clinic_network: Network) -> list[str]:
    """The keys of all that was said after the greeting, in order."""
    with inside(clinic_network.clinic):
        turns = Turn.objects.exclude(n=0).order_by("n")
        return [sentence["key"] for turn in turns for sentence in turn.reply["say"]]


def test_a_slow_model_is_bridged_by_a_sentence_and_its_answer_follows_by_itself(
    network: Network,
    dial: Dial,
    helped: Anthropic,
) -> None:
    line, twiml = connected(network)
    with dial(line, twiml) as end:
        end.setup()

        first = end.says(RIDDLE).heard
        second = end.listen().heard

        assert end.faults == []
    assert first == [MOMENT]
    assert "Which medicine do you need?" in " ".join(second)
    assert spoken(network).count(waiting.SAYS) == 1


def test_a_model_that_never_answers_costs_one_sentence_and_the_rules_go_on(
    network: Network,
    dial: Dial,
    helped: Anthropic,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(waiting, "BUDGET", timedelta(seconds=0.5))
    monkeypatch.setattr(asking, "BUDGET_SECONDS", 0.5)
    helped.day = Day.TIME_OUT
    line, twiml = connected(network)
    with dial(line, twiml) as end:
        end.setup()

        first = end.says(RIDDLE).heard
        second = end.listen().heard

    assert first == [MOMENT]
    assert second
    assert spoken(network)[:2] == [waiting.SAYS, "sorry.unclear"]


def test_zero_reaches_a_person_while_it_thinks(
    network: Network,
    dial: Dial,
    helped: Anthropic,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session, "HELD_SECONDS", 20.0)
    helped.day = Day.TIME_OUT
    line, twiml = connected(network)
    with dial(line, twiml) as end:
        end.setup()
        end.says(RIDDLE)

        handed = end.presses("0").ended

    assert "<Dial" in after(network, line, twiml, handed)


def test_when_the_socket_dies_while_it_thinks_the_answer_comes_by_gather(
    network: Network,
    dial: Dial,
    helped: Anthropic,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session, "HELD_SECONDS", 20.0)
    line, twiml = connected(network)
    with dial(line, twiml) as end:
        end.setup()
        end.says(RIDDLE)

    document = after(network, line, twiml)
    line.action = document.split('action="')[1].split('"')[0]
    heard = network._once(line, line.action, {})

    assert "Which medicine do you need?" in " ".join(heard.sentences)


def test_while_it_thinks_no_thread_is_kept_from_other_callers(network: Network, dial: Dial, helped: Anthropic) -> None:
    """As many callers as there are threads wait for a model that never answers; the next one is answered meanwhile."""
    helped.day = Day.TIME_OUT
    with ExitStack() as stack:
        for _ in range(THREADS):
            waits = stack.enter_context(dial(*connected(network)))
            waits.setup()
            assert waits.says(RIDDLE).heard == [MOMENT]
        end = stack.enter_context(dial(*connected(network)))

        assert "1 Main Street" in " ".join(end.setup().says("what is your address").heard)

        assert "sorry.unclear" not in spoken(network)
