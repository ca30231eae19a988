"""What proves a person besides the password: authenticator apps, passkeys and recovery codes, kept by django-allauth.

The steps of signing in are ours (`steps.py`), because allauth counts wrong codes and marks used ones in the cache: a
flush would give them back. Here a used code is a number in the person's row.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from allauth.mfa import app_settings
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.webauthn.internal import auth as webauthn
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from clinics import sealed
from clinics.people.models import User
from clinics.tenancy import host_of

STRONG = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
LONGEST_CREDENTIAL = 20_000
MOST_PASSKEYS = 10

_whose: ContextVar[str] = ContextVar("clinics.people.factors.whose")


class Adapter(DefaultMFAAdapter):
    """Secrets are sealed for one person of one clinic: copied to another row or schema, they do not open."""

    def encrypt(self, text: str) -> str:
        return sealed.seal_text(text, about=_whose.get())

    def decrypt(self, encrypted_text: str) -> str:
        return sealed.unseal_text(encrypted_text, about=_whose.get())

    def get_totp_issuer(self) -> str:
        return connection.tenant.name if getattr(connection.tenant, "name", "") else "CliniqAI"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        from allauth.core import context

        return {"id": host_of(context.request), "name": self.get_totp_issuer()}


@contextmanager
def _secrets_of(user: User) -> Iterator[None]:
    token = _whose.set(f"second step:{connection.schema_name}:{user.pk}")
    try:
        yield
    finally:
        _whose.reset(token)


# --- What a person has -----------------------------------------------------------------------------------------------
def factors_of(user: User) -> QuerySet[Authenticator]:
    return Authenticator.objects.filter(user_id=user.pk).order_by("created_at")


def has_second_step(user: User) -> bool:
    """Whether a password alone does not let this person in."""
    return factors_of(user).filter(type__in=STRONG).exists()


def kinds_of(user: User) -> frozenset[str]:
    return frozenset(factors_of(user).values_list("type", flat=True))


def passkeys_of(user: User) -> list[Authenticator]:
    return list(factors_of(user).filter(type=Authenticator.Type.WEBAUTHN))


def forget_all(user: User) -> int:
    """Take every second step away from a person; returns how many there were."""
    count = factors_of(user).filter(type__in=STRONG).count()
    factors_of(user).delete()
    return count


def forget(user: User, factor_id: int) -> bool:
    """Take one passkey or the app away; recovery codes go with the last of them."""
    gone, _ = factors_of(user).filter(pk=factor_id, type__in=STRONG).delete()
    if gone and not has_second_step(user):
        factors_of(user).delete()
    return bool(gone)


# --- An authenticator app --------------------------------------------------------------------------------------------
def new_secret() -> str:
    return totp.generate_totp_secret()


def address_of_secret(user: User, secret: str) -> str:
    """What the QR code says."""
    return Adapter().build_totp_url(user, secret)


def picture_of(address: str) -> str:
    """The QR code as an SVG data address: an image, so that it needs no markup of its own."""
    import base64

    return "data:image/svg+xml;base64," + base64.b64encode(Adapter().build_totp_svg(address).encode()).decode()


def add_app(user: User, secret: str, code: str) -> bool:
    """Make an authenticator app the person's second step if its code is right."""
    if not _is_now(secret, code) or not _use_step(user):
        return False
    with _secrets_of(user):
        factors_of(user).filter(type=Authenticator.Type.TOTP).delete()
        totp.TOTP.activate(user, secret)
    return True


def check_code(user: User, code: str) -> bool:
    """Whether this is the app's code of this half minute, and nobody has used it yet."""
    app = factors_of(user).filter(type=Authenticator.Type.TOTP).first()
    if app is None:
        return False
    with _secrets_of(user):
        right = _is_now(Adapter().decrypt(app.data["secret"]), code)
    if not (right and _use_step(user)):
        return False
    app.record_usage()
    return True


def _is_now(secret: str, code: str) -> bool:
    return totp.validate_totp_code(secret, "".join(code.split()))


def _use_step(user: User) -> bool:
    """Mark this half minute as used, once: two at the same moment cannot both have it, and no flush undoes it."""
    step = int(time.time()) // app_settings.TOTP_PERIOD
    unused = Q(totp_step=None) | Q(totp_step__lt=step)
    return User.objects.filter(unused, pk=user.pk).update(totp_step=step) == 1


# --- Recovery codes --------------------------------------------------------------------------------------------------
def new_recovery_codes(user: User) -> list[str]:
    """A fresh set; every earlier one is void. This is the only time that they are shown."""
    with _secrets_of(user):
        factors_of(user).filter(type=Authenticator.Type.RECOVERY_CODES).delete()
        return RecoveryCodes.activate(user).generate_codes()


def has_recovery_codes(user: User) -> bool:
    return factors_of(user).filter(type=Authenticator.Type.RECOVERY_CODES).exists()


def recovery_codes_left(user: User) -> int:
    row = factors_of(user).filter(type=Authenticator.Type.RECOVERY_CODES).first()
    return app_settings.RECOVERY_CODE_COUNT - int(row.data["used_mask"]).bit_count() if row else 0


def check_recovery_code(user: User, code: str) -> bool:
    """Whether this is one of the person's recovery codes; it is used up by that."""
    row = factors_of(user).filter(type=Authenticator.Type.RECOVERY_CODES).first()
    if row is None:
        return False
    with _secrets_of(user):
        right = RecoveryCodes(row).validate_code("".join(code.split()).replace("-", ""))
    if right:
        factors_of(user).get(type=Authenticator.Type.RECOVERY_CODES).record_usage()
    return right


# --- Passkeys --------------------------------------------------------------------------------------------------------
def ask_for_passkey(request: HttpRequest, user: User | None = None) -> dict[str, Any]:
    """What the browser needs to ask for a passkey: of this person, or of whoever is there."""
    return webauthn.begin_authentication(user)


def offer_passkey(request: HttpRequest, user: User) -> dict[str, Any]:
    """What the browser needs to make a passkey that names its person and checks who holds it."""
    return webauthn.begin_registration(user, passwordless=True)


def add_passkey(user: User, name: str, answer: str) -> bool:
    """Keep the passkey that a browser has made."""
    try:
        credential = _read(answer)
        webauthn.complete_registration(credential)
    except ValidationError:
        return False
    webauthn.WebAuthn.add(user, name, credential)
    return True


def check_passkey(answer: str, user: User | None = None) -> User | None:
    """Whose passkey has signed; None unless it is an active person's, and the named one's where one is named."""
    try:
        response = _read(answer)
        found = webauthn.extract_user_from_response(response)
        if not found.is_active or (user is not None and found.pk != user.pk):
            return None
        factor = webauthn.complete_authentication(found, response)
    except ValidationError:
        return None
    factor.record_usage()
    return found


def _read(answer: str) -> dict[str, Any]:
    """The browser's JSON. Raise `ValidationError` for anything else."""
    try:
        found = json.loads(answer[:LONGEST_CREDENTIAL])
    except (ValueError, RecursionError) as unreadable:
        raise ValidationError("not a credential") from unreadable
    if not isinstance(found, dict) or not isinstance(found.get("response"), dict):
        raise ValidationError("not a credential")
    return found
