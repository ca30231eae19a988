"""What people type to sign in, to prove who they are, and to change how they do it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings

from clinics.people.actions import CLINIC_ROLES

ADDRESS_ERRORS = {
    "required": "Enter your e-mail address.",
    "invalid": "Enter an e-mail address like name@clinic.org.",
}
_ADDRESS = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}


def _address(label: str = "E-mail", **attributes: str) -> forms.EmailField:
    widget = forms.EmailInput(attrs=_ADDRESS | attributes)
    return forms.EmailField(label=label, max_length=254, error_messages=ADDRESS_ERRORS, widget=widget)


def _password(label: str, autocomplete: str, hint: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=200,
        strip=False,
        help_text=hint,
        error_messages={"required": "Enter your password."},
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
    )


RULES_OF_PASSWORDS = "At least 12 characters, not a common password, not like your name. A short sentence works well."


class SignInForm(forms.Form):
    """E-mail and password. It says the same for a wrong password, an unknown person and one who left."""

    email = _address()
    password = _password("Password", "current-password")
    next = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)


class CodeForm(forms.Form):
    """Six digits from an app; spaces in them are nothing."""

    code = forms.CharField(
        label="Code from your app",
        max_length=20,
        error_messages={"required": "Enter the six digits that your app shows."},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class RecoveryForm(forms.Form):
    code = forms.CharField(
        label="Recovery code",
        max_length=40,
        help_text="One of the codes that you printed. Each works once.",
        error_messages={"required": "Enter one of your recovery codes."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class ForgotForm(forms.Form):
    email = _address()


class NewAddressForm(forms.Form):
    email = _address("New e-mail address", autocomplete="email")


class PasswordForm(forms.Form):
    """A new password, typed once and readable on request: typing it twice makes people choose shorter ones."""

    password = _password("New password", "new-password", RULES_OF_PASSWORDS)


class JoinForm(PasswordForm):
    name = forms.CharField(
        label="Your name",
        max_length=120,
        help_text="As colleagues see it, such as Dr. Ana Ruiz.",
        error_messages={"required": "Enter your name."},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ["name", "password"]


class NameForm(forms.Form):
    name = forms.CharField(
        label="Name",
        max_length=120,
        error_messages={"required": "Enter your name."},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


class InviteForm(forms.Form):
    email = _address("E-mail of the new person", autocomplete="off")
    role = forms.ChoiceField(label="Role", choices=[(role.value, role.label) for role in CLINIC_ROLES])


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
