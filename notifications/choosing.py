"""The page on which people say what reaches them outside the portal, and clinic admins what reaches patients."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from clinics.people.access import may, require
from clinics.people.roles import Permission
from clinics.phones import readable
from clinics.tenancy import current_clinic
from notifications import addresses, choices, codes
from notifications.reach import Messaging


class MessagingForm(forms.ModelForm):
    """What a clinic lets leave the portal."""

    class Meta:
        model = Messaging
        fields = [
            *("request_received", "decision_made", "missed_you", "missed_call", "quiet_from", "quiet_until"),
            *("staff_language", "messaging_service", "answers_keywords"),
        ]
        labels = {
            "request_received": gettext_lazy("Text patients that their request was received"),
            "decision_made": gettext_lazy("Text patients that there is news about their request"),
            "missed_you": gettext_lazy("Text patients that they were called back in vain"),
            "missed_call": gettext_lazy("Text callers who left with nothing, once a day each"),
            "quiet_from": gettext_lazy("No texts to patients from"),
            "quiet_until": gettext_lazy("Texts to patients start again at"),
            "staff_language": gettext_lazy("Language of texts, letters and calls to staff"),
            "messaging_service": gettext_lazy("Twilio messaging service"),
            "answers_keywords": gettext_lazy("Answer STOP, START and HELP from here"),
        }
        help_texts = {
            **dict.fromkeys(["request_received", "decision_made", "missed_you", "missed_call"], ""),
            "quiet_from": gettext_lazy("By the clinic's clock. What comes up at night is sent in the morning."),
            "messaging_service": gettext_lazy(
                "Blank: texts come from the clinic's line. Every number of a service must be a line of this clinic, "
                "or its reports are refused."
            ),
        }
        widgets = {
            name: forms.TimeInput(attrs={"type": "time"}, format="%H:%M") for name in ("quiet_from", "quiet_until")
        }


@require_safe
@require(Permission.SEE_NOTIFICATIONS)
def page(request: HttpRequest) -> HttpResponse:
    """One's own choices, and the clinic's for who may change them."""
    return _page(request)


@require_POST
@require(Permission.CHOOSE_MESSAGES)
def choose(request: HttpRequest) -> HttpResponse:
    """Replace one's choices by those that are ticked."""
    count = choices.choose(by=request.user, wanted=request.POST.getlist("choice"))
    messages.success(
        request,
        ngettext(
            "Saved. %(count)s of them reaches you outside the portal.",
            "Saved. %(count)s of them reach you outside the portal.",
            count,
        )
        % {"count": count}
        if count
        else gettext("Saved."),
    )
    return redirect("notifications:settings")


@require_POST
@require(Permission.CONFIRM_OWN_NUMBER)
def ask_code(request: HttpRequest) -> HttpResponse:
    """Have a code texted to one's own number."""
    try:
        choices.ask_code(by=request.user)
    except choices.Refused as refused:
        return _page(request, problem=str(refused), status=422)
    messages.success(request, gettext("A code is on its way to your telephone. Type it in below."))
    return redirect("notifications:settings")


@require_POST
@require(Permission.CONFIRM_OWN_NUMBER)
def prove(request: HttpRequest) -> HttpResponse:
    """Type in the code."""
    try:
        choices.prove_phone(by=request.user, code=request.POST.get("code", "")[:20])
    except choices.Refused as refused:
        return _page(request, problem=str(refused), status=422)
    messages.success(request, gettext("Your telephone is confirmed."))
    return redirect("notifications:settings")


@require_POST
@require(Permission.SET_MESSAGING)
def set_messaging(request: HttpRequest) -> HttpResponse:
    """Change what the clinic lets leave the portal."""
    form = MessagingForm(request.POST, instance=addresses.messaging_of(current_clinic()))
    if form.is_valid():
        try:
            choices.set_messaging(by=request.user, changes=form.cleaned_data)
        except ValidationError as wrong:
            form.add_error(None, wrong)
        else:
            messages.success(request, gettext("Saved for the whole clinic."))
            return redirect("notifications:settings")
    return _page(request, form=form, status=422)


def _page(
    request: HttpRequest, *, form: MessagingForm | None = None, problem: str = "", status: int = 200
) -> HttpResponse:
    clinic = current_clinic()
    changes = may(request.user, Permission.SET_MESSAGING)
    context = {
        "choices": choices.choices_of(by=request.user),
        "channels": choices.CHANNELS,
        "number": readable(request.user.phone) if request.user.phone else "",
        "proven": codes.is_proven(clinic, request.user),
        "code_asked": bool(codes.code_for(clinic, request.user)),
        "problem": problem,
        "texts_off": settings.SMS_MODE != "on",
        "letters_off": settings.EMAIL_MODE != "on",
        "form": (form or MessagingForm(instance=addresses.messaging_of(clinic))) if changes else None,
    }
    return render(request, "notifications/settings.html", context, status=status)
