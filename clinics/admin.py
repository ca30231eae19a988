"""The operators' admin: the platform's own tables, on the public host only. No clinic's data is reached from here."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.core.exceptions import ValidationError
from django.db.models import Max, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from clinics import actions, drilling, telephone
from clinics.backups.models import Backup, BackupTry, ClosedClinic
from clinics.fleet.models import Backfilling, Upgrade
from clinics.fleet.waves import admin as _groups  # noqa: F401  (registers its pages)
from clinics.models import Clinic, Domain, Drill, DrillState, PhoneLine
from clinics.operators import ForOperators, OnlyToRead, operators
from clinics.people import actions as people
from clinics.people.models import User
from clinics.people.roles import Role
from clinics.policy_pages import PolicyPages
from clinics.providers.admin import AgreementInline
from clinics.tenancy import PUBLIC


# --- Clinics -------------------------------------------------------------------------------------------------------
class HostForm(forms.ModelForm):
    class Meta:
        model = Domain
        fields = ["domain", "is_primary"]

    def clean_domain(self) -> str:
        host = self.cleaned_data["domain"].lower()
        wrong = "" if host == self.instance.domain else actions.wrong_host(host)
        if wrong:
            raise ValidationError(wrong)
        return host


class HostInline(ForOperators, admin.TabularInline):
    model = Domain
    form = HostForm
    extra = 0
    verbose_name = "host"


class LineInline(ForOperators, admin.TabularInline):
    model = PhoneLine
    extra = 0


class ClinicForm(forms.ModelForm):
    twilio_token = forms.CharField(
        label="Twilio auth token",
        required=False,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Of the clinic's own account. Kept encrypted and never shown; blank leaves it as it is.",
    )

    class Meta:
        model = Clinic
        fields = [
            *("name", "timezone", "region", "language", "ring"),
            *("test_calls_only", "async_delivery", "twilio_account_sid"),
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        sid, token = cleaned.get("twilio_account_sid"), cleaned.get("twilio_token")
        changed = "twilio_account_sid" in self.changed_data
        if sid and not token and (changed or not self.instance.twilio_token_sealed):
            self.add_error("twilio_token", "An account of its own signs with its own token: enter it.")
        return cleaned

    def save(self, commit: bool = True) -> Clinic:
        token = self.cleaned_data.get("twilio_token")
        if token or not self.cleaned_data.get("twilio_account_sid"):
            telephone.seal_token(self.instance, token or "")
        return super().save(commit)


class OpenClinicForm(forms.Form):
    """What it takes to open a clinic, with the person who then sets it up."""

    name = forms.CharField(max_length=120, strip=False)
    slug = forms.CharField(max_length=40, strip=False, help_text="3 to 40 lower-case letters, digits and hyphens")
    host = forms.CharField(max_length=253, help_text="Such as north.example.org; Twilio's webhooks go there too")
    number = forms.CharField(max_length=20, help_text="The number that patients dial, such as +12025550100")
    clinic_line = forms.CharField(max_length=20, required=False, help_text="The human line; blank: the same number")
    timezone = forms.CharField(max_length=60, initial="America/New_York")
    template = forms.CharField(max_length=40, required=False, help_text="A clinic's slug whose rules are copied")
    group = forms.CharField(max_length=40, required=False, help_text="The slug of the group it belongs to")
    admin_name = forms.CharField(max_length=120)
    admin_email = forms.EmailField()


class PersonForm(forms.Form):
    name = forms.CharField(max_length=120)
    email = forms.EmailField()
    role = forms.ChoiceField(choices=[(role.value, role.label) for role in (Role.ADMIN, Role.DOCTOR, Role.STAFF)])


@admin.register(Clinic, site=operators)
class ClinicAdmin(PolicyPages, ForOperators, admin.ModelAdmin):
    form = ClinicForm
    list_display = ["name", "slug", "ring", "timezone", "fire_drill", "suspended_at", "created_at"]
    search_fields = ["name", "slug", "domains__domain", "lines__number"]
    readonly_fields = ["slug", "schema_name", "suspended_at", "created_at"]
    inlines = [HostInline, LineInline, AgreementInline]
    actions = ["suspend", "resume"]
    change_form_template = "clinics/admin/clinic.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Clinic]:
        clinics = super().get_queryset(request).exclude(schema_name=PUBLIC)  # the platform's own row is no clinic
        passed = Q(drills__state=DrillState.PASSED)
        return clinics.annotate(drill_passed=Max("drills__finished_at", filter=passed))

    @admin.display(description="fire drill", ordering="drill_passed")
    def fire_drill(self, clinic: Clinic) -> str:
        """Red where nobody knows whether an emergency reaches a person."""
        now = timezone.now()
        words = drilling.standing(clinic.drill_passed, now)
        stale = drilling.is_stale(clinic.drill_passed, now)
        return format_html('<strong class="errors">{}</strong>', words) if stale else words

    def construct_change_message(
        self, request: HttpRequest, form: forms.Form, formsets: Any, add: bool = False
    ) -> list[dict[str, Any]]:
        """The history names the fields; of the switch that changes how messages leave it says which way it went."""
        said = super().construct_change_message(request, form, formsets, add)
        if "async_delivery" in form.changed_data:
            position = "on" if form.cleaned_data["async_delivery"] else "off"
            said.append({"changed": {"fields": [f"async delivery to {position}"]}})
        return said

    def get_urls(self) -> list:
        own = path(
            "<int:clinic_id>/person/", self.admin_site.admin_view(self.person_view), name="clinics_clinic_person"
        )
        return [own, *self.policy_urls(), *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None) -> HttpResponse:
        """Opening a clinic makes a schema, which takes a second and no transaction: not the stock view."""
        if not self.has_add_permission(request):
            return redirect("admin:login")
        form = OpenClinicForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            opened = self._open(request, form)
            if opened is not None:
                return redirect(reverse("admin:clinics_clinic_change", args=[opened.pk]))
        return self._page(request, form, "Open a clinic")

    def _open(self, request: HttpRequest, form: OpenClinicForm) -> Clinic | None:
        wanted = dict(form.cleaned_data)
        name, email = wanted.pop("admin_name"), wanted.pop("admin_email")
        try:
            clinic = actions.open_clinic(by=request.user, **wanted)
        except ValidationError as wrong:
            _show(form, wrong)
            return None
        self.log_addition(request, clinic, [{"added": {}}])
        self._add_person(request, clinic, name=name, email=email, role=Role.ADMIN)
        return clinic

    def person_view(self, request: HttpRequest, clinic_id: int) -> HttpResponse:
        """One more person in a clinic's own schema, with a password that is shown once."""
        clinic = get_object_or_404(self.get_queryset(request), pk=clinic_id)
        form = PersonForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                self._add_person(request, clinic, **form.cleaned_data)
            except ValidationError as wrong:
                _show(form, wrong)
            else:
                return redirect(reverse("admin:clinics_clinic_change", args=[clinic.pk]))
        return self._page(request, form, f"Add a person to {clinic.name}")

    def _add_person(self, request: HttpRequest, clinic: Clinic, *, name: str, email: str, role: str) -> None:
        password = secrets.token_urlsafe(12)
        actions.add_person(by=request.user, clinic=clinic, email=email, name=name, role=Role(role), password=password)
        self.log_change(request, clinic, [{"added": {"name": "person", "object": role}}])
        messages.success(request, f"{email} may sign in with this password, shown only now: {password}")

    def _page(self, request: HttpRequest, form: forms.Form, title: str) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "form": form, "title": title, "opts": self.opts}
        return render(request, "clinics/admin/form.html", context, status=422 if form.errors else 200)

    @admin.action(description=gettext_lazy("Suspend: close pages, API and telephone at once"))
    def suspend(self, request: HttpRequest, chosen: QuerySet[Clinic]) -> None:
        for clinic in chosen:
            actions.suspend_clinic(by=request.user, clinic=clinic)
            self.log_change(request, clinic, "suspended")

    @admin.action(description=gettext_lazy("Resume a suspended clinic"))
    def resume(self, request: HttpRequest, chosen: QuerySet[Clinic]) -> None:
        for clinic in chosen:
            actions.resume_clinic(by=request.user, clinic=clinic)
            self.log_change(request, clinic, "resumed")


