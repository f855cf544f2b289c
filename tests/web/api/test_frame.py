"""What holds for every request to the API: keys, errors, reading, answers that are kept."""

import asyncio
import inspect
import io
import json
from urllib.parse import quote

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from gateway.accounts.api_keys import SCOPES
from gateway.store import api_answers, api_keys
from gateway.web.api.document import build
from gateway.web.api.paging import cursor
from gateway.web.api.problems import PROBLEMS
from gateway.web.api.table import OPERATIONS, SUBJECTS
from gateway.web.api.values import Asked
from tests.web.site import sign_in

ROWS = pytest.mark.parametrize("row", OPERATIONS, ids=lambda row: row.name)


def kind(problem):
    return problem["type"].rpartition("#")[2]


@ROWS
def test_a_row_says_what_its_function_takes_and_gives(row):
    taken = inspect.get_annotations(row.do)
    expected = [row.asked] * bool(row.asked.model_fields) + [row.given] * (row.given is not None)
    assert [one for name, one in taken.items() if name not in {"call", "return"}] == expected
    assert taken["return"] is row.answer
    assert set(row.in_path) <= set(row.asked.model_fields)


@ROWS
def test_a_row_belongs_to_a_subject_and_asks_for_a_scope_there_is(row):
    assert row.subject in SUBJECTS
    assert row.scope in {*SCOPES, ""}
    assert row.scope.endswith(":write") == row.changes
    assert row.name.isidentifier()


def test_scopes_and_subjects_are_what_rows_need():
    assert {row.scope for row in OPERATIONS} - {""} == set(SCOPES)
    assert {row.subject for row in OPERATIONS} == set(SUBJECTS)
    assert len({row.name for row in OPERATIONS}) == len(OPERATIONS)


def test_the_document_is_openapi_3_1():
    OpenAPIV31SpecValidator(build("https://cal.example.com")).validate()


def test_the_document_is_made_of_the_rows():
    found = {
        (method.upper(), path): told
        for path, methods in build("https://cal.example.com")["paths"].items()
        for method, told in methods.items()
    }
    assert set(found) == {(row.method, row.path) for row in OPERATIONS}
    for row in OPERATIONS:
        told = found[row.method, row.path]
        assert {int(status) for status in told["responses"]} == row.statuses
        sent = {one["name"] for one in told["parameters"] if one["in"] != "header"}
        assert sent == {*row.in_path, *row.in_query}
        assert ("requestBody" in told) == (row.given is not None)


async def test_the_document_is_shown_to_everybody(client):
    answer = await client.get("/api/v1/openapi.json")
    assert (answer.status, answer.content_type) == (200, "application/json")
    assert (await answer.json())["openapi"].startswith("3.1")


@ROWS
async def test_without_a_key_nothing_is_told(client, row):
    path = "/api/v1" + row.path.format(slug="check-in", uid="1", id="1", name="sales")
    answer = await client.request(row.method, path)
    assert (answer.status, answer.content_type) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert kind(await answer.json(content_type=None)) == "not-signed-in"


@pytest.mark.parametrize(
    "sent",
    ["", "Bearer", "Bearer gw_unknown", "Bearer correct horse", "Basic YWxpY2U6eA==", "Bearer gw_\u00e4", "gw_x"],
)
async def test_what_is_no_key_signs_nobody_in(client, sent):
    assert (await client.get("/api/v1/me", headers={"Authorization": sent})).status == 401


@pytest.mark.parametrize("row", [row for row in OPERATIONS if row.scope], ids=lambda row: row.name)
async def test_a_key_is_good_for_its_scopes_alone(client, key_for, row):
    key = key_for(*(one for one in SCOPES if one != row.scope))
    path = "/api/v1" + row.path.format(slug="check-in", uid="1", id="1", name="sales")
    answer = await client.request(row.method, path, headers={"Authorization": f"Bearer {key}"})
    problem = await answer.json(content_type=None)
    assert (answer.status, kind(problem)) == (403, "scope-missing")
    assert row.scope in problem["detail"]
    assert f'scope="{row.scope}"' in answer.headers["WWW-Authenticate"]


async def test_a_revoked_key_is_good_for_nothing_at_once(api, office):
    assert (await api("GET", "/me"))[0] == 200
    [key] = office.db.read_now(api_keys.of_user, office.alice.id)
    office.db.write_now(api_keys.revoke, office.alice.id, key.id)
    assert (await api("GET", "/me"))[0] == 401


async def test_the_last_use_of_a_key_is_noted_by_the_minute(api, office):
    def last_used():
        return office.db.read_now(api_keys.of_user, office.alice.id)[0].last_used

    assert last_used() is None
    await api("GET", "/me")
    begun = last_used()
    assert begun == office.now
    office.now += 30
    await api("GET", "/me")
    assert last_used() == begun
    office.now += 31
    await api("GET", "/me")
    assert last_used() == begun + 61


