"""Two clinic admins of north, one of south, and a rule that no shipped one knows."""

from __future__ import annotations

from typing import Any

import pytest

from calls.workbench.composing import Draft
from clinics.models import Clinic
from clinics.people.models import User
from clinics.people.roles import Role
from clinics.tenancy import inside
from tests.workbench.rules import ABSCESS


@pytest.fixture
def erin(north: Clinic) -> User:
    """The second admin of north."""
    with inside(north):
        return User.objects.create_user("erin@north.test", None, name="Erin Wolf", role=Role.ADMIN)


@pytest.fixture
def frank(south: Clinic) -> User:
    """The admin of south."""
    with inside(south):
        return User.objects.create_user("frank@south.test", None, name="Frank Ito", role=Role.ADMIN)


@pytest.fixture
def abscess() -> Draft:
    return ABSCESS


@pytest.fixture
def form() -> dict[str, Any]:
    """The abscess as a browser sends it."""
    return {
        "sort": "added",
        "title": "Tooth abscess",
        "language": "en",
        "first": "tooth, jaw, wisdom tooth",
        "second": "abscess, swollen",
        "third": "",
        "how": "near",
        "unless": "dentist",
        "kind": "emergency",
        "reason": "tooth abscess",
        "source": "Agreed with the oral surgeon",
        "fires": "my jaw is swollen\nthere is an abscess on my tooth",
        "quiet": "my tooth is fine",
    }
