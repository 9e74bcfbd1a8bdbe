"""What a stranger may send to the demo: no file is opened that was not uploaded, no request is larger than it needs."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import socket
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from garmentgen import colorize
from garmentgen.painter import encode

gr = pytest.importorskip("gradio")
import httpx  # noqa: E402
from demo_tab import served  # noqa: E402
from gradio.utils import get_upload_folder  # noqa: E402
from PIL import Image  # noqa: E402

from demo import gate  # noqa: E402
from demo.app import Studio  # noqa: E402
from demo.ask import Busy, Line  # noqa: E402

STRANGER = httpx.Client(timeout=60)  # one for all requests: each new one reads the certificates of all authorities


@pytest.fixture(scope="module")
def uploads(tmp_path_factory):
    """The upload folder of this module's server."""
    folder = tmp_path_factory.mktemp("uploads")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(folder))
        yield folder


@pytest.fixture(scope="module")
def studio(uploads):
    with served(2) as studio:
        studio.address = f"http://127.0.0.1:{studio.port}/gradio_api"
        yield studio


class Trap:
    """A named pipe that tells whether anybody opened it."""

    def __init__(self, path: Path):
        os.mkfifo(path)
        self.path, self.opened = path, False
        self.thread = threading.Thread(target=self._wait, daemon=True)
        self.thread.start()

    def _wait(self) -> None:
        os.close(os.open(self.path, os.O_WRONLY))  # returns as soon as somebody reads
        self.opened = True

    def sprung(self) -> bool:
        """Whether it was opened so far; the trap is taken away."""
        time.sleep(0.2)
        opened = self.opened
        os.close(os.open(self.path, os.O_RDONLY | os.O_NONBLOCK))
        self.thread.join(5)
        return opened


def test_the_trap_springs(tmp_path):
    trap = Trap(tmp_path / "pipe")
    os.close(os.open(trap.path, os.O_RDONLY))
    assert trap.sprung()


@contextlib.contextmanager
def listener():
    """A local web address and the list of those who came."""
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.3)
    calls: list = []

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                with contextlib.suppress(TimeoutError):
                    calls.append(server.accept())

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}/x.png", calls
    time.sleep(0.3)
    server.close()


def send(address: str, fn: int, data: list, event: object = None, hash: str = "stranger") -> dict:
    """Post one event as the page does; the message that ends it, or the status."""
    body = {"data": data, "event_data": event, "fn_index": fn, "trigger_id": None, "session_hash": hash}
    answer = STRANGER.post(f"{address}/queue/join", json=body)
    if answer.status_code != 200:
        return {"status": answer.status_code, "text": answer.text}
    with STRANGER.stream("GET", f"{address}/queue/data", params={"session_hash": hash}) as stream:
        for line in stream.iter_lines():
            message = json.loads(line[5:]) if line.startswith("data:") else {}
            if message.get("msg") in ("process_completed", "unexpected_error"):
                return message
    return {}


META = {"_type": "gradio.FileData"}


def test_no_event_opens_a_foreign_file_whatever_the_request(studio, uploads, tmp_path, capfd):
    """Pipes outside and inside the folder, links out of it, ways around it, addresses, what is not there."""
    outside, inside = Trap(tmp_path / "pipe.png"), Trap(uploads / "pipe.png")
    (uploads / "link.png").symlink_to(outside.path)
    (uploads / "folder").symlink_to(tmp_path)
    with listener() as (web, calls):
        paths = [
            *(outside.path, inside.path, uploads / "link.png", uploads / "folder" / "pipe.png"),
            *(uploads / ".." / "pipe.png", "/etc/passwd", tmp_path / "absent.png", uploads, uploads / "absent.png"),
            *(web, "a\0b", "x" * 5000, "pipe.png"),
        ]
        sentences = set()
        for path in map(str, paths):
            for file in ({"path": path}, {"path": path, "meta": META}, {"path": path, "url": path, "meta": META}):
                for message in everywhere(studio, file, path == str(inside.path)):
                    sentences.add(json.dumps(message, sort_keys=True))
    assert not outside.sprung() and not inside.sprung() and not calls
    assert len(sentences) == 1, "absent, foreign and special files look alike"
    assert "Traceback" not in capfd.readouterr().err


