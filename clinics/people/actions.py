"""Every deed about people and how they sign in. Each ends what it must end at once: sessions, streams, trust."""

from __future__ import annotations

import logging

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from clinics import audit
from clinics.people import factors, lending, links
from clinics.people.models import ApiToken, OneTimeLink, Purpose, Session, SignInRules, User
from clinics.people.roles import Role
from clinics.tenancy import PUBLIC

logger = logging.getLogger(__name__)

CLINIC_ROLES = (Role.STAFF, Role.DOCTOR, Role.ADMIN, Role.AUDITOR)
NO_ROLE = gettext_lazy("A clinic has staff, doctors, admins and auditors.")
LAST_ADMIN = gettext_lazy("This is the last clinic admin. Make somebody else an admin first.")
OWN = gettext_lazy("Ask another admin to do this to your own account.")


# --- The trail -----------------------------------------------------------------------------------------------------
def _note(by: User | None, of: User | tuple[type, str], **changes: tuple[object, object]) -> None:
    """One row in the clinic's trail; operators have no trail of a clinic, so theirs is the log."""
    if connection.schema_name == PUBLIC:
        logger.info("people: %s of %s by %s", ", ".join(changes), getattr(of, "pk", "-"), getattr(by, "pk", "-"))
    else:
        audit.record_change(by=by, of=of if isinstance(of, tuple) else (User, of.pk), changes=changes)


def note_sign_in(*, user: User, second: str) -> None:
    """Somebody has signed in; a recovery code is told to its owner, who may not have been the one."""
    with transaction.atomic():
        _note(user, user, sign_in=("", f"done {second}".strip()))
        if second == "recovery":
            _tell(user)


def note_refused(*, user: User | None, step: str) -> None:
    """A try that failed. The same work for somebody as for nobody, so that its time tells nothing."""
    _note(None, user or (User, ""), sign_in=("", f"refused {step}"))


def _tell(user: User) -> None:
    if connection.schema_name != PUBLIC:
        lending.notice(user.pk)


# --- Sessions --------------------------------------------------------------------------------------------------------
def end_session(*, by: User, session: Session) -> None:
    """End one of a person's sessions, the open event stream included."""
    with transaction.atomic():
        session.delete()
        _note(by, session.user, sessions=(1, 0))
        lending.recheck_streams()


def end_sessions(*, by: User | None, user: User, but: str | None = None) -> int:
    """End all of a person's sessions and every trust in a computer; `but` is the key of the one that stays."""
    with transaction.atomic():
        ended, _ = Session.objects.of(user).exclude(pk=but or "").delete()
        user.signed_out_at = timezone.now()
        user.save(update_fields=["signed_out_at"])
        _note(by, user, sessions=(ended, 0))
        lending.recheck_streams()
    return ended


# --- One's own account -----------------------------------------------------------------------------------------------
def rename(*, by: User, name: str) -> None:
    by.name = name.strip()
    by.full_clean(exclude=["password"])
    by.save(update_fields=["name"])


def set_single_keys(*, by: User, on: bool) -> None:
    by.single_keys = on
    by.save(update_fields=["single_keys"])


def set_spanish(*, by: User, speaks: bool) -> None:
    by.speaks_spanish = speaks
    by.save(update_fields=["speaks_spanish"])


def set_language(*, by: User, language: str) -> None:
    """One of `settings.LANGUAGES`, or "" for the clinic's."""
    by.language = language
    by.save(update_fields=["language"])


def change_password(*, user: User, password: str, but: str | None = None) -> None:
    """A new password: every other session of the person ends. The second step stays. Raises `ValidationError`."""
    validate_password(password, user)
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        OneTimeLink.objects.live().filter(user=user).update(withdrawn_at=Now())
        _note(user, user, password_changed=("", "yes"))
        end_sessions(by=user, user=user, but=but)
        _tell(user)


