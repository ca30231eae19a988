"""What the middleware of the pages does to every response."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.test import RequestFactory
from django_htmx.middleware import HtmxMiddleware

from clinics.people.pages import PageMiddleware

FROM_HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/tasks/?q=Alvarez"}


def answer(response: HttpResponse, headers: dict[str, str] | None = None) -> HttpResponse:
    request = RequestFactory().get("/tasks/", headers=headers or {})

    def view(request: HttpRequest) -> HttpResponse:
        return response

    return HtmxMiddleware(PageMiddleware(view))(request)


@pytest.mark.parametrize("headers", [{}, FROM_HTMX])
def test_a_fragment_and_its_page_are_never_taken_for_each_other(headers: dict[str, str]) -> None:
    response = answer(HttpResponse("x"), headers)

    assert {"HX-Request", "HX-History-Restore-Request"} <= set(response["Vary"].split(", "))


def test_what_the_view_varies_on_stays() -> None:
    response = answer(HttpResponse("x", headers={"Vary": "Cookie"}))

    assert "Cookie" in response["Vary"]


def test_pages_are_kept_nowhere_unless_the_view_says_otherwise() -> None:
    assert answer(HttpResponse("x"))["Cache-Control"] == "no-store, private"
    assert answer(HttpResponse("x", headers={"Cache-Control": "max-age=60"}))["Cache-Control"] == "max-age=60"


def test_an_expired_session_s_htmx_call_leaves_for_sign_in_and_comes_back() -> None:
    response = answer(HttpResponseRedirect("/sign-in/?next=/tasks/1/claim/"), FROM_HTMX)

    assert response.status_code == 204
    assert response["HX-Redirect"] == "/sign-in/?next=/tasks/"  # and no patient's name from the search
    assert "HX-Request" in response["Vary"]
    assert response["Cache-Control"] == "no-store, private"


@pytest.mark.parametrize(
    "url", ["https://evil.example/x", "http://testserver.evil.example/", "javascript:alert(1)", ""]
)
def test_the_way_back_never_leads_to_another_host(url: str) -> None:
    response = answer(HttpResponseRedirect("/sign-in/"), {**FROM_HTMX, "HX-Current-URL": url})

    assert response["HX-Redirect"] == "/sign-in/?next=/"


def test_other_redirects_and_ordinary_requests_pass() -> None:
    assert answer(HttpResponseRedirect("/sign-in/?next=/")).status_code == 302
    assert answer(HttpResponseRedirect("/tasks/"), FROM_HTMX).status_code == 302
