"""The operators' pages of one clinic's telephone: how careful it is, and what it may say of the clinic."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse

from clinics.practice import actions as practice
from clinics.practice import phases
from clinics.practice.models import CallPolicy, Fact
from clinics.tenancy import inside

LABELS = {
    "automates": "What the phone takes by itself",
    "max_call_seconds": "Seconds until a person takes over",
    "max_turns": "Most exchanges of a call",
    "no_progress_turns": "Exchanges without progress",
    "min_confidence": "Least confidence of the recogniser",
    "misunderstood_in_a_row": "Not understood, in a row",
    "misunderstood_in_call": "Not understood, in the whole call",
    "doubted_in_call": "Heard badly, in the whole call",
    "corrections_in_call": "Corrected by the caller",
    "distress_turns": "Exchanges in distress",
    "greeting_en": "Greeting in English",
    "greeting_es": "Greeting in Spanish",
}


class PolicyForm(forms.ModelForm):
    """The next version of a clinic's policy. A limit left empty is the phase's own, which stands beside it."""

    automates = forms.MultipleChoiceField(
        choices=list(phases.REQUESTS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None ticked: what the phase allows. A person takes the rest.",
    )

    class Meta:
        model = CallPolicy
        fields = [
            "phase",
            *phases.LIMITS,
            "clinic_line",
            "emergency_number",
            "crisis_number",
            "recording",
            "spanish",
            "model_helps",
            "greeting_en",
            "greeting_es",
            "speech",
            "voice_en",
            "voice_es",
        ]
        labels = LABELS
        widgets = {name: forms.Textarea(attrs={"rows": 2}) for name in ("greeting_en", "greeting_es")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["automates"].label = LABELS["automates"]
        for name in set(phases.LIMITS) - {"automates"}:
            own = ", ".join(f"{phase} {getattr(preset, name)}" for phase, preset in phases.PRESETS.items())
            self.fields[name].help_text = f"Empty: the phase's own ({own})."

    def clean_automates(self) -> list[str] | None:
        return self.cleaned_data["automates"] or None

    def changes(self) -> dict[str, object]:
        """What differs from the version in force, by field."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


class FactForm(forms.Form):
    """One approved answer; a fact that there is already gets the new words."""

    topic = forms.CharField(max_length=40, help_text="hours, address, fax, insurance, parking ...")
    language = forms.ChoiceField(choices=[("en", "English"), ("es", "Spanish")])
    text = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 3}), help_text="As it will be spoken")
    expires_on = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))


class PolicyPages:
    """Two pages for the admin of clinics; the deeds are the clinic's own actions, in its own schema."""

    def policy_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:clinic_id>/policy/", wrap(self.policy_view), name="clinics_clinic_policy"),
            path("<int:clinic_id>/facts/", wrap(self.facts_view), name="clinics_clinic_facts"),
        ]

    def policy_view(self, request: HttpRequest, clinic_id: int) -> HttpResponse:
        """Publish the next version of a clinic's policy, or say beside each field why it cannot be."""
        clinic = get_object_or_404(self.get_queryset(request), pk=clinic_id)
        with inside(clinic):
            latest = CallPolicy.objects.order_by("-version").first()
            form = PolicyForm(request.POST or None, instance=latest)
            published = request.method == "POST" and form.is_valid() and self._publish(form)
        if published:
            changed = {"name": "policy", "object": str(published), "fields": form.changed_data}
            self.log_change(request, clinic, [{"changed": changed}])
            self.message_user(request, f"{clinic.name}: {published} of the policy is in force for new calls.")
            return redirect(reverse("admin:clinics_clinic_change", args=[clinic.pk]))
        return self._page(request, form, f"How {clinic.name} answers the telephone")

    def _publish(self, form: PolicyForm) -> CallPolicy | None:
        if not form.changes():
            form.add_error(None, "Nothing differs from the version in force.")
            return None
        try:
            return practice.publish_policy(by=None, changes=form.changes())
        except ValidationError as wrong:
            form.add_error(None, wrong.messages)
            return None

    def facts_view(self, request: HttpRequest, clinic_id: int) -> HttpResponse:
        """What the telephone may say of a clinic, and one more of it."""
        clinic = get_object_or_404(self.get_queryset(request), pk=clinic_id)
        form = FactForm(request.POST or None)
        with inside(clinic):
            written = request.method == "POST" and form.is_valid() and self._set(form)
            facts = list(Fact.objects.all())
        if written:
            fact = f"{form.cleaned_data['topic']} ({form.cleaned_data['language']})"
            self.log_change(request, clinic, [{"changed": {"name": "fact", "object": fact, "fields": ["text"]}}])
            return redirect(reverse("admin:clinics_clinic_facts", args=[clinic.pk]))
        context = {**self.admin_site.each_context(request), "form": form, "facts": facts, "opts": self.opts}
        context["title"] = f"What the telephone of {clinic.name} may say"
        return render(request, "clinics/admin/facts.html", context, status=422 if form.errors else 200)

    def _set(self, form: FactForm) -> bool:
        """What advises, reassures, doses or tells a result is refused with the words that do."""
        try:
            practice.set_fact(by=None, **form.cleaned_data)
        except ValidationError as wrong:
            form.add_error(None, wrong)
        return form.is_valid()
