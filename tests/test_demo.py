"""The demo without a browser: what a client may send, what the handlers do, how it starts."""

from __future__ import annotations

import base64
import io
import json
import re
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from garmentgen import BACKGROUND, NUM_LABELS, Designer, Look, UserError, colorize, encode_png, find
from garmentgen.painter import STYLE, decode, encode, label_table, script

gr = pytest.importorskip("gradio")
from demo_tab import free_port  # noqa: E402
from PIL import Image  # noqa: E402

from demo import __main__ as door  # noqa: E402
from demo import actions, answers, pictures  # noqa: E402
from demo.actions import Ask, Blank  # noqa: E402
from demo.app import Studio, sentence  # noqa: E402
from demo.components import Garment, head  # noqa: E402
from demo.starters import TITLES, load_starters  # noqa: E402
from demo.texts import MESSAGES, TERMS, TEXTS, Refused, say  # noqa: E402

IDS = st.sampled_from([*range(NUM_LABELS), BACKGROUND])


@pytest.fixture(scope="module")
def designer() -> Designer:
    return Designer.random("tiny", seed=0)


@pytest.fixture(scope="module")
def starters(designer):
    return load_starters(designer)


@pytest.fixture
def first(designer, starters) -> Ask:
    """What the page asks with the first template on it."""
    look = designer.look(starters[0].labels, harmony=0.5)
    return Ask(look, look.labels, **actions.settings(look), data={})


def asking(ask: Ask, look: Look | None = None, seed: int | None = None, **data) -> Ask:
    """The same page, asking for something else."""
    controls = {name: data.pop(name) for name in ("diversity", "harmony") if name in data}
    return replace(ask, look=look or ask.look, seed=ask.seed if seed is None else seed, data=data, **controls)


def photo(kind: str, turn: int = 0, exif: int = 1) -> str:
    """A small photo as base64."""
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8))
    tags, data = Image.Exif(), io.BytesIO()
    tags[274] = exif
    picture.rotate(turn, expand=True).save(data, kind, exif=tags)
    return base64.b64encode(data.getvalue()).decode()


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
        ('{"w":4,"h":4,"runs":[-1,16]}', "from 0 to 255"),
        ('{"w":4,"h":4,"runs":[1,99999999999999999999999]}', "from 0 to 255"),
        ('{"w":4,"h":4,"runs":[1,15]}', "fills 15"),
        ('{"w":4,"h":4,"runs":[1,16,1,1]}', "fills 17"),
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


def test_the_page_asks_nobody_for_anything():
    page = head()
    assert "\nexport " not in page.split("<script>")[1]
    assert "http://" not in page and "https://" not in page and "\nimport " not in page.split("<script>")[1]


# ---- actions


def test_painting_keeps_locks_and_a_new_seed_changes_the_rest(designer, first):
    one, *others = first.look.regions
    locked = actions.lock(designer, asking(first, region=one, locked=True))
    rolled = actions.roll(designer, asking(first, look=locked, dice=99))
    assert rolled.seed == 99
    assert np.array_equal(rolled.codes[one], locked.codes[one])
    for other in others:
        assert not np.array_equal(rolled.codes[other], locked.codes[other])
    again = actions.paint(designer, asking(first, look=rolled, seed=99))
    assert all(np.array_equal(again.codes[c], rolled.codes[c]) for c in again.regions)


def test_a_reroll_changes_one_region_and_the_next_roll_forgets_it(designer, first):
    region = first.look.regions[-1]
    rerolled = actions.reroll(designer, asking(first, region=region))
    for c in first.look.regions:
        assert np.array_equal(rerolled.codes[c], first.look.codes[c]) == (c != region)
    assert actions.roll(designer, asking(first, look=rerolled, dice=5)).seeds == {}


@pytest.mark.parametrize("region", [None, "sleeve", True, 255, 45, -1, 1.5, [0], {}])
def test_a_region_that_is_not_on_the_map_is_refused(designer, first, region):
    for action in (actions.reroll, actions.lock):
        with pytest.raises(Refused, match="no_part"):
            action(designer, asking(first, region=region))
    with pytest.raises(Refused, match="no_part"):
        actions.style(designer, asking(first, photo=photo("PNG"), regions=[region]))


