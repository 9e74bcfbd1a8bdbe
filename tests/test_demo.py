"""The demo without a browser: what a client may send, what the handlers do, how it starts."""

from __future__ import annotations

import base64
import io
import json
import socket
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from garmentgen import BACKGROUND, NUM_LABELS, Designer, Look, UserError, colorize, find
from garmentgen.painter import STYLE, decode, encode, label_table, script

gr = pytest.importorskip("gradio")
from PIL import Image  # noqa: E402

from demo import __main__ as door  # noqa: E402
from demo import handlers, pictures  # noqa: E402
from demo.app import Studio, polite  # noqa: E402
from demo.components import LabelPainter, head  # noqa: E402
from demo.handlers import Blank, Controls, Refused, Session  # noqa: E402
from demo.starters import TITLES, load_starters  # noqa: E402
from demo.texts import MESSAGES, TEXTS, say  # noqa: E402

IDS = st.sampled_from([*range(NUM_LABELS), BACKGROUND])


@pytest.fixture(scope="module")
def designer() -> Designer:
    return Designer.random("tiny", seed=0)


@pytest.fixture(scope="module")
def starters(designer):
    return load_starters(designer)


@pytest.fixture
def session(designer, starters) -> Session:
    return Session(designer.look(starters[0].labels, harmony=0.5))


def controls(session: Session, **changes) -> Controls:
    return replace(Controls.of(session.look), **changes)


# ---- the value of the painter


def test_a_map_on_paper():
    labels = np.array([[3, 3, 255], [255, 255, 7], [7, 7, 7]], np.uint8)
    text = '{"w":3,"h":3,"runs":[3,2,255,3,7,4]}'
    assert encode(labels) == text
    np.testing.assert_array_equal(decode(text, 3), labels)


@given(hnp.arrays(np.uint8, (9, 9), elements=IDS))
def test_every_map_comes_back(labels):
    np.testing.assert_array_equal(decode(encode(labels), 9), labels)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "JSON text"),
        ("", "readable JSON"),
        ("nonsense", "readable JSON"),
        ("[" * 150, "readable JSON"),
        ('{"w":4,"h":4,"runs":' + "9" * 5000 + "}", "characters"),
        ("[]", "nothing else"),
        ('{"w":4,"h":4}', "nothing else"),
        ('{"w":4,"h":4,"runs":[255,16],"x":1}', "nothing else"),
        ('{"w":8,"h":4,"runs":[255,16]}', "8 x 4"),
        ('{"w":"4","h":4,"runs":[255,16]}', None),
        ('{"w":4,"h":4,"runs":[]}', "flat list"),
        ('{"w":4,"h":4,"runs":[255]}', "flat list"),
        ('{"w":4,"h":4,"runs":[255,16.0]}', "flat list"),
        ('{"w":4,"h":4,"runs":[true,16]}', "flat list"),
        ('{"w":4,"h":4,"runs":[[255,16]]}', "flat list"),
        ('{"w":4,"h":4,"runs":[NaN,16]}', "flat list"),
        ('{"w":4,"h":4,"runs":{"0":16}}', "flat list"),
        ('{"w":4,"h":4,"runs":[100,16]}', "100"),
        ('{"w":4,"h":4,"runs":[-1,16]}', "between 0 and 255"),
        ('{"w":4,"h":4,"runs":[1,99999999999999999999999]}', "between 0 and 255"),
        ('{"w":4,"h":4,"runs":[1,15]}', "fill 15"),
        ('{"w":4,"h":4,"runs":[1,16,1,1]}', "fill 17"),
        ('{"w":4,"h":4,"runs":[1,0,1,16]}', "fill"),
        ("x" * 10_000_000, "characters"),
    ],
)
def test_a_map_from_a_stranger_is_refused_in_one_sentence(text, reason):
    with pytest.raises(UserError) as error:
        decode(text, 4)
    assert (reason or "") in str(error.value) and len(str(error.value)) < 200


def test_encode_refuses_what_is_no_map():
    for bad in (np.zeros((2, 2, 3), np.uint8), np.zeros((2, 2)), np.full((2, 2), 200, np.uint8)):
        with pytest.raises(ValueError):
            encode(bad)


def test_the_painters_files_and_table_are_there():
    assert "export function mountPainter" in script() and STYLE.exists()
    table = label_table()
    assert [row["id"] for row in table] == list(range(NUM_LABELS))
    assert json.loads(json.dumps(table)) == table
    assert find("sleeve").name_zh == table[find("sleeve").id]["name_zh"]


