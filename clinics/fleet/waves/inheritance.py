"""Group over clinic: what a group has locked no clinic changes; what it has not is noted as the clinic's own."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from clinics.fleet.waves.models import GroupMember


def check_locks(clinic_id: int, wanted: Mapping[str, object]) -> None:
    """Raise `ValidationError` by field for what the clinic's group keeps the same in all its clinics."""
    member = _member(clinic_id)
    if member is None:
        return
    locked = {name for name in member.group.locked if name in member.group.settings}
    refused = {name for name in locked & set(wanted) if wanted[name] != member.group.settings[name]}
    if refused:
        told = gettext("%(group)s keeps this the same in all its clinics.") % {"group": member.group.name}
        raise ValidationError({name: [told] for name in sorted(refused)})


def note_own(clinic_id: int, wanted: Mapping[str, object]) -> None:
    """Remember in which of its group's fields a clinic has just chosen otherwise, and in which it has come back."""
    member = _member(clinic_id)
    if member is None:
        return
    own = set(member.own)
    for name in set(wanted) & set(member.group.settings):
        same = wanted[name] == member.group.settings[name]
        own = own - {name} if same else own | {name}
    if own != set(member.own):
        GroupMember.objects.filter(pk=member.pk).update(own=sorted(own))


def of_group(clinic_id: int) -> dict[str, object]:
    """What holds in a clinic because of its group: all that the group says where the clinic has not its own."""
    member = _member(clinic_id)
    if member is None:
        return {}
    return {name: value for name, value in member.group.settings.items() if not is_own(member, name)}


def is_own(member: GroupMember, name: str) -> bool:
    """Whether a clinic may keep what it has chosen itself here."""
    return name in member.own and name not in member.group.locked


def _member(clinic_id: int) -> GroupMember | None:
    return GroupMember.objects.select_related("group").filter(pk=clinic_id).first()
