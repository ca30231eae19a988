"""Every bad value stops the boot with one sentence that says what to do."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from cliniqai.databases import database
from cliniqai.environment import Backups, BadEnvironment, Environment, read

KEY = base64.b64encode(bytes(range(32))).decode()
PRODUCTION = {
    "DATABASE_URL": "postgresql://app:pw@db.example.org:5432/cliniqai",
    "REDIS_URL": "redis://cache.example.org:6379/0",
    "SECRET_KEY": "abcdefghijklmnopqrstuvwxyz-0123456789-ABCDEFGHIJKLM",
    "FIELD_KEYS": f"2026-11:{KEY}",
    "BASE_DOMAIN": "example.org",
    "TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
    "TWILIO_AUTH_TOKEN": "5" * 32,
}
DEMO = PRODUCTION | {
    "DEBUG": "1",
    "BASE_DOMAIN": "localhost",
    "PUBLIC_SCHEME": "http",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "demo-auth-token",
    "FIELD_KEYS": f"dev1:{KEY}",
}

REFUSED = [
    ("PROVIDER_KEY_ELEVENLABS", " abc", "blanks or signs that no credential has"),
    ("GOOGLE_TTS_API_ENDPOINT", "http://speech.example", "by https only"),
    ("ELEVENLABS_BASE_URL", "api.elevenlabs.io", "Write an address"),
    ("S3_BUCKET", "s3://voices/", "without s3://"),
    ("DATABASE_URL", "", "DATABASE_URL is missing: set it to postgresql://"),
    ("DATABASE_URL", "mysql://u@h/db", "no PostgreSQL address"),
    ("DATABASE_URL", "postgresql://u@h:notaport/db", "no PostgreSQL address"),
    ("DATABASE_URL", "postgresql://u@h:5432", "no host or no database"),
    ("DATABASE_URL", "postgresql:///db", "no host or no database"),
    ("DATABASE_URL", "postgresql://u@h/db?sslmod=require", "unknown word after the question mark, 'sslmod'"),
    ("REDIS_URL", "", "REDIS_URL is missing: set it to redis://"),
    ("REDIS_URL", "cache:6379", "no Redis address"),
    ("REDIS_URL", "redis:///0", "names no host or socket"),
    ("REDIS_URL", "redis://cache/first", "not in a database number"),
    ("REDIS_URL", "unix://run.sock", "names no host or socket"),
    ("CACHE_URL", "memcached://cache", "CACHE_URL is no Redis address"),
    ("BROKER_URL", "kafka://host", "BROKER_URL is no address of a broker: set it to amqp://"),
    ("BROKER_URL", "amqp://", "BROKER_URL is no address of a broker"),
    ("BROKER_URL", "redis:///0", "BROKER_URL names no host or socket"),
    ("BACKUP_DIR", "backups", "write the whole path of a folder"),
    ("SECRET_KEY", "", "SECRET_KEY is missing: set it to what `python -c"),
    ("SECRET_KEY", "short", "too easy to guess (5 characters)"),
    ("SECRET_KEY", "a" * 60, "too easy to guess"),
    ("SECRET_KEY", "django-insecure-abcdefghijklmnopqrstuvwxyz-0123456789", "Django's example"),
    ("FIELD_KEYS", "", "FIELD_KEYS is missing"),
    ("FIELD_KEYS", KEY, "no id of its own"),
    ("FIELD_KEYS", f"k1:{KEY},k1:{KEY}", "no id of its own"),
    ("FIELD_KEYS", "k1:c2hvcnQ=", "key k1 is not 32 bytes in base64"),
    ("FIELD_KEYS", "k1:!!!", "key k1 is not 32 bytes in base64"),
    ("FIELD_KEYS", f"k2:{KEY},dev1:{KEY}", "a key drawn for development"),
    ("BASE_DOMAIN", "https://example.org", "without https://"),
    ("BASE_DOMAIN", "example.org:443", "without https://, port"),
    ("BASE_DOMAIN", "my_clinics.org", "or underscore"),
    ("BASE_DOMAIN", "Example.org", "lower-case"),
    ("BASE_DOMAIN", "example.org.", "plain lower-case host name"),
    ("BASE_DOMAIN", "-example.org", "plain lower-case host name"),
    ("BASE_DOMAIN", "127.0.0.1", "plain lower-case host name"),
    ("PUBLIC_SCHEME", "ftp", "set it to https"),
    ("PUBLIC_SCHEME", "http", "patient data travels by https only"),
    ("PUBLIC_PORT", "70000", "from 1 to 65535"),
    ("PUBLIC_PORT", "web", "from 1 to 65535"),
    ("DEBUG", "true", "DEBUG is 'true': set it to 1 for on or 0 for off."),
    ("ASYNC_DELIVERY", "yes", "ASYNC_DELIVERY is 'yes'"),
    ("REQUIRE_MFA", "off", "REQUIRE_MFA is 'off'"),
    ("DEMO", "1", "DEMO=1 needs DEBUG=1"),
    ("CLINIQAI_PROCESS", "webb", "set it to web, worker, beat, sweeper"),
    ("TWILIO_ACCOUNT_SID", "", "TWILIO_ACCOUNT_SID is missing"),
    ("TWILIO_ACCOUNT_SID", "AC123", "TWILIO_ACCOUNT_SID is malformed"),
    ("TWILIO_ACCOUNT_SID", DEMO["TWILIO_ACCOUNT_SID"], "the demo's, which everybody knows"),
    ("TWILIO_AUTH_TOKEN", "", "TWILIO_AUTH_TOKEN is missing"),
    ("TWILIO_AUTH_TOKEN", DEMO["TWILIO_AUTH_TOKEN"], "the demo's or too short"),
    ("TWILIO_API_BASE_URL", "http://api.twilio.com", "set it to an https:// address"),
    ("TWILIO_API_BASE_URL", "api.twilio.com", "set it to an https:// address"),
    ("SMS_MODE", "yes", "SMS_MODE is 'yes': set it to on or off."),
    ("EMAIL_URL", "mail.example.org", "EMAIL_URL is no address of a mail server: set it to smtp://"),
    ("EMAIL_URL", "smtp://mail.example.org/box", "EMAIL_URL is no address of a mail server"),
    ("NUMBER_KEY", "c2hvcnQ=", "NUMBER_KEY: key NUMBER_KEY is not 32 bytes in base64"),
]


@pytest.mark.parametrize(("name", "value", "sentence"), REFUSED)
def test_a_bad_value_is_refused_with_a_sentence(name: str, value: str, sentence: str) -> None:
    with pytest.raises(BadEnvironment) as refused:
        read(PRODUCTION | {name: value})

    text = str(refused.value)
    assert sentence in text
    assert name in text
    assert "\n" not in text


@pytest.mark.parametrize("name", sorted(PRODUCTION.keys() - {"BASE_DOMAIN"}))
def test_what_production_needs_has_no_default(name: str) -> None:
    without = {key: value for key, value in PRODUCTION.items() if key != name}

    with pytest.raises(BadEnvironment, match=f"{name} is missing"):
        read(without)


def test_no_secret_is_repeated_in_a_sentence() -> None:
    for name, secret in (
        ("DATABASE_URL", "mysql://u:hunter2@h/db"),
        ("BROKER_URL", "kafka://u:hunter2@h"),
        ("FIELD_KEYS", "k1:hunter2"),
    ):
        with pytest.raises(BadEnvironment) as refused:
            read(PRODUCTION | {name: secret})
        assert "hunter2" not in str(refused.value)


def test_production_reads_as_meant() -> None:
    env = read(PRODUCTION)

    assert not env.debug
    assert env.require_mfa
    assert env.async_delivery
    assert env.public_scheme == "https"
    assert env.cache_url == env.redis_url
    assert env.broker_url == ""  # REDIS_URL wakes the workers too
    assert env.field_keys == {"2026-11": bytes(range(32))}
    assert env.twilio_api_base_url == "https://api.twilio.com"


def test_the_demo_is_accepted_with_debug_only() -> None:
    assert isinstance(read(DEMO), Environment)
    with pytest.raises(BadEnvironment):
        read(DEMO | {"DEBUG": "0"})


def test_the_newest_field_key_comes_first() -> None:
    env = read(PRODUCTION | {"FIELD_KEYS": f"new:{KEY}, old:{KEY}"})

    assert list(env.field_keys) == ["new", "old"]


def test_a_relative_data_dir_becomes_whole() -> None:
    assert read(PRODUCTION | {"DATA_DIR": "somewhere"}).data_dir == Path.cwd() / "somewhere"


def test_backups_need_a_place_that_is_not_lost_with_the_data() -> None:
    kept = PRODUCTION | {"DATA_DIR": "/var/lib/cliniqai", "BACKUP_DIR": "/mnt/backups", "BACKUP_WEEKS": "4"}

    assert read(kept).backups == Backups(Path("/mnt/backups"), days=14, weeks=4)
    assert read(PRODUCTION).backups is None
    with pytest.raises(BadEnvironment, match="lies in DATA_DIR"):
        read(kept | {"BACKUP_DIR": "/var/lib/cliniqai/backups"})
    with pytest.raises(BadEnvironment, match="BACKUP_DAYS is '0'"):
        read(kept | {"BACKUP_DAYS": "0"})


def test_a_database_url_keeps_its_tls_and_quoted_password() -> None:
    entry = database("postgres://app:p%40ss%2Fword@db:6432/main?sslmode=verify-full", web=False)

    assert (entry["USER"], entry["PASSWORD"], entry["HOST"], entry["PORT"]) == ("app", "p@ss/word", "db", "6432")
    assert entry["NAME"] == "main"
    assert entry["OPTIONS"] == {"connect_timeout": 5, "sslmode": "verify-full", "prepare_threshold": 5}


def test_a_socket_folder_is_the_host() -> None:
    entry = database("postgresql://cliniqai@/cliniqai?host=/run/sockets", web=False)

    assert (entry["HOST"], entry["PORT"], entry["NAME"]) == ("/run/sockets", "", "cliniqai")


def test_only_the_web_process_pools_and_hurries() -> None:
    web, command = (database(PRODUCTION["DATABASE_URL"], web=is_web) for is_web in (True, False))

    assert "pool" not in command["OPTIONS"]
    assert web["OPTIONS"]["pool"]["max_size"] >= 8
    assert "statement_timeout" in web["OPTIONS"]["options"]
    assert web["CONN_MAX_AGE"] == command["CONN_MAX_AGE"] == 0


def test_the_demos_account_texts_nobody_unless_a_stub_stands_in() -> None:
    stub = {"SMS_MODE": "on", "TWILIO_API_BASE_URL": "http://127.0.0.1:4010"}

    assert read(DEMO).sms_mode == "off"
    assert read(PRODUCTION).sms_mode == "on"
    assert read(DEMO | stub).sms_mode == "on"
    with pytest.raises(BadEnvironment, match="SMS_MODE is on and the account is the demo's"):
        read(DEMO | {"SMS_MODE": "on"})


def test_e_mail_is_off_until_a_server_and_a_sender_are_named() -> None:
    named = {"EMAIL_URL": "smtps://portal:p%40ss@mail.example.org", "EMAIL_FROM": "portal@example.org"}

    assert read(PRODUCTION).email is None
    with pytest.raises(BadEnvironment, match="EMAIL_FROM is missing or no address"):
        read(PRODUCTION | {"EMAIL_URL": named["EMAIL_URL"]})
    mail = read(PRODUCTION | named).email
    assert mail is not None
    assert (mail.host, mail.port, mail.password, mail.use_ssl) == ("mail.example.org", 465, "p@ss", True)


def test_the_key_of_numbers_survives_a_new_field_key() -> None:
    rotated = read(PRODUCTION | {"FIELD_KEYS": f"2027-01:{base64.b64encode(bytes(32)).decode()},2026-11:{KEY}"})

    assert rotated.number_key == read(PRODUCTION).number_key
    assert read(PRODUCTION | {"NUMBER_KEY": KEY}).number_key == bytes(range(32))


def test_providers_and_the_store_come_from_the_environment() -> None:
    told = {
        "PROVIDER_KEY_GOOGLE_SPEECH": "abc", "PROVIDER_KEY_ELEVENLABS": "", "GOOGLE_TTS_API_ENDPOINT": "http://127.0.0.1:9",
        "S3_BUCKET": "voices", "S3_ENDPOINT_URL": "https://s3.example",
    }  # fmt: skip

    found = read(PRODUCTION | told)

    assert found.provider_keys == {"google-speech": "abc"}
    assert found.provider_urls == {"google-speech": "http://127.0.0.1:9"}
    assert found.bucket is not None
    assert (found.bucket.name, found.bucket.region) == ("voices", "us-east-1")
    assert read(PRODUCTION).bucket is None


def test_the_models_to_ask_first_have_credentials() -> None:
    keys = {"PROVIDER_KEY_ANTHROPIC": "a", "PROVIDER_KEY_OPENAI": "b"}

    assert read(PRODUCTION | keys | {"LLM_PROVIDERS": "openai, anthropic"}).llm_providers == ("openai", "anthropic")
    assert read(PRODUCTION).llm_providers == ()
    with pytest.raises(BadEnvironment, match="PROVIDER_KEY_OUR_GATEWAY"):
        read(PRODUCTION | keys | {"LLM_PROVIDERS": "openai,our-gateway"})
