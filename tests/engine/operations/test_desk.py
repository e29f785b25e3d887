"""Every answer over plain HTTP: what the documents promise, and who gets it."""

import json
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from websockets.http11 import Response

from engine.operations.access import Access
from engine.operations.desk import Desk, Inquiry
from engine.operations.keys import KeyRing, make_key
from engine.operations.meters import Meters, State
from engine.operations.routes import ROUTES
from engine.operations.tokens import secret_rule
from engine.operations.visitors import ANYONE, Visitor
from engine.service_config import ServiceConfig

NOW = int(datetime.now(UTC).timestamp())
SECRET, KEY = make_key("somebody", "")
RULE = secret_rule(b"s" * 32)


class Hall:
    """A desk whose service is as this says."""

    def __init__(self, access: Access | None = None) -> None:
        self.sessions, self.draining, self.hangs = 0, False, False
        self.meters = Meters(self.state, "0.1.0", "digest")
        config = ServiceConfig(retry_after=7)
        self.desk = Desk(config, "0.1.0", "digest", self.state, lambda: self.hangs, self.meters, lambda: NOW)
        self.desk.access = access or Access()

    def state(self) -> State:
        return State(self.sessions, 2, 0, self.draining, None)

    def ask(self, target: str, *authorization: str, upgrade: bool = False) -> Response | Visitor:
        return self.desk.answer(Inquiry(target, "host:1", authorization, upgrade))

    def get(self, target: str, *authorization: str) -> tuple[int, Any]:
        answer = self.ask(target, *authorization)
        assert isinstance(answer, Response)
        body = bytes(answer.body)
        assert answer.headers["Content-Length"] == str(len(body))
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        is_json = answer.headers["Content-Type"] == "application/json"
        return answer.status_code, json.loads(body) if is_json else body.decode()


@pytest.fixture
def hall() -> Hall:
    return Hall()


@pytest.fixture
def guarded() -> Hall:
    return Hall(Access(KeyRing((KEY,)), (RULE,)))


@pytest.mark.parametrize("route", [route for route in ROUTES if route.path != "/v2"], ids=lambda route: route.name)
def test_every_documented_route_answers_as_documented(hall: Hall, route: Any) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed (extra: dev)")
    hall.desk.access = Access(KeyRing((KEY,)), (RULE,))
    answer = hall.ask(route.path, f"Bearer {SECRET}")
    assert isinstance(answer, Response)
    promised = {int(reply.status): reply for reply in route.replies}[answer.status_code]
    assert answer.headers["Content-Type"].startswith(promised.content_type)
    if promised.schema is not None:
        jsonschema.validate(json.loads(bytes(answer.body)), promised.schema)
    refused = hall.ask(route.path)
    assert isinstance(refused, Response)
    assert (refused.status_code == HTTPStatus.UNAUTHORIZED) is route.guarded
    assert ("WWW-Authenticate" in refused.headers) is route.guarded


def test_a_handshake_goes_on_for_whoever_may_come_in(hall: Hall, guarded: Hall) -> None:
    for path in ("/v2", "/v2/", "/v2/en", "/v2?jwt=x"):
        assert hall.ask(path, upgrade=True) is ANYONE
    assert guarded.ask("/v2", f"Bearer {SECRET}", upgrade=True) == Visitor(KEY.id, by_key=True)
    refused = guarded.ask("/v2", upgrade=True)
    assert isinstance(refused, Response)
    assert refused.status_code == 401
    assert hall.get("/v2")[0] == 426
    assert hall.get("/v2/en/more")[0] == 404


def test_ready_says_when_to_come_back(hall: Hall) -> None:
    body = {"ready": True, "sessions": 0, "max_sessions": 2, "recogniser": "digest", "keys_needed": False}
    assert hall.get("/ready") == (200, body)
    hall.sessions = 2
    full = hall.ask("/ready")
    assert isinstance(full, Response)
    assert (full.status_code, full.headers["Retry-After"]) == (503, "7")
    hall.sessions, hall.draining = 0, True
    assert hall.get("/ready")[0] == 503
    hall.draining, hall.hangs = False, True
    assert hall.get("/ready")[0] == 503


def test_live_until_a_step_hangs(hall: Hall) -> None:
    assert hall.get("/live") == (200, "live\n")
    hall.hangs = True
    assert hall.get("/live")[0] == 503


def test_a_key_gets_a_token_and_a_token_gets_none(guarded: Hall) -> None:
    status, body = guarded.get("/token?ttl=3600", f"Bearer {SECRET}")
    assert (status, body["expires_in"]) == (200, 3600)
    assert guarded.ask(f"/v2?jwt={body['jwt']}", upgrade=True) == Visitor(KEY.id)
    assert guarded.get(f"/token?jwt={body['jwt']}")[0] == 403
    assert guarded.get("/token")[0] == 401


@pytest.mark.parametrize("ttl", ["0", "3601", "-1", "x", "", "1e3", "٣", "9" * 5_000, "1&ttl=2"])
def test_a_token_is_never_good_for_long(guarded: Hall, ttl: str) -> None:
    expected = 200 if ttl == "" else 400  # an empty value counts as not given
    assert guarded.get(f"/token?ttl={ttl}", f"Bearer {SECRET}")[0] == expected


def test_there_are_no_tokens_where_nothing_is_asked(hall: Hall) -> None:
    assert hall.get("/token")[0] == 404


def test_refusals_are_counted(guarded: Hall) -> None:
    guarded.ask("/v2", upgrade=True)
    guarded.ask("/v2", "Bearer us_x_y", upgrade=True)
    text = guarded.meters.exposition().decode()
    assert 'understudy_refused_total{reason="unauthorized"} 2.0' in text


def test_the_page_keeps_a_browser_to_itself(hall: Hall) -> None:
    for path in ("/", "/page.js", "/page.css", "/sources.js", "/microphone.js"):
        answer = hall.ask(path)
        assert isinstance(answer, Response)
        assert answer.status_code == 200
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    for path in ("/index.html", "/keys.py", "/../keys.py", "/page/index.html", "//", "/%2e%2e/keys.py"):
        assert hall.get(path)[0] == 404


def test_the_documents_tell_how_this_service_is_reached(hall: Hall) -> None:
    assert hall.get("/openapi.json")[1]["servers"] == [{"url": "http://host:1"}]
    assert hall.get("/asyncapi.json")[1]["servers"]["service"]["host"] == "host:1"


ANY = st.text(st.characters(exclude_categories=[]), max_size=40)


@given(target=ANY | st.builds("/{}?{}".format, st.sampled_from(["v2", "token", "metrics", ""]), ANY), header=ANY)
@example(target="//[", header="")
@example(target="/v2?jwt=%ff&jwt[]=\udcff", header="Bearer \udcff")
def test_whatever_is_asked_is_answered(target: str, header: str) -> None:
    hall = Hall(Access(KeyRing((KEY,)), (RULE,)))
    for upgrade in (False, True):
        answer = hall.ask(target, header, upgrade=upgrade)
        assert isinstance(answer, Response)
        assert answer.status_code < 500
