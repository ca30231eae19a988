"""Models on loopback, in the table of providers, for a clinic that lets a model help."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from calls.dialogue import waiting
from calls.reasoning import asking
from clinics.models import Clinic
from clinics.practice.actions import publish_policy
from clinics.practice.policies import forget
from clinics.providers.models import Provider
from clinics.remembered import forget_everything
from clinics.tenancy import inside
from tests.far_ends.days import open_to_all
from tests.far_ends.models import KEY, Anthropic, Model, OpenAI
from tests.providers.conftest import _whole_breakers, sign  # noqa: F401  (a fixture)

MODELS = {"anthropic": Anthropic, "openai": OpenAI}
Enter = Callable[..., None]


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time to answer however busy the machine is, and the libraries of models read, as where LLM_PROVIDERS is set."""
    asking.libraries()
    monkeypatch.setattr(asking, "PATIENCE_SECONDS", 20.0)
    monkeypatch.setattr(asking, "BUDGET_SECONDS", 20.0)
    monkeypatch.setattr(waiting, "BUDGET", timedelta(seconds=20))


@pytest.fixture
def anthropic() -> Iterator[Anthropic]:
    with open_to_all(Anthropic()) as far:
        yield far


@pytest.fixture
def openai() -> Iterator[OpenAI]:
    with open_to_all(OpenAI()) as far:
        yield far


@pytest.fixture(params=sorted(MODELS))
def model(request: pytest.FixtureRequest) -> Iterator[Model]:
    """Either of the two, for what holds for both."""
    with open_to_all(MODELS[request.param]()) as far:
        yield far


@pytest.fixture
def enter(transactional_db: None, settings: Any) -> Enter:
    """Put a far end into the table, and let the clinic sign with it."""

    def put(far: Model, clinic: Clinic | None, **changes: object) -> None:
        key = next(name for name, kind in MODELS.items() if isinstance(far, kind))
        told = {"base_url": far.url, "active": True, "connect_ms": 300, "answer_ms": 15000, "model": "a-model"}
        Provider.objects.filter(key=key).update(**told | changes)
        settings.PROVIDER_KEYS = {**settings.PROVIDER_KEYS, key: KEY}
        forget_everything()
        if clinic is not None:
            sign(clinic, key)

    return put


@pytest.fixture
def helped(transactional_db: None) -> Clinic:
    """A clinic that lets a model help."""
    clinic = Clinic.objects.get(slug="north")
    with inside(clinic):
        publish_policy(by=None, changes={"model_helps": True})
        forget()
    return clinic
