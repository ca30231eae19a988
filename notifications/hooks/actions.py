"""Every deed that writes a webhook: an admin registers, tests, switches on, removes."""

from __future__ import annotations

import secrets
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext

from clinics import audit
from clinics.people.models import User
from clinics.sealed import seal_text
from clinics.tenancy import current_clinic, inside
from notifications.events import announce
from notifications.hooks.addresses import BadAddress, check_url
from notifications.hooks.models import MOST_PER_CLINIC, Webhook


class Refused(Exception):
    """A deed that is refused; the text is the sentence that the person reads."""


def register(*, by: User, url: str) -> tuple[Webhook, str]:
    """A new webhook of the clinic, and its secret, which is shown this once. Raise `Refused`."""
    try:
        check_url(url)
    except BadAddress as bad:
        raise Refused(str(bad)) from bad
    clinic = current_clinic()
    if Webhook.objects.standing().filter(clinic=clinic).count() >= MOST_PER_CLINIC:
        raise Refused(gettext("A clinic has at most %(most)s webhooks. Remove one first.") % {"most": MOST_PER_CLINIC})
    secret = secrets.token_urlsafe(32)
    hook = Webhook(id=uuid4(), clinic=clinic, url=url, made_by=by.pk)
    hook.secret_sealed = seal_text(secret, about=hook.sealed_as)
    try:
        with transaction.atomic():
            hook.save(force_insert=True)
            _note(by, hook, "", "registered")
    except IntegrityError as taken:
        raise Refused(gettext("There is a webhook with this address already.")) from taken
    return hook, secret


@transaction.atomic
def test(*, by: User, hook_id: UUID) -> Webhook:
    """Send a ping through the ordinary road."""
    hook = _of_clinic(hook_id)
    if hook.disabled_at:
        raise Refused(gettext("It is switched off. Switch it on first."))
    announce(
        kind="webhook.ping", about=hook.id, path="/settings/webhooks/", key=f"webhook.ping:{uuid4()}",
        audience=[hook.id], test=True,
    )  # fmt: skip
    _note(by, hook, "", "tested")
    return hook


@transaction.atomic
def switch_on(*, by: User, hook_id: UUID) -> Webhook:
    """Tell it again, from the next announcement on; what was given up stays with the dead letters."""
    hook = _of_clinic(hook_id)
    Webhook.objects.filter(pk=hook.pk).update(disabled_at=None, disabled_told=False, failures=0, last_code="")
    _note(by, hook, "off" if hook.disabled_at else "on", "on")
    return hook


@transaction.atomic
def remove(*, by: User, hook_id: UUID) -> None:
    """Tell it nothing more."""
    hook = _of_clinic(hook_id)
    Webhook.objects.filter(pk=hook.pk).update(removed_at=Now())
    _note(by, hook, "registered", "removed")


def tell_of_switched_off() -> int:
    """Tell the admins of each clinic whose webhook was switched off by its failures, once; returns how many."""
    told = 0
    for hook in Webhook.objects.standing().filter(disabled_told=False).exclude(disabled_at=None)[:50]:
        with inside(hook.clinic), transaction.atomic():
            if Webhook.objects.filter(pk=hook.pk, disabled_told=False).update(disabled_told=True):
                announce(
                    kind="webhook.disabled", about=hook.id, path="/settings/webhooks/",
                    key=f"webhook.disabled:{uuid4()}",
                )  # fmt: skip
                told += 1
    return told


def _of_clinic(hook_id: UUID) -> Webhook:
    """One of this clinic's. Raises `Webhook.DoesNotExist`."""
    return Webhook.objects.standing().get(pk=hook_id, clinic=current_clinic())


def _note(by: User, hook: Webhook, before: str, after: str) -> None:
    audit.record_change(by=by, of=hook, changes={"webhook": (before, after)})
