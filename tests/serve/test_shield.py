"""What stands before both apps, against requests as they come over the wire."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sim.errors import BadUsage, PhasedError
from sim.serve.shield import Pace, is_ours, json_of, shielded
from tests.serve.served import served

JSON = {"Content-Type": "application/json"}
HEADERS = ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "X-Frame-Options", "Cache-Control")


class Late(PhasedError):
    status = 409


async def home(_: Request) -> Response:
    return PlainTextResponse("home")


async def echo(request: Request) -> Response:
    return JSONResponse(await json_of(request))


async def fails(request: Request) -> Response:
    raise {"usage": BadUsage("no such slider"), "late": Late("too late")}.get(request.path_params["how"], ValueError("secret"))


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    routes = [Route("/", home), Route("/echo", echo, methods=["POST"]), Route("/fails/{how}", fails)]
    with served(shielded(routes, body=1_000, rate=100, burst=400)) as found:
        yield found


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, trust_env=False) as found:
        yield found


def raw(address: str, request: bytes) -> bytes:
    """What comes back for bytes that no proper client sends."""
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as wire:
        wire.sendall(request)
        wire.shutdown(socket.SHUT_WR)
        found = b""
        while part := wire.recv(65_536):
            found += part
    return found


def said(answer: httpx.Response) -> str:
    text: str = answer.json()["error"]
    return text


def test_every_answer_bears_the_headers(client: httpx.Client) -> None:
    for path, status in (("/", 200), ("/nothing", 404), ("/fails/usage", 400), ("/fails/odd", 500), ("/" + "x" * 3_000, 414)):
        answer = client.get(path)
        assert answer.status_code == status
        assert all(name in answer.headers for name in HEADERS), path
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert "server" not in answer.headers


@pytest.mark.parametrize(("name", "there"), [("127.0.0.1", True), ("localhost", True), ("{machine}", False)])
def test_a_window_is_kept_apart_where_browsers_heed_it(client: httpx.Client, address: str, name: str, there: bool) -> None:
    """Over http they do for loopback names only, and write a warning for all others."""
    host = f"{name.format(machine=socket.gethostname())}:{address.rpartition(':')[2]}"
    for path, status in (("/", 200), ("/fails/odd", 500)):
        answer = client.get(path, headers={"Host": host})
        assert answer.status_code == status
        assert ("Cross-Origin-Opener-Policy" in answer.headers) == there


def test_what_goes_wrong_is_said_without_its_insides(client: httpx.Client) -> None:
    assert said(client.get("/fails/usage")) == "no such slider"
    assert client.get("/fails/late").status_code == 409
    broken = client.get("/fails/odd")
    assert (broken.status_code, "secret" in broken.text, "Traceback" in broken.text) == (500, False, False)
    assert broken.headers["Connection"] == "close"  # for it is, and a next request on it would be lost


def test_json_comes_and_goes(client: httpx.Client) -> None:
    sent = {"a": [1, 2.5, "조치 없음"]}
    assert client.post("/echo", json=sent).json() == sent


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b'"x"', b'{"a": NaN}', b'{"a": Infinity}', b"\xff\xfe", b"[" * 900])
def test_what_is_no_json_object_is_refused(client: httpx.Client, body: bytes) -> None:
    answer = client.post("/echo", content=body, headers=JSON)
    assert answer.status_code == 400
    assert "JSON" in said(answer)


def test_too_large_is_refused_whether_it_says_so_or_not(client: httpx.Client, address: str) -> None:
    large = json.dumps({"a": "x" * 2_000}).encode()
    answer = client.post("/echo", content=large, headers=JSON)
    assert (answer.status_code, said(answer)) == (413, "more than 1,000 bytes cannot be sent here")
    answer = client.post("/echo", content=(large[at : at + 100] for at in range(0, len(large), 100)), headers=JSON)  # in chunks
    assert answer.status_code == 413
    host = address.removeprefix("http://")
    lying = f"POST /echo HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: 99999999999999\r\n\r\n{{}}"
    assert b" 400 " in raw(address, lying.encode()).split(b"\r\n")[0] + b" "


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
def test_other_methods_are_refused(client: httpx.Client, method: str) -> None:
    assert client.request(method, "/").status_code == 405


def test_a_head_has_no_body_and_a_post_belongs_where_it_is_asked_for(client: httpx.Client) -> None:
    assert client.head("/").status_code == 200
    assert client.get("/echo").status_code == 405
    assert client.post("/", json={}).status_code == 405


def test_only_json_is_taken_and_only_from_our_own_pages(client: httpx.Client, address: str) -> None:
    assert client.post("/echo", data={"a": "1"}).status_code == 415
    assert client.post("/echo", content=b"{}", headers={"Content-Type": "text/plain"}).status_code == 415
    assert client.post("/echo", json={}, headers={"Origin": address}).status_code == 200
    for origin in ("http://evil.example", "null", address.replace("http", "https"), address + ".evil.example"):
        assert client.post("/echo", json={}, headers={"Origin": origin}).status_code == 403, origin
    assert client.post("/echo", json={}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "127.0.0.1:1", "[::2]", "a b"])
def test_other_names_are_refused(client: httpx.Client, host: str) -> None:
    """A page elsewhere may have its own name point here (DNS rebinding)."""
    assert client.get("/", headers={"Host": host}).status_code in (400, 421)


def test_two_names_are_refused(address: str) -> None:
    host = address.removeprefix("http://")
    answer = raw(address, f"GET / HTTP/1.1\r\nHost: {host}\r\nHost: evil.example\r\nConnection: close\r\n\r\n".encode())
    assert answer.split()[1] in (b"400", b"421")


def test_our_own_names() -> None:
    name = socket.gethostname()
    for host in ("localhost:8000", "127.0.0.1:8000", "[::1]:8000", "192.0.2.7:8000", f"{name}:8000", f"{name.upper()}:8000"):
        assert is_ours(host, "192.0.2.7", 8_000), host
    assert is_ours("192.0.2.7:8000", "::ffff:192.0.2.7", 8_000)
    assert is_ours("localhost", "127.0.0.1", 80)
    for host in ("192.0.2.8:8000", "localhost", "localhost:80", "evil.example:8000", ":8000", "localhost:8000:8000"):
        assert not is_ours(host, "192.0.2.7", 8_000), host


@pytest.mark.parametrize(
    "path", ["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%5c..%5c", "//etc/passwd", "/%00", "/echo/../.."]
)
def test_no_path_leads_to_a_file(address: str, path: str) -> None:
    host = address.removeprefix("http://")
    answer = raw(address, f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    assert answer.split()[1] in (b"404", b"400")
    assert b"root:" not in answer


@pytest.mark.parametrize(
    "request_",
    [b"\x00\x01\x02", b"GET\r\n\r\n", b"GET / HTTP/x.y\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"A: " + b"x" * 40_000 + b"\r\n\r\n"],
)
def test_what_is_no_request_is_refused_and_the_next_one_answered(client: httpx.Client, address: str, request_: bytes) -> None:
    assert b" 400 " in raw(address, request_)
    assert client.get("/").text == "home"


def test_a_thousand_fast_requests_are_slowed_down_and_others_are_answered() -> None:
    """Too many are told when to come again; after that, who asked too fast is answered as anybody."""
    clock = [0.0]
    app = shielded([Route("/", home)], rate=10, burst=100, clock=lambda: clock[0])
    with served(app) as address, httpx.Client(base_url=address, trust_env=False) as fast:
        answers = [fast.get("/") for _ in range(1_000)]
        assert [each.status_code for each in answers].count(200) == 100
        refused = answers[-1]
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
        assert "too many requests" in said(refused)
        clock[0] = 1.0
        assert [fast.get("/").status_code for _ in range(11)] == [200] * 10 + [429]


def test_each_address_has_its_own_pace() -> None:
    pace = Pace(1, 2, lambda: 0.0)
    assert [pace.wait("a") for _ in range(3)] == [0, 0, 1]
    assert pace.wait("b") == 0
    for place in range(Pace.MOST + 10):
        pace.wait(str(place))
    assert len(pace._buckets) <= Pace.MOST + 1


@given(st.lists(st.floats(0, 0.5), min_size=1, max_size=60))
def test_forty_people_behind_one_address_are_never_slowed_down(steps: list[float]) -> None:
    """Each asks twice a second, in whatever rhythm, after all of them opened the page at once."""
    clock = [0.0]
    pace = Pace(100, 500, lambda: clock[0])
    assert not any(pace.wait("room") for _ in range(40 * 5))
    for step in steps:
        clock[0] += 0.5 + step
        assert not any(pace.wait("room") for _ in range(40))