def test_the_widget_checks_what_it_gets():
    painter = LabelPainter(canvas=4)
    np.testing.assert_array_equal(painter.preprocess('{"w":4,"h":4,"runs":[255,16]}'), np.full((4, 4), 255))
    assert painter.preprocess(None) is None and painter.preprocess("") is None
    np.testing.assert_array_equal(painter.preprocess(painter.example_payload()).shape, (4, 4))
    with pytest.raises(gr.Error) as error:
        painter.preprocess('{"w":4,"h":"<b>bold</b>","runs":[255,16]}')
    assert "<b>" not in error.value.message  # Gradio shows messages as HTML


def test_the_page_asks_nobody_for_anything():
    page = head()
    assert "export " not in page.split("<script>")[1]
    assert "http://" not in page and "https://" not in page and "import " not in page.split("<script>")[1]


# ---- handlers


def test_painting_keeps_locks_and_a_new_seed_changes_the_rest(designer, session):
    first, *others = session.look.regions
    session = handlers.lock(designer, session, first, True)
    rolled = handlers.roll(designer, session, controls(session), 99)
    assert rolled.look.seed == 99
    assert np.array_equal(rolled.look.codes[first], session.look.codes[first])
    for other in others:
        assert not np.array_equal(rolled.look.codes[other], session.look.codes[other])
    again = handlers.paint(designer, rolled, controls(rolled))
    assert all(np.array_equal(again.look.codes[c], rolled.look.codes[c]) for c in again.look.regions)


def test_a_reroll_changes_one_region_and_the_next_roll_forgets_it(designer, session):
    region = session.look.regions[-1]
    rerolled = handlers.reroll(designer, session, controls(session), region)
    for c in session.look.regions:
        assert np.array_equal(rerolled.look.codes[c], session.look.codes[c]) == (c != region)
    assert handlers.roll(designer, rerolled, controls(rerolled), 5).look.seeds == {}


@pytest.mark.parametrize("region", [None, "sleeve", True, 255, 45, -1, 1.5, [0], {}])
def test_a_region_that_is_not_on_the_map_is_refused(designer, session, region):
    with pytest.raises(Refused):
        handlers.reroll(designer, session, controls(session), region)
    with pytest.raises(Refused):
        handlers.lock(designer, session, region, True)


@pytest.mark.parametrize("index", [None, -1, 12, "0", 0.0, [], True])
def test_a_click_on_nothing_is_refused(designer, session, index):
    with pytest.raises(Refused):
        handlers.recall(session, index)
    with pytest.raises(Refused):
        handlers.adopt(designer, session, controls(session), index)
    with pytest.raises(Refused):
        handlers.adopt_blend(designer, session, index)


def test_an_empty_painting_is_blank_not_an_error(designer, session):
    empty = controls(session, labels=np.full_like(session.look.labels, BACKGROUND))
    with pytest.raises(Blank):
        handlers.paint(designer, session, empty)
    view = handlers.blank_view(designer.size)
    assert (_open(view["src"]) == 255).all()


def test_variants_differ_and_an_adopted_one_dresses_the_map_as_it_is_now(designer, session, starters):
    session = handlers.make_variants(designer, session, controls(session))
    assert len(session.variants) == handlers.VARIANTS
    assert len({look.seed for look in session.variants}) == handlers.VARIANTS
    now = controls(session, labels=starters[1].labels)
    adopted = handlers.adopt(designer, session, now, 3)
    np.testing.assert_array_equal(adopted.look.labels, starters[1].labels)
    assert adopted.look.seed == session.variants[3].seed


def test_history_is_newest_first_bounded_and_joins_strokes(designer, session):
    for what in ("template", "paint", "paint", "paint", "roll"):
        session, _ = handlers.show(designer, session, what)
    assert [kept.what for kept in session.history] == ["roll", "paint", "template"]
    for _ in range(20):
        session, _ = handlers.show(designer, session, "roll")
    assert len(session.history) == handlers.HISTORY
    other = replace(session, look=designer.look(session.look.labels, seed=7))
    assert handlers.recall(other, 0).look is session.history[0].look


def test_blend_runs_from_a_to_b(designer, session):
    with pytest.raises(Refused):
        handlers.end_blend(designer, session, controls(session))
    started = handlers.begin_blend(designer, session, controls(session))
    rolled = handlers.roll(designer, started, controls(session), 4)
    ended = handlers.end_blend(designer, rolled, controls(rolled))
    steps = handlers.blend_pictures(designer, ended)
    np.testing.assert_array_equal(steps[0], designer.render(session.look))
    np.testing.assert_array_equal(steps[-1], designer.render(replace(session.look, codes=rolled.look.codes)))
    assert handlers.adopt_blend(designer, ended, 0).look.codes.keys() == session.look.codes.keys()
    movie = Image.open(io.BytesIO(_saved(designer, ended, "gif")))
    assert movie.n_frames == 2 * handlers.BLEND_STEPS - 2


