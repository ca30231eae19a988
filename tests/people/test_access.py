"""Who may do what: one rule for pages and API, errors of one shape, pages that neither skip nor repeat."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from clinics.models import Clinic
from clinics.people.access import HasPermission, may, refusal, require
from clinics.people.api import Pages
from clinics.people.models import ApiToken, User
from clinics.people.roles import GRANTS, Permission, Role, allows, who_may
from clinics.people.tokens import issue_token
from clinics.tenancy import inside
from tests.conftest import client_on


@require(Permission.SET_HOURS)
def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("page")


class Typed(serializers.Serializer):
    name = serializers.CharField(max_length=10)
    inner = serializers.ListField(child=serializers.IntegerField(), required=False)


class Things(APIView):
    permission = {"GET": Permission.SEE_TASKS, "POST": Permission.SET_HOURS}
    ordering = ("-name",)

    def get(self, request: Any) -> Response:
        pages = Pages()
        rows = pages.paginate_queryset(User.objects.filter(name__startswith="Person"), request, self)
        return pages.get_paginated_response([row.email for row in rows])

    def post(self, request: Any) -> Response:
        typed = Typed(data=request.data)
        typed.is_valid(raise_exception=True)
        return Response(typed.validated_data)


class Unnamed(APIView):
    def get(self, request: Any) -> Response:
        return Response("never")


class Crash(APIView):
    permission = Permission.SEE_TASKS

    def get(self, request: Any) -> Response:
        raise RuntimeError("Zephyrine Quillfeather")


urlpatterns = [
    path("page/", page),
    path("api/things/", Things.as_view()),
    path("api/unnamed/", Unnamed.as_view()),
    path("api/crash/", Crash.as_view()),
    path("", include("cliniqai.urls")),
]
handler403 = "clinics.people.views.forbidden"
handler404 = "clinics.people.views.not_found"
handler500 = "clinics.people.views.server_error"


@pytest.fixture
def routes(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__


def error_of(response: Any) -> dict[str, Any]:
    body = json.loads(response.content)
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "fields"}
    return body["error"]


# --- Roles ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("permission", list(Permission))
def test_roles_hold_what_the_table_says_and_nothing_more(role: Role, permission: Permission) -> None:
    assert allows(role, permission) == (permission in GRANTS[role])
    assert not allows("nonsense", permission)


def test_operators_may_do_nothing_in_clinics() -> None:
    assert GRANTS[Role.OPERATOR] == frozenset()
    assert who_may(Permission.SET_HOURS) == "Clinic admin"


def test_nobody_holds_a_right_in_public(alice: User) -> None:
    assert not may(alice, Permission.SEE_TASKS)


# --- Pages ----------------------------------------------------------------------------------------------------------
def test_a_stranger_signs_in_and_comes_back(routes: None, north: Clinic) -> None:
    response = client_on(north).get("/page/?a=1")

    assert response.status_code == 302
    assert response["Location"] == "/sign-in/?next=/page/%3Fa%3D1"
    assert client_on(north).post("/page/")["Location"] == "/sign-in/?next=/"


def test_the_wrong_role_reads_which_one_is_needed(routes: None, alice: User, client_of: Any) -> None:
    response = client_of(alice).get("/page/")

    assert response.status_code == 403
    assert "Clinic admin" in response.content.decode()
    assert "Front desk" in response.content.decode()


def test_the_right_role_gets_in(routes: None, carol: User, client_of: Any) -> None:
    assert client_of(carol).get("/page/").content == b"page"


def test_no_page_says_less_to_another_clinics_person(routes: None, dave: User, north: Clinic, client_of: Any) -> None:
    stolen = client_on(north)
    stolen.cookies = client_of(dave).cookies

    assert stolen.get("/page/").status_code == 302


# --- The API --------------------------------------------------------------------------------------------------------
def test_a_stranger_gets_401(routes: None, north: Clinic) -> None:
    response = client_on(north).get("/api/things/")

    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Token"
    assert error_of(response)["code"] == "not_signed_in"


def test_the_wrong_role_gets_403_by_method(routes: None, alice: User, client_of: Any) -> None:
    client = client_of(alice)

    assert client.get("/api/things/").status_code == 200
    response = client.post("/api/things/", "{}", content_type="application/json")
    assert response.status_code == 403
    assert error_of(response)["message"] == refusal(alice, Permission.SET_HOURS)


def test_a_view_that_names_no_permission_is_closed(routes: None, carol: User, client_of: Any) -> None:
    assert client_of(carol).get("/api/unnamed/").status_code == 403


def test_every_default_is_the_closed_one() -> None:
    assert settings.REST_FRAMEWORK["DEFAULT_PERMISSION_CLASSES"] == [f"{HasPermission.__module__}.HasPermission"]


@pytest.mark.parametrize(
    ("method", "body", "kind", "status", "code"),
    [
        ("POST", "{}", "application/json", 400, "invalid"),
        ("POST", "{", "application/json", 400, "bad_request"),
        ("POST", "[" * 100_000, "application/json", 400, "bad_request"),
        ("POST", b"\xff\xfe", "application/json", 400, "bad_request"),
        ("POST", '"x"', "application/json", 400, "invalid"),
        ("POST", '{"name": "a\\u0000b"}', "application/json", 400, "invalid"),
        ("POST", "name=x", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        ("DELETE", "", "application/json", 405, "method_not_allowed"),
        ("PUT", "{}", "application/json", 405, "method_not_allowed"),
    ],
)
def test_every_error_has_one_shape(
    routes: None, carol: User, client_of: Any, method: str, body: str, kind: str, status: int, code: str
) -> None:
    response = client_of(carol).generic(method, "/api/things/", body, content_type=kind)

    assert response.status_code == status
    assert error_of(response)["code"] == code


def test_fields_are_named_down_to_the_list(routes: None, carol: User, client_of: Any) -> None:
    response = client_of(carol).post("/api/things/", {"name": "x" * 11, "inner": [1, "a"]}, "application/json")

    assert set(error_of(response)["fields"]) == {"name", "inner.1"}


def test_an_unknown_address_and_a_crash_have_it_too(routes: None, carol: User, client_of: Any) -> None:
    client = client_of(carol)
    client.raise_request_exception = False

    assert error_of(client.get("/api/nowhere/"))["code"] == "not_found"
    crash = client.get("/api/crash/")
    assert crash.status_code == 500
    assert error_of(crash)["code"] == "server_error"
    assert b"Zephyrine" not in crash.content


def test_the_api_wants_a_csrf_token_with_a_session(routes: None, carol: User, client_of: Any) -> None:
    strict = Client(enforce_csrf_checks=True, HTTP_HOST=f"north.{settings.BASE_DOMAIN}")
    strict.cookies = client_of(carol).cookies

    response = strict.post("/api/things/", '{"name": "x"}', content_type="application/json")

    assert response.status_code == 403
    assert error_of(response)["code"] == "forbidden"


# --- Tokens ---------------------------------------------------------------------------------------------------------
@pytest.fixture
def token(alice: User, north: Clinic) -> str:
    with inside(north):
        return issue_token(user=alice)


def with_token(clinic: Clinic, token: str) -> Client:
    return Client(HTTP_HOST=f"{clinic.slug}.{settings.BASE_DOMAIN}", HTTP_AUTHORIZATION=f"Token {token}")


def test_a_token_opens_the_api_of_its_clinic_only(routes: None, north: Clinic, south: Clinic, token: str) -> None:
    assert with_token(north, token).get("/api/things/").status_code == 200
    assert with_token(south, token).get("/api/things/").status_code == 401


def test_a_token_is_nowhere_in_the_database(routes: None, north: Clinic, token: str) -> None:
    with inside(north):
        row = ApiToken.objects.get()

    assert token not in str(vars(row))
    assert with_token(north, row.digest).get("/api/things/").status_code == 401


@pytest.mark.parametrize("junk", ["", "x", "a b", "é" * 43, "A" * 43, "A" * 60_000, "\x00" * 43])
def test_junk_is_401(routes: None, north: Clinic, junk: str) -> None:
    response = with_token(north, junk).get("/api/things/")

    assert response.status_code == 401
    error_of(response)


def test_a_revoked_token_and_one_of_a_person_who_left_are_dead_at_once(
    routes: None, north: Clinic, alice: User, token: str
) -> None:
    with inside(north):
        User.objects.filter(pk=alice.pk).update(is_active=False)
    assert with_token(north, token).get("/api/things/").status_code == 401

    with inside(north):
        User.objects.filter(pk=alice.pk).update(is_active=True)
        ApiToken.objects.update(revoked_at=ApiToken.objects.get().created_at)
    assert with_token(north, token).get("/api/things/").status_code == 401


def test_use_is_noted_without_a_write_each_time(routes: None, north: Clinic, token: str) -> None:
    client = with_token(north, token)
    client.get("/api/things/")
    with inside(north):
        first = ApiToken.objects.get().last_used_at
    client.get("/api/things/")
    with inside(north):
        assert first is not None
        assert ApiToken.objects.get().last_used_at == first


# --- Pages of the API -----------------------------------------------------------------------------------------------
@pytest.fixture
def people(north: Clinic) -> list[str]:
    """Sixty people of three names, so that every page ends inside a tie."""
    with inside(north):
        rows = [User(email=f"p{n}@north.test", name=f"Person {n % 3}", role=Role.STAFF) for n in range(60)]
        User.objects.bulk_create(rows)
        return [row.email for row in User.objects.filter(name__startswith="Person").order_by("-name", "id")]


def walk(client: Client, url: str, way: str = "next") -> list[list[str]]:
    found = []
    while url:
        body = client.get(url).json()
        found.append(body["results"])
        url = body[way]
    return found


def test_pages_hold_every_row_once_in_order(routes: None, alice: User, client_of: Any, people: list[str]) -> None:
    found = walk(client_of(alice), "/api/things/?page_size=7")

    assert [email for one in found for email in one] == people
    assert [len(one) for one in found] == [7] * 8 + [4]


def test_pages_lead_back(routes: None, alice: User, client_of: Any, people: list[str]) -> None:
    client = client_of(alice)
    url = "/api/things/?page_size=7"
    while (body := client.get(url).json())["next"]:
        url = body["next"]

    back = walk(client, url, "previous")

    assert [email for one in reversed(back) for email in one] == people


def test_rows_that_come_and_go_move_no_other(
    routes: None, alice: User, client_of: Any, people: list[str], north: Clinic
) -> None:
    client = client_of(alice)
    first = client.get("/api/things/?page_size=20").json()
    with inside(north):
        User.objects.filter(email__in=people[:10]).delete()
        User.objects.create_user("new@north.test", name="Person 2", role=Role.STAFF)

    rest = [email for one in walk(client, first["next"]) for email in one]

    assert [email for email in rest if email != "new@north.test"] == people[20:]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("cursor=x", "cursor"),
        ("cursor=" + "A" * 5000, "cursor"),
        ("cursor=W10", "cursor"),
        ("cursor=" + "W2ZhbHNlLFsxXSxbMl1d", "cursor"),
        ("cursor=" + "W2ZhbHNlLCJhIiwibm90LWEtdXVpZCJd", "cursor"),
        ("page_size=0", "page_size"),
        ("page_size=-1", "page_size"),
        ("page_size=x", "page_size"),
        ("page_size=٣", "page_size"),
    ],
)
def test_junk_in_the_query_is_400(routes: None, alice: User, client_of: Any, query: str, field: str) -> None:
    response = client_of(alice).get(f"/api/things/?{query}")

    assert response.status_code == 400
    assert field in error_of(response)["fields"]


def test_a_page_has_a_most(routes: None, alice: User, client_of: Any, people: list[str]) -> None:
    assert len(client_of(alice).get("/api/things/?page_size=1000000000").json()["results"]) == 60
    assert Pages.most == 200


def test_ids_of_other_clinics_are_unknown(alice: User, client_of: Any) -> None:
    known = client_of(alice).get(f"/tasks/{uuid.uuid4()}/")

    assert known.status_code == 404
