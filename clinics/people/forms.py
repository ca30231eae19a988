"""What people type to sign in, to prove who they are, and to change how they do it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy

from clinics.people.actions import CLINIC_ROLES
from clinics.people.roles import LABELS

ADDRESS_ERRORS = {
    "required": gettext_lazy("Enter your e-mail address."),
    "invalid": gettext_lazy("Enter an e-mail address like name@clinic.org."),
}
_ADDRESS = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}


def _address(label: str = gettext_lazy("E-mail"), **attributes: str) -> forms.EmailField:
    widget = forms.EmailInput(attrs=_ADDRESS | attributes)
    return forms.EmailField(label=label, max_length=254, error_messages=ADDRESS_ERRORS, widget=widget)


def _password(label: str, autocomplete: str, hint: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=200,
        strip=False,
        help_text=hint,
        error_messages={"required": gettext_lazy("Enter your password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
    )


RULES_OF_PASSWORDS = gettext_lazy(
    "At least 12 characters, not a common password, not like your name. A short sentence works well."
)


class SignInForm(forms.Form):
    """E-mail and password. It says the same for a wrong password, an unknown person and one who left."""

    email = _address()
    password = _password(gettext_lazy("Password"), "current-password")
    next = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)


class CodeForm(forms.Form):
    """Six digits from an app; spaces in them are nothing."""

    code = forms.CharField(
        label=gettext_lazy("Code from your app"),
        max_length=20,
        error_messages={"required": gettext_lazy("Enter the six digits that your app shows.")},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class RecoveryForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("Recovery code"),
        max_length=40,
        help_text=gettext_lazy("One of the codes that you printed. Each works once."),
        error_messages={"required": gettext_lazy("Enter one of your recovery codes.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class ForgotForm(forms.Form):
    email = _address()


class NewAddressForm(forms.Form):
    email = _address(gettext_lazy("New e-mail address"), autocomplete="email")


class PasswordForm(forms.Form):
    """A new password, typed once and readable on request: typing it twice makes people choose shorter ones."""

    password = _password(gettext_lazy("New password"), "new-password", RULES_OF_PASSWORDS)


class JoinForm(PasswordForm):
    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=120,
        help_text=gettext_lazy("As colleagues see it, such as Dr. Ana Ruiz."),
        error_messages={"required": gettext_lazy("Enter your name.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ["name", "password"]


class NameForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=120,
        error_messages={"required": gettext_lazy("Enter your name.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


class InviteForm(forms.Form):
    email = _address(gettext_lazy("E-mail of the new person"), autocomplete="off")
    role = forms.ChoiceField(
        label=gettext_lazy("Role"), choices=[(role.value, gettext_lazy(LABELS[role.value])) for role in CLINIC_ROLES]
    )


def describe(form: forms.Form) -> forms.Form:
    """The form with each field's hint and error tied to it, as a screen reader reads them."""
    for bound in form.visible_fields():
        said: dict[str, Any] = {}
        ids = [f"{bound.id_for_label}_hint"] if bound.help_text else []
        if form.is_bound and bound.errors:
            said["aria-invalid"] = "true"
            ids.append(f"{bound.id_for_label}_error")
        if ids:
            said["aria-describedby"] = " ".join(ids)
        bound.field.widget.attrs |= said
    return form


def email_is_on() -> bool:
    """Whether letters leave this server."""
    return settings.EMAIL_MODE == "on"