def test_saved_files_hold_what_is_on_show(designer, session):
    picture = np.asarray(Image.open(io.BytesIO(_saved(designer, session, "image"))))
    np.testing.assert_array_equal(picture, designer.render(session.look))
    drawn = np.asarray(Image.open(io.BytesIO(_saved(designer, session, "map"))))
    np.testing.assert_array_equal(drawn, colorize(session.look.labels))
    opened, warning = handlers.open_session(designer, session, _saved(designer, session, "session").decode())
    assert warning is None
    np.testing.assert_array_equal(designer.render(opened.look), picture)


def test_the_style_of_a_photo_is_taken_upright(designer, session, tmp_path):
    now = controls(session)
    with pytest.raises(Refused):
        handlers.take_style(designer, session, now, None, None, [])
    photo = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    upright = Image.fromarray(photo)
    lying, exif = upright.rotate(90, expand=True), Image.Exif()
    exif[274] = 6  # "turn me by a quarter to the right"
    upright.save(tmp_path / "upright.png")
    lying.save(tmp_path / "lying.png", exif=exif)
    one, other = (
        handlers.take_style(designer, session, now, (tmp_path / name).read_bytes(), None, None).look
        for name in ("upright.png", "lying.png")
    )
    assert one.pinned == set(session.look.regions)
    assert all(np.array_equal(one.codes[c], other.codes[c]) for c in one.regions)
    region = session.look.regions[0]
    only = handlers.take_style(designer, session, now, (tmp_path / "upright.png").read_bytes(), None, [region]).look
    assert only.pinned == {region}


def test_a_session_from_elsewhere_warns_or_is_refused(designer, session):
    data = json.loads(session.look.to_json())
    _, warning = handlers.open_session(designer, session, json.dumps({**data, "weights": "other"}))
    assert "other" in warning
    small = Look.from_json(json.dumps({**data, "size": 2, "map": [session.look.regions[0], 4], "codes": {
        str(session.look.regions[0]): data["codes"][str(session.look.regions[0])]}}))  # fmt: skip
    for text in ("", "{}", "[1]", json.dumps({**data, "map": [0, 1]}), small.to_json()):
        with pytest.raises(UserError):
            handlers.open_session(designer, session, text)


def test_uploads_are_bounded_and_must_be_what_they_say():
    assert handlers.uploaded(base64.b64encode(b"abc").decode(), 3, 10) == b"abc"
    for data, size, key in (
        (None, 5e7, "file_large"),
        (None, "many", "file_large"),
        ("A" * 100, 3, "file_unreadable"),
        ("not base64!", 3, "file_unreadable"),
        (["QUJD"], 3, "file_unreadable"),
    ):
        with pytest.raises(Refused) as refusal:
            handlers.uploaded(data, size, 10)
        assert refusal.value.key == key
        say(refusal.value.key, "zh", **refusal.value.values)
    with pytest.raises(Refused, match="not_text"):
        handlers.uploaded_text(base64.b64encode(b"\xff\xfe").decode(), 2, 10)


def test_the_region_list_counts_and_orders(designer, session):
    rows = handlers.region_rows(handlers.lock(designer, session, session.look.regions[0], True).look)
    counts = [(session.look.labels == row["id"]).sum() for row in rows]
    assert counts == sorted(counts, reverse=True)
    assert {row["id"] for row in rows} == set(session.look.regions)
    assert [row["id"] for row in rows if row["locked"]] == [session.look.regions[0]]