async def test_a_key_is_good_for_so_many_requests_a_minute(api, office):
    most = office.settings.limits.api_per_minute
    statuses = [(await api("GET", "/me"))[0] for _ in range(most)]
    assert set(statuses) == {200}
    status, problem, headers = await api("GET", "/me")
    assert (status, kind(problem), headers["Retry-After"]) == (429, "too-many-requests", "1")
    office.now += 1
    assert (await api("GET", "/me"))[0] == 200


async def test_every_answer_names_its_request(api):
    _, _, headers = await api("GET", "/me")
    assert len(headers["X-Request-Id"]) == 16
    _, problem, headers = await api("GET", "/nowhere", headers={"X-Request-Id": "mine-1"})
    assert (headers["X-Request-Id"], problem["request_id"]) == ("mine-1", "mine-1")
    _, _, headers = await api("GET", "/me", headers={"X-Request-Id": "x" * 65})
    assert len(headers["X-Request-Id"]) == 16


async def test_answers_are_for_programs_only(api):
    _, _, headers = await api("GET", "/me", headers={"Origin": "https://elsewhere.example"})
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert not [name for name in headers if name.lower().startswith("access-control")]


async def test_a_browser_session_is_no_key(client, office):
    await sign_in(client)
    assert (await client.get("/api/v1/me")).status == 401


@pytest.mark.parametrize("path", ["/nowhere", "/bookings/1/2/3", "/", "/event-types/"])
async def test_what_is_not_there_is_a_problem(api, path):
    status, problem, headers = await api("GET", path)
    assert (status, kind(problem)) == (404, "not-found")
    assert headers["Content-Type"].startswith("application/problem+json")


async def test_a_method_that_is_not_done_names_those_that_are(api):
    status, problem, headers = await api("DELETE", "/event-types")
    assert (status, kind(problem), headers["Allow"]) == (405, "method-not-allowed", "GET, HEAD, POST")


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        pytest.param("?limit=0", "limit", id="too few"),
        pytest.param("?limit=101", "limit", id="too many"),
        pytest.param("?limit=1_0", "limit", id="as Python writes it"),
        pytest.param("?limit=%205", "limit", id="blank"),
        pytest.param("?limit=5.0", "limit", id="fraction"),
        pytest.param("?limit=5&limit=6", "limit", id="twice"),
        pytest.param("?limt=5", "limt", id="mistyped"),
        pytest.param("?status=lost", "status", id="no such choice"),
        pytest.param("?start=1700000000", "start", id="epoch seconds"),
        pytest.param("?start=2026-12-01", "start", id="a date"),
        pytest.param("?start=2026-12-01T09:00:00", "start", id="no zone"),
        pytest.param("?start=2026-02-30T09:00:00Z", "start", id="no such day"),
        pytest.param("?start=9999-12-31T23:59:59-12:00", "start", id="beyond the calendar"),
        pytest.param("?start=0001-01-01T00:00:00%2B14:00", "start", id="before it"),
        pytest.param("?start=2026-12-01T09:00:00+01:00", "start", id="a plus that is a blank"),
        pytest.param("?cursor=made-up", "cursor", id="cursor"),
        pytest.param(f"?cursor={cursor((1,))}", "cursor", id="of another list"),
        pytest.param(f"?cursor={cursor((2**63, 2**63))}", "cursor", id="beyond numbers"),
        pytest.param("?cursor=" + quote("\u0000ä"), "cursor", id="cursor of no letters"),
    ],
)
async def test_parameters_are_taken_as_they_are_meant_or_not_at_all(api, query, parameter):
    status, problem, _ = await api("GET", f"/bookings{query}")
    assert (status, kind(problem)) == (422, "invalid")
    assert [one["parameter"] for one in problem["errors"]] == [parameter]


@pytest.mark.parametrize("path", ["/calendars/x", "/calendars/0", "/calendars/1e3", "/calendars/99999999999999999999"])
async def test_a_path_that_nothing_can_have_is_not_there(api, path):
    assert (await api("GET", path))[0] == 404


@pytest.mark.parametrize("name", ["%00", "%ED%A0%80", "%F0%9F%92%A9", "..%2F..", "a" * 300, "A"])
async def test_names_that_nobody_can_have_are_not_there(api, name):
    status, problem, _ = await api("GET", f"/event-types/{name}")
    assert (status, kind(problem)) == (404, "not-found")


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        pytest.param(b"{", {}, 400, id="broken"),
        pytest.param(b"\xff\xfe", {}, 400, id="no UTF-8"),
        pytest.param(b'{"slug": "\\ud800", "title": "x"}', {}, 400, id="half a sign"),
        pytest.param(b"[" * 10_000, {}, 400, id="deep"),
        pytest.param(b"", {}, 400, id="empty"),
        pytest.param(b"[]", {}, 422, id="a list"),
        pytest.param(b"{}", {"Content-Type": "text/plain"}, 415, id="text"),
        pytest.param(b"{}", {"Content-Type": "application/json; charset=latin-1"}, 415, id="other letters"),
        pytest.param(b"{}", {"Content-Encoding": "gzip"}, 415, id="packed"),
        pytest.param(b" " * 1_100_000, {}, 413, id="long"),
    ],
)
async def test_bodies_that_are_none(client, key_for, body, headers, status):
    sent = {"Authorization": f"Bearer {key_for()}", "Content-Type": "application/json", **headers}
    answer = await client.post(
        "/api/v1/event-types", data=io.BytesIO(body), headers=sent, skip_auto_headers=["Content-Type"]
    )
    assert (answer.status, answer.content_type) == (status, "application/problem+json")