@pytest.mark.parametrize("chosen", [None, 3, [], {}, True])
def test_a_click_on_nothing_is_refused(designer, first, chosen):
    for action in (actions.adopt, actions.take):
        with pytest.raises(Refused):
            action(designer, asking(first, chosen=chosen))
    with pytest.raises(Refused):
        actions.blend(designer, asking(first, start=chosen, end=first.look.to_json()))


def test_an_empty_painting_is_blank_not_an_error(designer, first):
    empty = replace(first, labels=np.full_like(first.labels, BACKGROUND))
    for action in (actions.paint, actions.roll, actions.reroll, actions.lock, actions.variants):
        with pytest.raises(Blank):
            action(designer, replace(empty, data={"dice": 1, "region": 0}))


def test_variants_differ_and_an_adopted_one_dresses_the_map_as_it_is_now(designer, first, starters):
    looks = actions.variants(designer, first)
    assert len(looks) == actions.VARIANTS and len({look.seed for look in looks}) == actions.VARIANTS
    now = replace(first, labels=starters[1].labels, data={"chosen": looks[3].to_json()})
    adopted = actions.adopt(designer, now)
    np.testing.assert_array_equal(adopted.labels, starters[1].labels)
    assert adopted.seed == looks[3].seed


def test_blend_runs_from_a_to_b(designer, first):
    with pytest.raises(Refused):
        actions.blend(designer, first)
    rolled = actions.roll(designer, asking(first, dice=4))
    ends = {"start": first.look.to_json(), "end": rolled.to_json()}
    steps = actions.blend(designer, replace(first, data=ends))
    np.testing.assert_array_equal(designer.render(steps[0]), designer.render(first.look))
    last = designer.render(replace(first.look, codes=rolled.codes))
    np.testing.assert_array_equal(designer.render(steps[-1]), last)
    movie = Image.open(io.BytesIO(_file(answers.gif_file(designer, replace(first, data=ends)))))
    assert movie.n_frames == 2 * actions.BLEND_STEPS - 2


def test_what_the_page_keeps_gives_the_same_picture_again(designer, first):
    shown = answers.shown(designer, first.look)
    assert shown["look"] == first.look.to_json() and shown["map"] == encode(first.labels)
    kept = actions.take(designer, asking(first, chosen=shown["look"]))
    assert answers.shown(designer, kept)["src"] == shown["src"]
    picture = np.asarray(Image.open(io.BytesIO(_file(answers.picture_file(designer, replace(first, look=kept))))))
    np.testing.assert_array_equal(picture, answers.smooth(designer, first.look))


def test_no_other_garment_is_saved_than_the_one_on_screen(designer, first):
    with pytest.raises(Refused, match="nothing_shown"):
        answers.picture_file(designer, replace(first, look=None))
    foreign = replace(first.look, weights_hash="other")
    with pytest.raises(Refused, match="other_weights"):
        answers.picture_file(designer, replace(first, look=foreign))


def test_the_style_of_a_photo_is_taken_upright(designer, first):
    with pytest.raises(Refused):
        actions.style(designer, first)
    upright, lying = photo("PNG"), photo("PNG", turn=90, exif=6)  # 6: "turn me by a quarter to the right"
    one, other = (actions.style(designer, asking(first, photo=data)) for data in (upright, lying))
    assert one.pinned == set(first.look.regions)
    assert all(np.array_equal(one.codes[c], other.codes[c]) for c in one.regions)
    region = first.look.regions[0]
    only = actions.style(designer, asking(first, photo=upright, regions=[region]))
    assert only.pinned == {region}