def everywhere(studio: Studio, file: dict, thoroughly: bool):
    """Answers to a file named in each input of each event, in its event data, and on each route."""
    for fn in studio.blocks.fns.values():
        if fn.fn and fn.inputs and fn.api_name == "generate":
            for at in range(len(fn.inputs)) if thoroughly else (1,):
                data = [None] * len(fn.inputs)
                data[at] = file
                for route in ("run/generate", "api/generate") if at == 1 else ():
                    yield said(STRANGER.post(f"{studio.address}/{route}", json={"data": data}))
                yield said_in(send(studio.address, fn._id, data))
                yield said_in(send(studio.address, fn._id, data, {"deep": [{"data": file}]}))


def said(answer: httpx.Response) -> str:
    assert answer.status_code == 500, answer.text
    return answer.json()["error"]


def said_in(message: dict) -> str:
    assert message["success"] is False, message
    return message["output"]["error"]


def test_an_uploaded_file_is_read_on_every_route(studio, uploads):
    picture = io.BytesIO()
    Image.fromarray(colorize(studio.starters[0].labels)).save(picture, "PNG")
    (uploads / "map.png").write_bytes(picture.getvalue())
    expected = studio.designer.generate(studio.starters[0].labels, 4)
    data = [None, {"path": str(uploads / "map.png"), "meta": META}, 4, 1.0, 1.0]
    answer = STRANGER.post(f"{studio.address}/run/generate", json={"data": data}).json()
    made = np.asarray(Image.open(answer["data"][0]["path"]).convert("RGB"))
    np.testing.assert_array_equal(made, expected)
    fn = next(fn for fn in studio.blocks.fns.values() if fn.api_name == "generate")
    assert send(studio.address, fn._id, data)["success"]


def test_files_are_sized_before_they_are_read(uploads):
    big = uploads / "big.png"
    with big.open("wb") as file:
        file.truncate(600_000_000)
    assert not gate.is_upload(str(big))
    with pytest.raises(gate.Refusal):
        gate.read_upload(str(big))
    small = uploads / "small.png"
    small.write_bytes(b"abc")
    assert gate.is_upload(str(small)) and gate.read_upload(str(small)) == b"abc"
    assert get_upload_folder() == str(uploads)


def test_requests_are_bounded_and_only_the_doors_in_use_are_open(studio):
    with httpx.Client(base_url=studio.address, timeout=30) as client:
        huge = b"[" * (gate.MOST_BODY + 1)
        for door in ("/queue/join", "/ask/paint"):
            assert client.post(door, content=huge).status_code == 413
            assert client.post(door, content=iter([huge[: 2**20]] * 8)).status_code >= 400  # in chunks
        for door in ("process_recording", "component_server", "vibe-edit", "stream/x", "../login"):
            assert client.post(f"/{door}", content=b"{}").status_code == 404
        many = [("files", (f"{k}.png", b"0" * 5_000_000)) for k in range(5)]
        assert client.post("/upload", files=many).status_code == 413
        assert client.post("/upload", files=many[:1]).status_code == 200


def test_nested_and_wordy_requests_cost_little(studio):
    """The most a body of the largest size can grow to, as the process sees it."""
    Path("/proc/self/clear_refs").write_text("5")  # else the peak of an earlier test hides this one's
    before = resident()
    for door in ("queue/join", "ask/paint"):
        for body in (b'{"data":[' + b"[]," * 1_900_000 + b"[]]}", b'{"data":[' + b"{}," * 1_900_000 + b"{}]}"):
            began = time.process_time()
            STRANGER.post(f"{studio.address}/{door}", content=body)
            assert resident() - before < 300_000, "kB"
            assert time.process_time() - began < 10
        assert STRANGER.post(f"{studio.address}/{door}", content=b"[" * 5_000_000).status_code >= 400


