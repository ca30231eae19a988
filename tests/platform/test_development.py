"""When missing values are made up, and how what is made up is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from cliniqai.embedded.complaint import Complaint
from cliniqai.embedded.development import is_development, places_for_tests, read_dotenv, values
from cliniqai.embedded.places import Places
from cliniqai.environment import read

ADDRESSES = {"DATABASE_URL": "postgresql://u@h/db", "REDIS_URL": "redis://h"}


@pytest.mark.parametrize(
    ("env", "drawn_before", "made_up"),
    [
        ({}, False, True),
        ({"DEBUG": "1"} | ADDRESSES, False, True),
        (ADDRESSES, False, False),
        (ADDRESSES, True, True),
        ({"SECRET_KEY": "x"}, False, False),
        ({"DEBUG": "0"}, False, False),
        ({"DEBUG": "0"}, True, False),
    ],
)
def test_a_real_host_gets_nothing_made_up(env: dict[str, str], drawn_before: bool, made_up: bool, folder: Path) -> None:
    places = Places(folder)
    if drawn_before:
        places.secrets.write_text("SECRET_KEY=x\n")

    assert is_development(env | {"DATA_DIR": str(folder)}) is made_up


def test_what_is_made_up_is_accepted_by_the_settings(folder: Path) -> None:
    env = values({}, Places(folder)) | ADDRESSES

    assert read(env).debug
    assert env["PORT"] == env["PUBLIC_PORT"] == "8000"


def test_secrets_are_drawn_once_and_closed_to_others(folder: Path) -> None:
    places = Places(folder / "data")

    first, second = values({}, places), values({}, places)

    assert first == second
    assert places.secrets.stat().st_mode & 0o777 == 0o600
    assert values({}, Places(folder / "other"))["SECRET_KEY"] != first["SECRET_KEY"]


def test_what_is_set_already_stays(folder: Path) -> None:
    env = values({"PORT": "9000", "DEMO_PASSWORD": "chosen by me", "REQUIRE_MFA": "1"}, Places(folder))

    assert (env["PORT"], env["PUBLIC_PORT"], env["DEMO_PASSWORD"], env["REQUIRE_MFA"]) == (
        "9000",
        "9000",
        "chosen by me",
        "1",
    )


def test_two_test_runs_at_once_get_folders_of_their_own(folder: Path) -> None:
    assert places_for_tests(Places(folder)) != places_for_tests(Places(folder))


def test_a_dotenv_reads_as_people_write_it(folder: Path) -> None:
    (folder / ".env").write_text("# a comment\n\nexport PORT = 8001\nSECRET_KEY='a=b'\n")

    assert read_dotenv(folder / ".env") == {"PORT": "8001", "SECRET_KEY": "a=b"}
    assert read_dotenv(folder / "absent") == {}


def test_a_line_of_a_dotenv_that_sets_nothing_is_named(folder: Path) -> None:
    (folder / ".env").write_text("PORT=1\nnonsense\n")

    with pytest.raises(Complaint, match="line 2: write NAME=value"):
        read_dotenv(folder / ".env")


def test_a_folder_of_somebody_else_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = Places(folder / "data")
    places.run.mkdir(parents=True)
    places.sockets.symlink_to("/tmp")

    with pytest.raises(Complaint, match="belongs to somebody else"):
        places.make()


def test_a_folder_that_cannot_be_made_is_said(folder: Path) -> None:
    (folder / "file").touch()

    with pytest.raises(Complaint, match="set DATA_DIR to a folder of yours"):
        Places(folder / "file" / "data").make()
