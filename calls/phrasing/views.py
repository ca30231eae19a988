"""`/settings/wording/`: the sentences that a clinic may word itself, heard before they are published as a version."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from calls.dialogue import phrasing
from calls.phrasing.forms import PhrasingForm
from clinics.people.access import require
from clinics.people.recent import recently_signed_in_to_change
from clinics.people.roles import Permission
from clinics.practice.actions import publish_policy
from clinics.practice.models import CallPolicy

LANGS = ("en", "es")


@require_safe
@require(Permission.SEE_SETTINGS)
def sentences(request: HttpRequest) -> HttpResponse:
    """Every sentence with its standard words and the clinic's own."""
    own = _own()
    rows = [
        (key, [(lang, own[lang].get(key, ""), phrasing.standard(key, lang)) for lang in LANGS])
        for key in phrasing.MAY_REWORD
    ]
    return render(request, "settings/wording.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.SEE_SETTINGS, to_change=Permission.WORD_SENTENCES)
@recently_signed_in_to_change
def sentence(request: HttpRequest, key: str) -> HttpResponse:
    """One of them: what callers would hear is shown, and can be heard, before it is the next version."""
    if key not in phrasing.MAY_REWORD:
        raise Http404
    own = _own()
    form = PhrasingForm(
        request.POST if request.method == "POST" else None,
        key=key,
        initial={lang: own[lang].get(key, "") for lang in LANGS},
    )
    if request.method != "POST":
        return _page(request, form)
    if not form.is_valid():
        return _page(request, form, status=422)
    if "confirmed" not in request.POST:
        return _page(request, form, heard=form.cleaned_data)
    return _publish(request, form, own)


def _publish(request: HttpRequest, form: PhrasingForm, own: dict[str, dict[str, str]]) -> HttpResponse:
    for lang, text in form.cleaned_data.items():
        own[lang].pop(form.key, None)
        if text:
            own[lang][form.key] = text
    try:
        published = publish_policy(by=request.user, changes={"wording": own})
    except ValidationError as wrong:
        form.add_error(None, wrong.messages)
        return _page(request, form, status=422)
    messages.success(request, _("Version %(version)s says it so to new callers.") % {"version": published.version})
    return redirect("phrasing:sentences")


def _page(
    request: HttpRequest, form: PhrasingForm, *, heard: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    says = [(lang, heard[lang] or phrasing.standard(form.key, lang)) for lang in LANGS] if heard is not None else []
    return render(request, "settings/sentence.html", {"form": form, "key": form.key, "heard": says}, status=status)


def _own() -> dict[str, dict[str, str]]:
    """The clinic's own words of the version in force, by language and key; a copy."""
    latest = CallPolicy.objects.order_by("-version").first()
    kept = latest.wording if latest else {}
    return {lang: dict(kept.get(lang, {})) for lang in LANGS}