async def test_each_flaw_of_a_body_has_its_place(api):
    status, problem, _ = await api("POST", "/event-types", {"slug": "A", "title": "x", "length": "30", "extra": 1})
    assert status == 422
    assert {one["pointer"] for one in problem["errors"]} == {"/slug", "/length", "/extra"}


async def test_a_request_sent_again_is_answered_again_and_done_once(api, office):
    once = {"Idempotency-Key": "7c1f"}
    body = {"slug": "again", "title": "Again"}
    first = await api("POST", "/event-types", body, headers=once)
    second = await api("POST", "/event-types", body, headers=once)
    assert first[:2] == second[:2]
    assert first[0] == 201
    assert first[2]["Location"] == second[2]["Location"] == "/api/v1/event-types/again"
    assert (await api("POST", "/event-types", body))[0] == 409


async def test_a_key_of_another_request_is_refused(api):
    once = {"Idempotency-Key": "7c1f"}
    await api("POST", "/event-types", {"slug": "again", "title": "Again"}, headers=once)
    status, problem, _ = await api("POST", "/event-types", {"slug": "other", "title": "Other"}, headers=once)
    assert (status, kind(problem)) == (422, "key-reused")


async def test_others_may_use_the_same_idempotency_key(api, key_for):
    once, body = {"Idempotency-Key": "7c1f"}, {"slug": "mine", "title": "Mine"}
    assert (await api("POST", "/event-types", body, headers=once))[0] == 201
    status, told, _ = await api("POST", "/event-types", body, headers=once, key=key_for(name="bob"))
    assert (status, told["url"].endswith("/bob/mine")) == (201, True)


async def test_what_failed_may_be_sent_again_with_its_key(api):
    once = {"Idempotency-Key": "7c1f"}
    assert (await api("POST", "/event-types", {"slug": "check-in", "title": "x"}, headers=once))[0] == 409
    assert (await api("POST", "/event-types", {"slug": "check-in-2", "title": "x"}, headers=once))[0] == 201


@pytest.mark.parametrize("sent", ["", "x" * 129, "two words"])
async def test_idempotency_keys_that_are_none(api, sent):
    status, problem, _ = await api(
        "POST", "/event-types", {"slug": "x", "title": "x"}, headers={"Idempotency-Key": sent}
    )
    assert (status, problem["errors"][0]["parameter"]) == (422, "Idempotency-Key")


async def test_many_at_once_with_one_key_are_one(api, office):
    once, body = {"Idempotency-Key": "7c1f"}, {"slug": "rush", "title": "Rush"}
    answers = await asyncio.gather(*(api("POST", "/event-types", body, headers=once) for _ in range(10)))
    statuses = {status for status, _, _ in answers}
    assert 201 in statuses
    assert statuses <= {201, 409}
    assert {kind(told) for status, told, _ in answers if status == 409} <= {"answer-pending"}


def test_answers_are_kept_for_a_day_and_sealed(office):
    begin = api_answers.begin
    assert office.db.write_now(begin, office.alice.id, "k", "r", 1000) is None
    assert office.db.write_now(begin, office.alice.id, "k", "r", 1001).answer is None
    office.db.write_now(api_answers.keep, office.alice.id, "k", b"sealed")
    assert office.db.write_now(begin, office.alice.id, "k", "r", 1000 + 86_399).answer == b"sealed"
    assert office.db.write_now(begin, office.alice.id, "k", "r", 1000 + 86_400) is None


def test_an_answer_that_was_never_finished_is_made_anew(office):
    assert office.db.write_now(api_answers.begin, office.alice.id, "k", "r", 1000) is None
    assert office.db.write_now(api_answers.begin, office.alice.id, "k", "r", 1119) is not None
    assert office.db.write_now(api_answers.begin, office.alice.id, "k", "r", 1120) is None


def test_kinds_of_problems_are_told_apart():
    assert len({one.name for one in PROBLEMS}) == len(PROBLEMS)


def test_an_operation_without_parameters_asks_for_none():
    assert Asked.model_fields == {}


async def test_problems_quote_nothing_that_browsers_would_run(api):
    _, problem, headers = await api("GET", "/bookings?%3Cscript%3E=1")
    assert headers["Content-Type"].startswith("application/problem+json")
    assert json.loads(json.dumps(problem))["errors"][0]["parameter"] == "<script>"