def _show(form: forms.Form, wrong: ValidationError) -> None:
    """The action's complaints beside the form's fields."""
    by_field = wrong.message_dict if hasattr(wrong, "error_dict") else {"": wrong.messages}
    for field, complaints in by_field.items():
        for complaint in complaints:
            form.add_error(field if field in form.fields else None, complaint)


# --- Drills --------------------------------------------------------------------------------------------------------
@admin.register(Drill, site=operators)
class DrillAdmin(OnlyToRead, admin.ModelAdmin):
    """Every clinic's fire drills, to read."""

    list_display = ["clinic", "asked_at", "state", "broke", "seconds_to_acknowledge"]
    list_filter = ["state", "broke"]
    list_select_related = ["clinic"]
    date_hierarchy = "asked_at"
    search_fields = ["clinic__name", "clinic__slug"]


# --- Upkeep --------------------------------------------------------------------------------------------------------
@admin.register(Upgrade, site=operators)
class UpgradeAdmin(OnlyToRead, admin.ModelAdmin):
    """How far each clinic has come with a deployment: `manage.py migrate_clinics`."""

    list_display = ["clinic", "ring", "state", "stopped_at", "code", "tries", "began_at", "ended_at"]
    list_filter = ["state", "clinic__ring"]
    list_select_related = ["clinic"]

    @admin.display(ordering="clinic__ring")
    def ring(self, row: Upgrade) -> str:
        return row.clinic.ring


