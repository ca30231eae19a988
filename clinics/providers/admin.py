"""Where operators keep the table of providers and the clinics' signed agreements."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from clinics.models import Agreement
from clinics.operators import ForOperators, operators
from clinics.providers import breakers
from clinics.providers.models import Provider


class AgreementForm(forms.ModelForm):
    """An agreement names a provider of the table, and is signed when it is entered."""

    class Meta:
        model = Agreement
        fields = ["clinic", "provider", "signed_on", "ends_on", "document"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = list(Provider.objects.values_list("key", "name"))
        if self.instance.provider and self.instance.provider not in dict(known):
            known.append((self.instance.provider, f"{self.instance.provider} (not in the table)"))
        self.fields["provider"] = forms.ChoiceField(choices=[("", "---------"), *known])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        signed, ends = cleaned.get("signed_on"), cleaned.get("ends_on")
        if signed and signed > timezone.now().date():
            self.add_error("signed_on", "Enter it when it is signed: patient data goes there from that day on.")
        if signed and ends and ends < signed:
            self.add_error("ends_on", "It cannot end before it was signed.")
        return cleaned


class AgreementInline(ForOperators, admin.TabularInline):
    model = Agreement
    form = AgreementForm
    extra = 0


@admin.register(Agreement, site=operators)
class AgreementAdmin(ForOperators, admin.ModelAdmin):
    """All clinics' agreements. One that ends gets its last day; nothing is deleted."""

    form = AgreementForm
    list_display = ["clinic", "provider", "signed_on", "ends_on", "holds", "document"]
    list_filter = ["provider", "clinic"]
    list_select_related = ["clinic"]
    date_hierarchy = "signed_on"
    ordering = ["clinic", "provider", "-signed_on"]

    @admin.display(boolean=True, description="in force")
    def holds(self, row: Agreement) -> bool:
        today = timezone.now().date()
        return row.signed_on <= today and (row.ends_on is None or today <= row.ends_on)


@admin.register(Provider, site=operators)
class ProviderAdmin(ForOperators, admin.ModelAdmin):
    """Who may be asked for what, in which order, and how it goes. A credential is set in the environment only."""

    list_display = ["name", "capability", "position", "location", "agreement_needed", "credential", "state", "active"]
    list_filter = ["capability", "active"]
    search_fields = ["key", "name"]

    def get_readonly_fields(self, request: HttpRequest, obj: Provider | None = None) -> list[str]:
        return ["key"] if obj else []  # agreements and credentials hang on it

    def get_queryset(self, request: HttpRequest) -> QuerySet[Provider]:
        return super().get_queryset(request).order_by("capability", "position", "key")

    @admin.display(boolean=True, description="credential set")
    def credential(self, row: Provider) -> bool:
        return row.key in settings.PROVIDER_KEYS

    @admin.display(description="now")
    def state(self, row: Provider) -> str:
        return "asked as usual" if breakers.standing(row.key).closed else "left alone after failures"
