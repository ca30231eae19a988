"""Groups of clinics in the operators' admin: their names, their members and what is locked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from clinics.fleet.waves import fields
from clinics.fleet.waves.models import Group, GroupMember
from clinics.models import Clinic
from clinics.operators import ForOperators, operators
from clinics.tenancy import PUBLIC


class GroupForm(forms.ModelForm):
    locked = forms.MultipleChoiceField(
        choices=[(name, fields.label(name)) for name in fields.FIELDS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="No clinic of the group may choose otherwise in these.",
    )

    class Meta:
        model = Group
        fields = ["name", "slug", "locked"]


class MemberInline(ForOperators, admin.TabularInline):
    """The clinics of a group. A clinic that joins keeps what it has until a change in waves brings it the group's."""

    model = GroupMember
    extra = 0
    readonly_fields = ["own"]

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return self.has_view_permission(request)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "clinic":
            kwargs["queryset"] = Clinic.objects.exclude(schema_name=PUBLIC)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Group, site=operators)
class GroupAdmin(ForOperators, admin.ModelAdmin):
    """What a group has set is shown here; a change in waves sets it."""

    form = GroupForm
    list_display = ["name", "slug", "made_at"]
    fields = ["name", "slug", "settings", "locked"]
    readonly_fields = ["settings"]
    inlines = [MemberInline]