@admin.register(Backfilling, site=operators)
class BackfillingAdmin(OnlyToRead, admin.ModelAdmin):
    """How far data has been moved: `manage.py backfill`."""

    list_display = ["name", "clinic", "done", "total", "began_at", "moved_at", "finished_at"]
    list_filter = ["name", ("finished_at", admin.EmptyFieldListFilter)]
    list_select_related = ["clinic"]


@admin.register(Backup, site=operators)
class BackupAdmin(OnlyToRead, admin.ModelAdmin):
    """Which backups were made, and which were proved: `manage.py verify_backup`."""

    list_display = ["clinic", "file", "size", "made_at", "verified_at", "restored"]
    list_filter = ["restored", ("verified_at", admin.EmptyFieldListFilter)]
    list_select_related = ["clinic"]
    search_fields = ["clinic__slug", "file"]


@admin.register(BackupTry, site=operators)
class BackupTryAdmin(OnlyToRead, admin.ModelAdmin):
    """How the nightly backups stand: those that failed first."""

    list_display, list_select_related = ["clinic", "made_at", "failures", "code", "began_at"], ["clinic"]
    ordering = ["-failures", "clinic__slug"]


@admin.register(ClosedClinic, site=operators)
class ClosedClinicAdmin(OnlyToRead, admin.ModelAdmin):
    """Clinics that left, each with the report of what was erased."""

    list_display = ["slug", "closed_at", "public_id"]


# --- Operators -----------------------------------------------------------------------------------------------------
class OperatorCreationForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ["email", "name"]

    def save(self, commit: bool = True) -> User:
        self.instance.role, self.instance.is_staff = Role.OPERATOR, True
        self.instance.email = self.instance.email.lower()
        return super().save(commit)


@admin.register(User, site=operators)
class OperatorAdmin(ForOperators, UserAdmin):
    """The platform's operators. One who leaves is made inactive, never deleted: the history names them."""

    add_form = OperatorCreationForm
    ordering = ["email"]
    list_display = ["email", "name", "is_active", "last_login"]
    list_filter = ["is_active"]
    search_fields = ["email", "name"]
    filter_horizontal = []
    readonly_fields = ["last_login"]
    actions = ["reset_second_step", "sign_out_everywhere"]
    fieldsets = [(None, {"fields": ["email", "name", "password", "is_active", "last_login"]})]
    add_fieldsets = [(None, {"fields": ["email", "name", "usable_password", "password1", "password2"]})]

    @admin.action(description=gettext_lazy("Reset the second step: for who lost every key"))
    def reset_second_step(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        for user in chosen:
            try:
                people.reset_second_step(by=request.user, user=user)
            except ValidationError as wrong:
                messages.error(request, " ".join(wrong.messages))
            else:
                self.log_change(request, user, "second step reset")

    @admin.action(description=gettext_lazy("Sign out everywhere"))
    def sign_out_everywhere(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        for user in chosen:
            people.end_sessions(by=request.user, user=user)
            self.log_change(request, user, "signed out everywhere")
