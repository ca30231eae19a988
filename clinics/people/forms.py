"""What people type to sign in."""

from __future__ import annotations

from django import forms


class SignInForm(forms.Form):
    """E-mail and password. It says the same for a wrong password, an unknown person and one who left."""

    email = forms.EmailField(
        label="E-mail",
        max_length=254,
        error_messages={
            "required": "Enter your e-mail address.",
            "invalid": "Enter an e-mail address like name@clinic.org.",
        },
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label="Password",
        max_length=200,
        strip=False,
        error_messages={"required": "Enter your password."},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    next = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)