def resident() -> int:
    """The process's largest memory so far in kB."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


@pytest.mark.parametrize(
    ("at", "wrong", "named"),
    [
        (0, 5, "map"), (0, "nonsense", "map"), (0, {"w": 1}, "map"), (0, None, "map is empty"),
        (1, "x", "map_png"), (1, 7, "map_png"), (1, {"url": "x"}, "map_png"),
        (2, None, "seed"), (2, "abc", "seed"), (2, -1, "seed"), (2, 1.5, "seed"), (2, True, "seed"), (2, [], "seed"),
        (3, None, "diversity"), (3, "1", "diversity"), (3, 2.01, "diversity"), (3, {}, "diversity"),
        (4, None, "harmony"), (4, 1.01, "harmony"), (4, -0.0001, "harmony"),
    ],
)  # fmt: skip
def test_each_wrong_argument_of_the_endpoint_is_named(studio, capfd, at, wrong, named):
    data = [encode(studio.starters[0].labels), None, 3, 1.0, 1.0]
    data[at] = wrong
    error = said(STRANGER.post(f"{studio.address}/run/generate", json={"data": data}))
    assert named in error and len(error) < 300 and "&#" not in error
    fn = next(fn for fn in studio.blocks.fns.values() if fn.api_name == "generate")
    assert said_in(send(studio.address, fn._id, data)) == error
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"data": 5}', b'{"data": []}', b'{"data": [1,2,3,4,5,6,7]}'])
def test_a_request_of_another_shape_is_refused_without_a_traceback(studio, capfd, body):
    headers = {"content-type": "application/json"}
    answer = STRANGER.post(f"{studio.address}/run/generate", content=body, headers=headers)
    assert 400 <= answer.status_code <= 500 and len(answer.text) < 500
    assert "Traceback" not in capfd.readouterr().err


def test_numbers_of_thousands_of_digits_end_in_a_sentence(studio, capfd):
    body = b'{"data": [null, null, ' + b"9" * 5000 + b", 1, 1]}"
    for headers, said in (({"content-type": "application/json"}, "a seed has 16"), ({}, "dictionary")):
        answer = STRANGER.post(f"{studio.address}/run/generate", content=body, headers=headers)
        assert 400 <= answer.status_code < 500 and said in answer.json()["detail"] and len(answer.text) < 500
    assert "Traceback" not in capfd.readouterr().err


# --- the page's own door


@pytest.mark.parametrize(
    ("event", "body", "status"),
    [
        ("nothing", b"{}", 404), ("generate", b"{}", 404), ("paint", b"", 400), ("paint", b"{", 400),
        ("paint", b'{"seed": ' + b"9" * 5000 + b"}", 400), ("paint", b"\xff", 400),
        ("paint", b"[]", 200), ("paint", b"5", 200), ("pdf", b"{}", 200),
    ],
)  # fmt: skip
def test_what_the_page_could_not_have_asked_ends_in_a_sentence(studio, capfd, event, body, status):
    answer = STRANGER.post(f"{studio.address}/ask/{event}", content=body)
    assert answer.status_code == status
    said = answer.json()
    assert 0 < len(said["error" if status == 200 else "detail"]) < 300
    assert "Traceback" not in capfd.readouterr().err


def test_a_line_serves_in_order_and_says_when_it_is_full():
    order = []

    async def asks(line: Line, number: int) -> None:
        async with line.turn():
            await asyncio.sleep(0.01)
            order.append(number)

    async def crowd() -> list:
        line = Line(3, at_once=1)
        return await asyncio.gather(*(asks(line, k) for k in range(5)), return_exceptions=True)

    outcomes = asyncio.run(crowd())
    assert order == [0, 1, 2]
    assert [type(outcome) for outcome in outcomes] == [type(None)] * 3 + [Busy] * 2


def test_two_of_a_line_are_under_way_and_no_third():
    inside, most = 0, 0

    async def asks(line: Line) -> None:
        nonlocal inside, most
        async with line.turn():
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.01)
            inside -= 1

    async def crowd() -> None:
        line = Line(at_once=2)
        await asyncio.gather(*(asks(line) for _ in range(5)))

    asyncio.run(crowd())
    assert most == 2


def test_whoever_leaves_a_line_lets_the_next_one_in():
    async def crowd() -> str:
        line = Line(2)
        with contextlib.suppress(ZeroDivisionError):
            async with line.turn():
                1 / 0  # noqa: B018
        async with line.turn():
            return "in"

    assert asyncio.run(crowd()) == "in"