def test_the_garment_of_a_photo_is_cut_and_worn(designer, first):
    picture = np.full((200, 100, 3), 230, np.uint8)
    picture[50:150, 20:80] = (160, 30, 50)
    data = io.BytesIO()
    Image.fromarray(picture).save(data, "PNG")
    sent = base64.b64encode(data.getvalue()).decode()
    shown = answers.taken(actions.cut(asking(first, photo=sent)))
    assert shown["box"] == pytest.approx([0.25, 0.2, 0.75, 0.8], abs=0.02)
    cloth = np.asarray(Image.open(io.BytesIO(base64.b64decode(shown["src"].partition(",")[2]))))
    assert cloth.shape[2] == 4 and (cloth[50, 30] == (160, 30, 50, 255)).all()
    worn = actions.style(designer, asking(first, photo=sent, cut={"box": None, "whole": False}))
    wanted = designer.style_from_photo(first.look, data.getvalue())
    assert worn.pinned == set(worn.codes) and all(np.array_equal(worn.codes[c], wanted.codes[c]) for c in worn.codes)
    part = asking(first, photo=sent, cut={"box": [0, 0, 0.5, 1], "whole": True}, regions=[first.look.regions[0]])
    assert actions.style(designer, part).pinned == {first.look.regions[0]}
    assert "没有找到服装" in sentence(UserError(_no_garment(first)), "zh")


def _no_garment(ask: Ask) -> str:
    plain = io.BytesIO()
    Image.new("RGB", (50, 50), (90, 90, 90)).save(plain, "PNG")
    with pytest.raises(UserError) as error:
        actions.cut(asking(ask, photo=base64.b64encode(plain.getvalue()).decode()))
    return str(error.value)


@pytest.mark.parametrize(
    "box", ["1234", [0, 0, 1], [0, 0, 0, 0], [0, 0, 2, 2], [None] * 4, {"top": 0}, [10**400] * 4, [[0]] * 4]
)
def test_a_box_from_a_stranger_is_refused_in_one_sentence(first, box):
    with pytest.raises(UserError, match="box"):
        actions.cut(asking(first, photo=photo("PNG"), box=box))
    assert "框" in sentence(UserError("a box is (top, left, bottom, right) in shares 0..1"), "zh")


def test_pictures_are_saved_large_and_cut_out(designer, first):
    for side, transparent, shape in ((64, False, (64, 64, 3)), (64, True, (64, 64, 4)), (1024, True, (1024, 1024, 4))):
        saved = answers.picture_file(designer, asking(first, side=side, transparent=transparent))
        picture = np.asarray(Image.open(io.BytesIO(_file(saved))))
        assert picture.shape == shape and str(side) in saved["file"]["name"]
        assert (picture[0, 0] == (255 if not transparent else picture[0, 0])).all()
        assert not transparent or (picture[0, 0, 3], picture[side // 2, side // 2, 3]) == (0, 255)
    with pytest.raises(UserError, match="side is 64 or 1024"):
        answers.picture_file(designer, asking(first, side=10**9))


def test_pages_become_one_pdf(first):
    page = base64.b64encode(base64.b64decode(photo("JPEG"))).decode()
    made = _file(answers.pdf_file(asking(first, pages=[page, page])))
    assert made.startswith(b"%PDF") and len(re.findall(rb"/Type /Page\b", made)) == 2
    wide = io.BytesIO()
    Image.new("1", (30_000, 1)).save(wide, "PNG")
    bad = [base64.b64encode(data).decode() for data in (b"%PDF", wide.getvalue())]
    for pages in (None, [], [page] * 5, ["x"], [5], *([one] for one in bad)):
        with pytest.raises((Refused, UserError)):
            answers.pdf_file(asking(first, pages=pages))


@pytest.mark.parametrize("size", [(1, 30_000), (60_000, 1), (1025, 1025)])
def test_a_photo_is_judged_by_its_sides_before_it_is_decoded(designer, first, size):
    data = io.BytesIO()
    Image.new("1", size).save(data, "PNG")
    with pytest.raises(Refused, match="photo_large"):
        actions.style(designer, asking(first, photo=base64.b64encode(data.getvalue()).decode()))


def test_a_session_that_cannot_be_shown_is_refused_at_the_door(designer, first):
    data = json.loads(first.look.to_json())
    bad = [
        *("", "{}", "[1]", json.dumps({**data, "map": [0, 1]})),
        *(json.dumps({**data, **wrong}) for wrong in ({"diversity": 3}, {"seed": 2**53}, {"harmony": 2})),
    ]
    for text in bad:
        with pytest.raises(UserError) as error:
            actions.open_session(designer, asking(first, file=base64.b64encode(text.encode()).decode()))
        assert len(str(error.value)) < 300
    kept = asking(first, file=base64.b64encode(json.dumps({**data, "seed": 2**31 + 5}).encode()).decode())
    look, notes = actions.open_session(designer, kept)
    assert not notes
    assert actions.paint(designer, asking(first, look=look, **actions.settings(look))).seed == 2**31 + 5


def test_a_session_of_other_weights_opens_and_says_so(designer, first):
    changed = {**json.loads(first.look.to_json()), "weights": "other"}
    text = base64.b64encode(json.dumps(changed).encode()).decode()
    look, notes = actions.open_session(designer, asking(first, file=text))
    assert len(notes) == 1 and "other" in notes[0]
    assert designer.render(look).shape == designer.render(first.look).shape


def test_what_opens_works(designer, first):
    """Every kind of step goes on from whatever the door let in."""
    look = actions.take(designer, asking(first, chosen=first.look.to_json()))
    ask = asking(first, look=look, **actions.settings(look), region=look.regions[0], dice=3, locked=True)
    for action in (actions.paint, actions.roll, actions.reroll, actions.lock):
        designer.render(action(designer, ask))


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"seed": None}, "seed"), ({"seed": -1}, "seed"), ({"seed": "7"}, "seed"), ({"seed": 10**400}, "seed"),
        ({"seed": True}, "seed"), ({"diversity": 2.5}, "diversity"), ({"diversity": float("nan")}, "diversity"),
        ({"harmony": [1]}, "harmony"), ({"map": "[]"}, "map"), ({"map": 5}, "map"), ({"look": "{}"}, "session"),
    ],
)  # fmt: skip
def test_a_wrong_argument_is_named(wrong, name):
    with pytest.raises(UserError, match=name) as error:
        Ask.of(wrong, 64)
    assert len(str(error.value)) < 300


