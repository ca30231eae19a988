"""What people may send about an escalation."""

from __future__ import annotations

from django import forms


class ResolveForm(forms.Form):
    """How it ended. Which outcome asks for a reason is `policy.check_outcome`'s business."""

    outcome = forms.CharField(required=False, max_length=16)
    reason = forms.CharField(required=False, max_length=300)


class TakeOverForm(forms.Form):
    """Whom the page showed as the one who has it."""

    held_by = forms.UUIDField()


class ReopenForm(forms.Form):
    """Why it is opened again; `policy.check_reason_to_reopen` asks for it."""

    why = forms.CharField(required=False, max_length=300)