def ask_for_new_address(*, by: User, email: str) -> None:
    """Write to the new address, whose link confirms it; earlier ones are void. Nothing changes until then.

    Nobody learns whether a colleague has the address: then no letter leaves. Raises `ValidationError`.
    """
    email = email.strip().lower()
    if email == by.email:
        raise ValidationError({"email": [gettext("You sign in with this address already.")]})
    with transaction.atomic():
        OneTimeLink.objects.live().filter(user=by, purpose=Purpose.MOVE).update(withdrawn_at=Now())
        _note(by, by, new_address=("", "asked for"))
        if not User.objects.filter(email=email).exists():
            _make(Purpose.MOVE, email=email, user=by, made_by=by)


def change_address(*, user: User, link: OneTimeLink, but: str | None = None) -> None:
    """The new address is proven: every other session ends, and the old address is told. Raises `ValidationError`."""
    with transaction.atomic():
        _use(link)
        if User.objects.filter(email=link.email).exists():
            raise ValidationError(gettext("Somebody signs in with this address by now."))
        OneTimeLink.objects.filter(pk=link.pk).update(former_email=user.email)
        OneTimeLink.objects.live().filter(user=user).update(withdrawn_at=Now())
        user.email = link.email
        user.save(update_fields=["email"])
        _note(user, user, address_changed=("", "yes"))
        end_sessions(by=user, user=user, but=but)
        lending.farewell(user.pk, link.pk)
        _tell(user)


def add_app(*, user: User, secret: str, code: str, but: str | None = None) -> bool:
    """Make an authenticator app the second step, if its code is right; other sessions end."""
    with transaction.atomic():
        if not factors.add_app(user, secret, code):
            return False
        _changed_second_step(user, "app added", but)
    return True


def add_passkey(*, user: User, name: str, answer: str, but: str | None = None) -> bool:
    with transaction.atomic():
        if not factors.add_passkey(user, name, answer):
            return False
        _changed_second_step(user, "passkey added", but)
    return True


def remove_factor(*, user: User, factor_id: int, but: str | None = None) -> bool:
    with transaction.atomic():
        if not factors.forget(user, factor_id):
            return False
        _changed_second_step(user, "one removed", but)
    return True


def _changed_second_step(user: User, what: str, but: str | None) -> None:
    _note(user, user, second_step=("", what))
    end_sessions(by=user, user=user, but=but)
    _tell(user)


def renew_recovery_codes(*, user: User) -> list[str]:
    """A fresh set, shown once; the earlier ones are void."""
    with transaction.atomic():
        codes = factors.new_recovery_codes(user)
        _note(user, user, second_step=("", "recovery codes made"))
    return codes


def revoke_token(*, by: User, token: ApiToken) -> None:
    with transaction.atomic():
        ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=Now())
        _note(by, token.user, api_token=("open", "revoked"))


# --- What a clinic admin does to others ------------------------------------------------------------------------------
def change_role(*, by: User, user: User, role: Role) -> None:
    """Another role, from the next click on; what is open as the old one ends. Raises `ValidationError`."""
    if role not in CLINIC_ROLES:
        raise ValidationError({"role": [NO_ROLE]})
    with transaction.atomic():
        _check_other(by, user, leaves_admin=role != Role.ADMIN)
        before, user.role = user.role, role
        user.save(update_fields=["role"])
        _note(by, user, role=(before, role))
        end_sessions(by=by, user=user)


def deactivate(*, by: User, user: User) -> None:
    """Somebody has left: sessions, streams and API tokens end at once. Raises `ValidationError`."""
    with transaction.atomic():
        _check_other(by, user, leaves_admin=True)
        user.is_active = False
        user.save(update_fields=["is_active"])
        user.tokens.filter(revoked_at=None).update(revoked_at=Now())
        OneTimeLink.objects.live().filter(user=user).update(withdrawn_at=Now())
        _note(by, user, is_active=(True, False))
        end_sessions(by=by, user=user)


def reactivate(*, by: User, user: User) -> None:
    with transaction.atomic():
        user.is_active = True
        user.save(update_fields=["is_active"])
        _note(by, user, is_active=(False, True))