def test_uploads_are_bounded_and_must_be_what_they_say():
    assert actions.uploaded(base64.b64encode(b"abc").decode(), 3, 10) == b"abc"
    for data, size, key in (
        (None, 5e7, "file_large"),
        (None, "many", "file_large"),
        (None, float("inf"), "file_large"),
        ("A" * 100, 3, "file_unreadable"),
        ("not base64!", 3, "file_unreadable"),
        ("\ud800", 3, "file_unreadable"),
        (["QUJD"], 3, "file_unreadable"),
    ):
        with pytest.raises(Refused) as refusal:
            actions.uploaded(data, size, 10)
        assert refusal.value.key == key
        say(refusal.value.key, "zh", **refusal.value.values)


def test_pictures_for_the_page():
    labels = np.full((20, 20), BACKGROUND, np.uint8)
    labels[5:15, 5:15] = find("coat").id
    np.testing.assert_array_equal(_open(pictures.png_url(colorize(labels), 20)), colorize(labels))
    picture = np.full((64, 64, 3), (30, 120, 60), np.uint8)
    assert np.abs(_open(pictures.garment_url(picture)).astype(int) - picture).max() <= 3
    assert _open(pictures.garment_url(picture, 16)).shape == (16, 16, 3)
    movie = Image.open(io.BytesIO(pictures.gif([picture, 255 - picture, picture // 2])))
    assert movie.n_frames == 4 and movie.info["loop"] == 0


def test_every_failure_is_one_message_in_the_users_language():
    for failure, text in (
        (Refused("no_photo"), MESSAGES["no_photo"][1]),
        (Blank(), MESSAGES["empty"][1]),
        (UserError("<img src=x>"), "无法使用该内容（<img src=x>）"),  # the page shows text, not HTML
        (UserError("a.png is damaged or cut short (x); save it again"), "图片已损坏或不完整，请重新保存。"),
        (RuntimeError("secret path"), MESSAGES["broken"][1]),
    ):
        assert sentence(failure, "zh") == text


def test_what_people_do_wrong_is_said_in_chinese(designer, first):
    """Broken pictures and sessions: every sentence is known, so none stands there in English."""
    data = json.loads(first.look.to_json())
    sessions = ["", "{", "[]", "{}", "x" * 5_000_000]
    for wrong in (
        {"map": [0, 1]},
        {"seed": -1},
        {"codes": {}},
        {"codes": 5},
        {"diversity": 3},
        {"format": "x"},
    ):
        sessions.append(json.dumps({**data, **wrong}))
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    files = [b"", b"text", base64.b64decode(photo("PNG"))[:500], encode_png(noise), encode_png(noise[..., 0])]
    files += [encode_png(np.full((8, 8, 3), 255, np.uint8)), pictures.gif([noise, 255 - noise])]
    wide = io.BytesIO()
    Image.new("1", (9000, 1)).save(wide, "PNG")
    for make, things in ((Look.from_json, sessions), (designer.read_map, [*files, wide.getvalue()])):
        for thing in things:
            with pytest.raises(UserError) as error:
                make(thing)
            assert not sentence(error.value, "zh").startswith("无法使用该内容"), error.value


def test_every_word_is_there_in_both_languages():
    for pair in (*TEXTS.values(), *TERMS.values(), *MESSAGES.values()):
        assert len(pair) == 2 and all(pair)
        assert set(re.findall(r"{\w*", pair[0])) == set(re.findall(r"{\w*", pair[1]))
    script = head()
    for key in re.findall(r'\b(?:word|wordButton|text|message|explained|pick)\(\s*"(\w+)"', script):
        assert any(key in table for table in (TEXTS, TERMS, MESSAGES)), key


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
    free = str(free_port())
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
    studio, port = Studio(designer, starters[:2]), free_port()
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
        file.write_bytes(encode_png(colorize(starters[1].labels)))
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


def _file(answer: dict) -> bytes:
    return base64.b64decode(answer["file"]["data"])


def _one_line(capsys) -> str:
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def test_a_garment_painted_twice_is_two_files():
    """Else one client's file is written anew while another fetches it."""
    picture = np.full((4, 4, 3), 200, np.uint8)
    first, second = (Path(Garment().postprocess(picture).path) for _ in range(2))
    assert first != second and first.read_bytes() == second.read_bytes() == encode_png(picture)


def test_packages_that_no_page_needs_wait_until_they_are_asked_for():
    code = """
import sys, demo.__main__
from demo.memory import import_later, never_import
assert "pandas.core" not in sys.modules
import pandas
assert pandas.DataFrame({"a": [1]}).a.sum() == 1 and type(sys.modules["pandas"]).__name__ == "module"
never_import("matplotlib")
try:
    import matplotlib
except ImportError:
    sys.exit(0)
sys.exit("matplotlib was imported")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(door.__file__).parents[1], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_a_dyed_part_is_a_step_like_any_other(designer, first):
    region = first.look.regions[0]
    dyed = actions.dye(designer, asking(first, region=region, colour="#1e4fa3"))
    assert region in dyed.pinned and not np.array_equal(dyed.codes[region], first.look.codes[region])
    assert all(np.array_equal(dyed.codes[c], first.look.codes[c]) for c in first.look.regions if c != region)
    dressed = actions.drape(designer, asking(first, region=region, fabric=0))
    assert not np.array_equal(dressed.codes[region], dyed.codes[region])
    again = actions.reroll(designer, asking(first, dyed, region=region))
    assert region not in again.pinned


@pytest.mark.parametrize(
    "wrong",
    [{"colour": "blue"}, {"colour": None}, {"colour": "#101010", "side": "up"}, {"colour": "#101010", "region": 99}],
)
def test_a_dye_that_is_none_is_refused(designer, first, wrong):
    with pytest.raises((Refused, UserError)):
        actions.dye(designer, asking(first, **{"region": first.look.regions[0], **wrong}))


@pytest.mark.parametrize("wrong", [{}, {"fabric": -1}, {"fabric": 10**6}, {"fabric": True}, {"picture": "no base64"}])
def test_a_fabric_that_is_none_is_refused(designer, first, wrong):
    with pytest.raises((Refused, UserError)):
        actions.drape(designer, asking(first, region=first.look.regions[0], **wrong))