def test_pictures_for_the_page():
    labels = np.full((20, 20), BACKGROUND, np.uint8)
    labels[5:15, 5:15] = find("coat").id
    np.testing.assert_array_equal(_open(pictures.map_url(labels)), colorize(labels))
    picture = np.full((64, 64, 3), (30, 120, 60), np.uint8)
    assert np.abs(_open(pictures.garment_url(picture)).astype(int) - picture).max() <= 3
    assert _open(pictures.garment_url(picture, 16)).shape == (16, 16, 3)
    movie = Image.open(io.BytesIO(pictures.gif([picture, 255 - picture, picture // 2])))
    assert movie.n_frames == 4 and movie.info["loop"] == 0


def test_every_failure_is_one_message_in_the_users_language():
    for failure, text in (
        (Refused("no_photo"), MESSAGES["no_photo"][1]),
        (Blank(), MESSAGES["empty"][1]),
        (UserError("<img src=x>"), "&lt;img src=x&gt;"),
        (RuntimeError("secret path"), MESSAGES["broken"][1]),
    ):
        with pytest.raises(gr.Error) as error, polite("zh"):
            raise failure
        assert error.value.message == text


def test_every_word_is_there_in_both_languages():
    for pair in (*TEXTS.values(), *MESSAGES.values()):
        assert len(pair) == 2 and all(pair)
    script = head()
    for key in TEXTS:
        assert f'"{key}"' in script


# ---- templates, the door, the endpoint


def test_twelve_templates_each_read_without_a_note(designer, starters):
    assert len(starters) == 12
    assert len({starter.zh for starter in starters}) == 12 == len(TITLES)
    assert all((starter.labels != BACKGROUND).any() for starter in starters)


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, None),
        ({"GRADIO_ROOT_PATH": "/a"}, "/a"),
        ({"GRADIO_ROOT_PATH": "a/b"}, "/a/b"),
        ({"GRADIO_ROOT_PATH": "/a/"}, "/a"),
        ({"GRADIO_ROOT_PATH": "https://host/a"}, "https://host/a"),
        ({"GRADIO_ROOT_PATH": "/"}, None),
        ({"JUPYTERHUB_SERVICE_PREFIX": "/user/me/"}, "/user/me/proxy/7860"),
        ({"JUPYTERHUB_SERVICE_PREFIX": "/user/me/", "GRADIO_ROOT_PATH": "/b"}, "/b"),
        (
            {"STUDIO_MODEL_API_URL_PREFIX": "https://studio/x/", "JUPYTERHUB_SERVICE_PREFIX": "/user/me/"},
            "https://studio/x/user/me/gradio/7860",
        ),
        ({"STUDIO_MODEL_API_URL_PREFIX": "/x"}, "/x/gradio/7860"),
    ],
)
def test_root_path_of_each_host(environ, expected):
    assert door.root_path(environ, 7860) == expected


def test_the_door_says_what_is_wrong_in_one_line(tmp_path, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert door.main(["--port", str(port)]) == 2
        assert str(port) in _one_line(capsys)
    free = str(_free_port())
    for wrong in ("70000", "0", "eighty", "", "-1", "8" * 9_000):
        assert door.main([f"--port={wrong}"]) == 2
        assert "between 1 and 65535" in (said := _one_line(capsys)) and wrong[:20] in said
    for wrong in ("no.such.host.invalid", "a\0b", "x" * 300, "\ud800"):
        assert door.main(["--port", free, "--host", wrong]) == 2
        assert "is no address" in _one_line(capsys)
    assert door.main(["--port", free, "--weights", str(tmp_path / "no.safetensors")]) == 2
    assert "no.safetensors" in _one_line(capsys)
    (tmp_path / "bad.safetensors").write_bytes(b"\x08\0\0\0\0\0\0\0garbage")
    assert door.main(["--port", free, "--weights", str(tmp_path / "bad.safetensors")]) == 2
    assert "bad.safetensors" in _one_line(capsys)


def test_the_endpoint_is_documented_and_gives_the_designers_picture(designer, starters, tmp_path):
    client_module = pytest.importorskip("gradio_client")
    studio, port = Studio(designer, starters[:2]), _free_port()
    door.serve(studio, "127.0.0.1", port, block=False)
    try:
        client = client_module.Client(f"http://127.0.0.1:{port}/", verbose=False, download_files=str(tmp_path))
        endpoints = client.view_api(return_format="dict")["named_endpoints"]
        assert list(endpoints) == ["/generate"]
        names = [parameter["parameter_name"] for parameter in endpoints["/generate"]["parameters"]]
        assert names == ["labels", "map_png", "seed", "diversity", "harmony"]
        expected = designer.generate(starters[1].labels, 3, 0.8, 0.4)
        path = client.predict(encode(starters[1].labels), None, 3, 0.8, 0.4, api_name="/generate")
        np.testing.assert_array_equal(np.asarray(Image.open(path).convert("RGB")), expected)
        file = tmp_path / "map.png"
        file.write_bytes(pictures.png(colorize(starters[1].labels)))
        sent = client_module.handle_file(file)
        path = client.predict(map_png=sent, seed=3, diversity=0.8, harmony=0.4, api_name="/generate")
        np.testing.assert_array_equal(np.asarray(Image.open(path).convert("RGB")), expected)
        for labels, reason in (("x" * 5_000_000, "characters"), ("{}", "nothing else"), ("", "empty")):
            with pytest.raises(Exception, match=reason):
                client.predict(labels, None, 0, 1.0, 1.0, api_name="/generate")
        assert client.predict(encode(starters[0].labels), api_name="/generate")
    finally:
        studio.blocks.close(verbose=False)


def _open(url: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))))


def _saved(designer: Designer, session: Session, kind: str) -> bytes:
    return base64.b64decode(handlers.saved(designer, session, session.look.labels, kind)["data"])


def _one_line(capsys) -> str:
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
