"""A clinic whose telephone speaks in a provider's voice, its providers on loopback and its store of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.files.storage import storages

from calls.simulator.far_end import Exchange
from calls.speech import speakers
from clinics.models import Clinic
from clinics.practice.actions import publish_policy
from clinics.remembered import forget_everything
from clinics.tenancy import inside
from tests.providers.conftest import (  # noqa: F401  (fixtures)
    Enter,
    _whole_breakers,
    elevenlabs,
    enter,
    google,
    sign,
)


@pytest.fixture(autouse=True)
def own_store(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """Files of this test only."""
    settings.MEDIA_ROOT = tmp_path
    _look_again()
    yield tmp_path
    _look_again()


def _look_again() -> None:
    """Django keeps the store that it made from the settings of before."""
    storages._storages.clear()
    from django.core.files.storage import default_storage
    from django.utils.functional import empty

    default_storage._wrapped = empty


@pytest.fixture
def speaking(north: Clinic, enter: Enter, google: Any) -> Clinic:  # noqa: F811
    """North, answered in Google's voice. Nothing is signed."""
    speakers.load(enter("google-speech", google))
    with inside(north):
        publish_policy(by=None, changes={"speech": "provider"})
    forget_everything()
    return north


Verbs = Callable[[Exchange], list[tuple[str, str]]]


def verbs(exchange: Exchange) -> list[tuple[str, str]]:
    """What the caller hears, in order: ("Say", words) or ("Play", address)."""
    root = ElementTree.fromstring(exchange.twiml)
    return [(node.tag, node.text or "") for node in root.iter() if node.tag in ("Say", "Play")]


def kinds(exchange: Exchange) -> list[str]:
    return [tag for tag, _ in verbs(exchange)]
