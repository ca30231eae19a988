"""Values in Redis are sealed, bound to their name and clinic, and never trusted."""

from __future__ import annotations

import logging
import os
import time
from typing import Any

import pytest
from redis import Redis

from clinics import sealed
from clinics.models import Clinic
from clinics.tenancy import inside

CANARY = "Zephyrine Quillfeather"


@pytest.fixture
def redis(settings: Any) -> Redis:
    return Redis.from_url(settings.CACHE_URL)


def keys_of(redis: Redis) -> list[bytes]:
    return sorted(redis.keys("sealed:*"))


def test_a_value_comes_back_and_is_unreadable_in_redis(north: Clinic, redis: Redis) -> None:
    with inside(north):
        sealed.put("call:1", {"name": CANARY, "n": [1, None, True]}, ttl=60)

        assert sealed.get("call:1") == {"name": CANARY, "n": [1, None, True]}
    assert CANARY.encode() not in redis.get("sealed:north:call:1")
    assert 0 < redis.ttl("sealed:north:call:1") <= 60


def test_another_clinic_has_another_value(north: Clinic, south: Clinic) -> None:
    with inside(north):
        sealed.put("call:2", {"a": 1}, ttl=60)
    with inside(south):
        assert sealed.get("call:2") is None


def test_a_value_moved_under_another_name_or_clinic_is_a_miss(north: Clinic, south: Clinic, redis: Redis) -> None:
    with inside(north):
        sealed.put("call:3", {"a": 1}, ttl=60)
        redis.set("sealed:north:call:4", redis.get("sealed:north:call:3"), ex=60)
        redis.set("sealed:south:call:3", redis.get("sealed:north:call:3"), ex=60)
        assert sealed.get("call:4") is None
    with inside(south):
        assert sealed.get("call:3") is None


@pytest.mark.parametrize("junk", [b"", b"x", b"k1:", b"\xff" * 50, b'{"a": 1}', b"nokey:" + b"0" * 60])
def test_what_somebody_wrote_into_redis_is_a_miss(north: Clinic, redis: Redis, junk: bytes) -> None:
    redis.set("sealed:north:call:5", junk, ex=60)

    with inside(north):
        assert sealed.get("call:5") is None


def test_every_flipped_bit_is_a_miss(north: Clinic, redis: Redis) -> None:
    with inside(north):
        sealed.put("call:6", {"a": 1}, ttl=60)
        whole = redis.get("sealed:north:call:6")
        for place in range(len(whole)):
            redis.set("sealed:north:call:6", whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :], ex=60)
            assert sealed.get("call:6") is None, place


def test_an_old_key_still_opens_and_the_newest_seals(north: Clinic, settings: Any) -> None:
    old = dict(settings.FIELD_KEYS)
    with inside(north):
        sealed.put("call:7", {"a": 1}, ttl=60)
        settings.FIELD_KEYS = {"new": os.urandom(32)} | old
        assert sealed.get("call:7") == {"a": 1}
        sealed.put("call:7", {"a": 2}, ttl=60)
        settings.FIELD_KEYS = old
        assert sealed.get("call:7") is None


def test_dropping(north: Clinic) -> None:
    with inside(north):
        sealed.put("call:8", [1], ttl=60)
        sealed.drop("call:8")
        assert sealed.get("call:8") is None


def test_a_value_without_an_end_is_refused(north: Clinic) -> None:
    with inside(north), pytest.raises(ValueError, match="ttl"):
        sealed.put("call:9", {}, ttl=0)


def test_a_dead_redis_costs_one_failure_and_then_nothing(
    north: Clinic, monkeypatch: Any, caplog: pytest.LogCaptureFixture
) -> None:
    dead = Redis.from_url("redis://127.0.0.1:1", socket_connect_timeout=0.3, socket_timeout=0.3)
    monkeypatch.setattr(sealed, "_redis", lambda: dead)

    with inside(north), caplog.at_level(logging.WARNING):
        started = time.monotonic()
        for _ in range(200):
            sealed.put("call:10", {"name": CANARY}, ttl=60)
            assert sealed.get("call:10") is None
        took = time.monotonic() - started

    assert took < 1
    assert len(caplog.records) == 1
    assert CANARY not in caplog.text
    sealed.breaker.reset()