def reset_second_step(*, by: User, user: User) -> None:
    """Who lost every key starts again with the password; they are told. Raises `ValidationError`."""
    with transaction.atomic():
        if by.pk == user.pk:
            raise ValidationError(OWN)
        count = factors.forget_all(user)
        _note(by, user, second_step=(count, "reset"))
        end_sessions(by=by, user=user)
        _tell(user)


def set_rules(*, by: User, trust_computers: bool) -> None:
    """What the clinic lets its people do at the door."""
    with transaction.atomic():
        before = SignInRules.objects.filter(trust_computers=True).exists()
        rules, _ = SignInRules.objects.update_or_create(only=True, defaults={"trust_computers": trust_computers})
        if before != trust_computers:
            audit.record_change(by=by, of=rules, changes={"trust_computers": (before, trust_computers)})


def _check_other(by: User, user: User, *, leaves_admin: bool) -> None:
    if by.pk == user.pk:
        raise ValidationError(OWN)
    admins = User.objects.active().with_role(Role.ADMIN).select_for_update()
    if leaves_admin and user.role == Role.ADMIN and not any(admin.pk != user.pk for admin in admins):
        raise ValidationError(LAST_ADMIN)


# --- Letters ---------------------------------------------------------------------------------------------------------
def invite(*, by: User, email: str, role: Role) -> OneTimeLink:
    """Invite somebody; an open invitation of the same address is replaced. Raises `ValidationError`."""
    email = email.strip().lower()
    if role not in CLINIC_ROLES:
        raise ValidationError({"role": [NO_ROLE]})
    if User.objects.filter(email=email).exists():
        raise ValidationError({"email": [gettext("Somebody of this clinic signs in with this address already.")]})
    with transaction.atomic():
        OneTimeLink.objects.invitations().open().filter(email=email).update(withdrawn_at=Now())
        link = _make(Purpose.INVITE, email=email, role=role, made_by=by)
        _note(by, (User, ""), invited_as=("", role))
    return link


def withdraw_invitation(*, by: User, link: OneTimeLink) -> None:
    with transaction.atomic():
        if OneTimeLink.objects.live().filter(pk=link.pk).update(withdrawn_at=Now()):
            _note(by, (User, ""), invited_as=(link.role, "withdrawn"))


def ask_for_reset(*, email: str) -> None:
    """Send a link for a new password, if somebody active signs in with this address."""
    user = User.objects.active().filter(email=email.strip().lower()).first()
    if user is not None:
        make_reset(by=None, user=user)


def make_reset(*, by: User | None, user: User) -> OneTimeLink:
    """A link for a new password; earlier ones are void."""
    with transaction.atomic():
        OneTimeLink.objects.live().filter(user=user).update(withdrawn_at=Now())
        link = _make(Purpose.RESET, email=user.email, user=user, made_by=by)
        _note(by, user, password_link=("", "made"))
    return link


def _make(purpose: Purpose, **fields: object) -> OneTimeLink:
    link = OneTimeLink.objects.create(purpose=purpose, expires_at=links.end_of(purpose), **fields)
    lending.post(links.KINDS[purpose], link.pk)
    return link


def _use(link: OneTimeLink) -> None:
    """Take a link, once. Raises `ValidationError` for who comes second."""
    if not OneTimeLink.objects.live().filter(pk=link.pk).update(used_at=Now()):
        raise ValidationError(gettext("This link has been used, or it has ended."))


def join(*, link: OneTimeLink, name: str, password: str) -> User:
    """The invited person has a name and a password now. Raises `ValidationError`."""
    user = User(email=link.email, name=name.strip(), role=link.role)
    validate_password(password, user)
    user.set_password(password)
    with transaction.atomic():
        _use(link)
        user.full_clean()
        user.save(force_insert=True)
        _note(user, user, joined_as=("", link.role))
    return user


def reset_password(*, link: OneTimeLink, password: str) -> User:
    """A new password by a link: sessions end, the second step stays. Raises `ValidationError`."""
    user = link.user
    assert user is not None  # the table's own constraint
    validate_password(password, user)
    with transaction.atomic():
        _use(link)
        change_password(user=user, password=password)
    return user
