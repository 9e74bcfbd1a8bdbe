"""Yardsticks, memorisation and the whole report on designers whose faults are known."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest

from garmentgen import Designer
from garmentgen.config import DataConfig
from garmentgen.data.dataset import Rows, split
from garmentgen.errors import UserError
from garmentgen.evaluation import command
from garmentgen.evaluation.cases import (
    ENLARGED,
    FLAT,
    NEAREST,
    PRIOR,
    REAL,
    RECONSTRUCTION,
    choose,
    enlarge,
    make_pictures,
    varied,
)
from garmentgen.evaluation.evaluate import evaluate
from garmentgen.evaluation.figures import (
    ACCURACY,
    COPY,
    COPY_SHARE,
    FD,
    FINE,
    LPIPS,
    MIOU,
    Figure,
    find_figure,
    fine_contrast,
)
from garmentgen.evaluation.memorisation import Nearest, nearest_photos, share_closer
from garmentgen.evaluation.report import markdown, verdict
from garmentgen.evaluation.sheets import sheet
from garmentgen.evaluation.yardsticks import flat, nearest_map, overlap, paste, shrink
from garmentgen.labels import BACKGROUND, find

TOP, PANTS, SLEEVE = (find(name).id for name in ("top", "pants", "sleeve"))
_ = BACKGROUND


def test_flat_fills_each_region_with_its_mean():
    photo = np.array([[[10, 0, 0], [30, 0, 0], [90, 9, 9], [1, 2, 3]]], np.uint8)
    labels = np.array([[TOP, TOP, SLEEVE, _]], np.uint8)
    assert flat(photo, labels)[0].tolist() == [[20, 0, 0], [20, 0, 0], [90, 9, 9], [255, 255, 255]]


def test_overlap_is_same_class_over_any_class():
    labels = np.array([[TOP, TOP, SLEEVE, _]], np.uint8)
    others = np.array([[[TOP, PANTS, _, _]], [[TOP, TOP, SLEEVE, _]], [[_, _, _, TOP]]], np.uint8)
    assert overlap(labels, others) == pytest.approx([1 / 3, 1, 0])
    index, value = nearest_map(labels[None].repeat(4, 1), others.repeat(4, 1), side=4)
    assert (index.tolist(), value.tolist()) == ([1], [1.0])


def test_paste_cuts_and_fills_from_the_nearest_garment_pixel():
    photo = np.arange(15, dtype=np.uint8).reshape(1, 5, 3).repeat(5, 0)
    photo_labels = np.array([[_, TOP, TOP, _, _]] * 5, np.uint8)
    labels = np.array([[_, _, PANTS, PANTS, SLEEVE]] * 5, np.uint8)
    white, second = [255] * 3, [6, 7, 8]
    assert paste(photo, photo_labels, labels).tolist() == [[white, white, second, second, second]] * 5
    with pytest.raises(ValueError, match="without any"):
        paste(photo, np.full_like(labels, _), labels)


def test_fine_contrast_on_paper():
    """One bright pixel in grey cloth: it stands 8/9 above its mean, the eight around it 1/9 below theirs."""
    picture = np.full((15, 15, 3), 100, np.uint8)
    picture[7, 7] = 190
    labels = np.full((15, 15), TOP, np.uint8)
    values = np.array([80.0] + [-10.0] * 8 + [0.0] * 40)  # the 7 x 7 pixels that lie four pixels inside
    assert fine_contrast(picture[None], labels[None]) == pytest.approx(values.std(), rel=1e-5)
    both = np.stack([picture, np.full_like(picture, 7)])
    assert fine_contrast(both, labels[None].repeat(2, 0)) == pytest.approx(values.std() / 2, rel=1e-5)
    labels[:, 10:], picture[:, 10:] = BACKGROUND, 255  # columns 4 and 5 are left: neither bright pixel nor white counts
    assert fine_contrast(picture[None], labels[None]) == 0
    assert fine_contrast(picture[None], np.full_like(labels, BACKGROUND)[None]) == 0


def test_pictures_larger_than_the_smaller_size_are_compared_with_that_one_enlarged():
    class Two(_Fake):
        sizes = (16, 32)

        def render(self, look, size=None):
            return super().render(look)[:: 32 // size, :: 32 // size]

    garments = _Garments(12, 32, 0)
    case = choose(garments, np.arange(8), np.arange(8, 12), None, 0)  # type: ignore[arg-type]
    pictures, _ = make_pictures(Two(), {}, case, 0, lambda text: None)  # type: ignore[arg-type]
    for name in (RECONSTRUCTION, PRIOR):
        large, small = pictures[name], pictures[f"{name}, {ENLARGED}"]
        assert large.shape == small.shape == (4, 32, 32, 3) and not np.array_equal(large, small)
        assert np.array_equal(small[0], enlarge(np.ascontiguousarray(large[0][::2, ::2]), 32))
    assert not any(ENLARGED in name for name in make_pictures(_Fake(), {}, case, 0, lambda text: None)[0])  # type: ignore[arg-type]


def test_shrink_takes_the_middle():
    labels = np.arange(16, dtype=np.uint8).reshape(1, 4, 4)
    assert shrink(labels, 2)[0].tolist() == [[5, 7], [13, 15]]
    assert (shrink(labels, 4) == labels).all()
    assert shrink(labels, 8)[0, ::2, ::2].tolist() == labels[0].tolist()


def test_copies_are_found():
    rng = np.random.default_rng(0)
    training = rng.integers(0, 255, (9, 128, 128, 3)).astype(np.uint8)

    def embed(pictures: np.ndarray) -> tuple[np.ndarray, ...]:
        return (pictures.transpose(0, 3, 1, 2)[:, :, ::16, ::16].astype(np.float32) / 255,)

    found = nearest_photos(embed, training[[4, 0, 8]], training)
    assert found.index.tolist() == [4, 0, 8]
    assert found.distance == pytest.approx([0, 0, 0], abs=1e-4)


def test_share_of_copies_on_paper():
    real = Nearest(np.zeros(101, int), np.arange(101.0))
    samples = Nearest(np.zeros(4, int), np.array([1.0, 4.9, 5.1, 60.0]))
    assert share_closer(samples, real) == 0.5
    assert share_closer(real, real) == pytest.approx(5 / 101)
    assert real.percentiles() == {0: 0, 5: 5, 25: 25, 50: 50, 75: 75}
    assert samples.closest(2).tolist() == [0, 1]


def test_scored_photos_are_never_their_own_reference():
    garments = _Garments(20, 16, 0)
    case = choose(garments, np.arange(20), np.arange(20), 6, seed=1)  # type: ignore[arg-type]
    assert len(case.photos) == 6 and len(case.training) == 14
    assert not any((a == b).all() for a in case.photos for b in case.training)
    with pytest.raises(UserError, match="at least 4"):
        choose(garments, np.arange(10), np.arange(10), None, seed=1)  # type: ignore[arg-type]


def test_training_photos_stay_on_disk_until_they_are_asked_for(tmp_path):
    """Rows of a mapped file, and rows of those, are the rows of the array; the mapping is all that is held."""
    np.save(tmp_path / "images.npy", np.random.default_rng(0).integers(0, 256, (9, 8, 8, 3), np.uint8))
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    index, some = np.array([7, 2, 5]), mapped[[7, 2, 5]]
    rows = Rows(mapped, index)
    assert (len(rows), rows.shape, rows.dtype, rows.ndim) == (3, some.shape, some.dtype, 4)
    assert np.array_equal(rows[1:], some[1:]) and np.array_equal(rows[1], some[1])
    assert np.array_equal(Rows(rows, np.array([2, 0]))[:], some[[2, 0]])
    assert np.array_equal(np.stack(list(rows)), some)
    assert np.array_equal(shrink(Rows(mapped[..., 0], index), 4), shrink(some[..., 0], 4))
    assert all(np.shares_memory(one, mapped) for one in rows)


def test_varied_takes_turns_among_main_classes():
    labels = np.full((6, 4, 4), BACKGROUND, np.uint8)
    for row, c in enumerate([TOP, TOP, TOP, PANTS, SLEEVE, PANTS]):
        labels[row, :2] = c
    assert varied(labels, 4).tolist() == [0, 3, 4, 1]


def test_sheet_places_pictures_under_headings():
    red, blue = np.full((32, 32, 3), (255, 0, 0), np.uint8), np.full((32, 32, 3), (0, 0, 255), np.uint8)
    made = sheet([[red, blue], [blue, red]], ["a", "b"])
    assert (made[30, 5] == red[0, 0]).all() and (made[30, 60] == blue[0, 0]).all() and (made[70, 5] == blue[0, 0]).all()
    with pytest.raises(ValueError, match="one a heading"):
        sheet([[red]], ["a", "b"])


def test_verdict_says_it_plainly():
    def figures(sample: float) -> list[Figure]:
        values = {PRIOR: sample, FLAT: 200.0, NEAREST: 90.0}
        return [Figure(FD, name, value, "n", 1, 0, "x") for name, value in values.items()]

    assert " beat flat" in verdict(figures(150))
    assert "do **not** beat flat" in verdict(figures(250))


def test_the_report_says_how_far_a_set_is_above_the_real_photos():
    values = {REAL: 82.5, FLAT: 245.0, PRIOR: 100.0}
    page = markdown([Figure(FD, name, value, "n", 1, 0, "x") for name, value in values.items()], {}, [])
    rows = {row.split(" | ")[0]: row.split(" | ")[-1] for row in page.splitlines() if row.startswith("| ")}
    assert (rows[f"| {REAL}"], rows[f"| {FLAT}"], rows[f"| {PRIOR}"]) == (" |", "162.5 |", "17.5 |")


# --- the whole ------------------------------------------------------------------------------------------------------


class _Garments:
    """Photos of striped boxes with sleeves: what a Garments folder offers, in memory."""

    def __init__(self, count: int, size: int, seed: int):
        rng = np.random.default_rng(seed)
        self.size = size
        self.images = np.full((count, size, size, 3), 255, np.uint8)
        self.labels = np.full((count, size, size), BACKGROUND, np.uint8)
        u = size // 16
        for image, labels in zip(self.images, self.labels, strict=True):
            top, left, width = rng.integers(1, 4) * u, rng.integers(3, 6) * u, rng.integers(6, 8) * u
            labels[top : top + 9 * u, left : left + width] = (TOP, PANTS)[rng.integers(2)]
            labels[top : top + 4 * u, left - 2 * u : left] = SLEEVE
            stripes = np.where(np.arange(size) // u % 2, *rng.integers(0, 200, 2)).astype(np.uint8)
            image[labels != BACKGROUND] = rng.integers(0, 200, 3)
            image[labels == SLEEVE] //= 2
            image[..., 1] = np.where(labels != BACKGROUND, stripes[:, None], image[..., 1])

    def __len__(self) -> int:
        return len(self.labels)


class _Fake:
    """A designer with known faults: paints noise in a colour drawn per class, or copies one photo."""

    weights_hash, size, sizes = "fake", 32, (32,)

    def __init__(self, copy: np.ndarray | None = None):
        self.copy = copy

    def look(self, labels, seed=0, diversity=1.0):
        return SimpleNamespace(labels=labels, seed=seed, diversity=diversity, seeds={}, photo=None)

    def style_from_photo(self, look, photo, photo_labels):
        return SimpleNamespace(**{**vars(look), "photo": photo})

    def reroll(self, look, region, seed):
        return SimpleNamespace(**{**vars(look), "seeds": {region: seed}})

    def generate(self, labels, seed=0, diversity=1.0, size=None):
        return self.render(self.look(labels, seed, diversity))

    def render(self, look, size=None):
        if look.photo is not None:
            return look.photo
        if self.copy is not None:
            return self.copy
        picture = np.full((*look.labels.shape, 3), 255, np.uint8)
        for c in np.unique(look.labels[look.labels != BACKGROUND]):
            rng = np.random.default_rng([look.seeds.get(int(c), look.seed), int(c)])
            spread = 40 * look.diversity
            picture[look.labels == c] = np.clip(128 + spread * rng.standard_normal(3), 0, 255).astype(np.uint8)
        return picture


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    garments, folder = _Garments(24, 32, 0), tmp_path_factory.mktemp("report")
    rows = np.arange(24)

    def run():
        copier = _Fake(garments.images[2])
        return evaluate(
            _Fake(),  # type: ignore[arg-type]
            garments,  # type: ignore[arg-type]
            rows[:16],
            rows[16:],
            folder,
            others={"copier": copier},  # type: ignore[dict-item]
            level_maps=3,
            class_maps=2,
            epochs=4,
            progress=lambda text: None,
        )

    first = run()
    files = {name: (folder / name).read_bytes() for name in ("report.json", "report.md", "comparison.png")}
    run()
    return SimpleNamespace(figures=first, files=files, folder=folder)


def _value(report, name: str, pictures: str) -> float:
    found = find_figure(report.figures, name, pictures)
    assert found is not None, (name, pictures)
    return found.value


def test_twice_run_the_report_is_the_same(report):
    assert {name: (report.folder / name).read_bytes() for name in report.files} == report.files
    assert len(list((report.folder / "cache").iterdir())) == 1
    for name in ("comparison", "yardsticks", "diversity", "memorisation"):
        assert (report.folder / f"{name}.png").read_bytes()[:4] == b"\x89PNG"


def test_every_figure_names_its_network_count_and_seed(report):
    data = json.loads(report.files["report.json"])
    for figure in data["figures"]:
        assert figure["network"] and figure["count"] > 0 and figure["against"] and figure["seed"] == 0
    assert all(len(network["weights_sha256"]) == 64 for network in data["networks"].values())
    text = report.files["report.md"].decode()
    assert "MobileNetV2 pooled, 224 px; N = 8, against 16 training photos; seed 0" in text
    assert "FID" not in text.replace("FD-MobileNetV2", "")


def test_yardsticks_are_in_every_report(report):
    for name in (REAL, FLAT, NEAREST, RECONSTRUCTION, PRIOR, f"{PRIOR}, copier"):
        for key in (FD, MIOU, ACCURACY, f"{COPY}, 50 %", COPY_SHARE):
            assert np.isfinite(_value(report, key, name))
    assert _value(report, FD, "one half of the real photos") > 0


def test_flat_regions_have_no_fine_contrast(report):
    assert _value(report, FINE, FLAT) < _value(report, FINE, REAL) == _value(report, FINE, RECONSTRUCTION)


def test_known_faults_show(report):
    assert _value(report, LPIPS, RECONSTRUCTION) == 0, "this designer's reconstructions are the photos"
    assert _value(report, FD, RECONSTRUCTION) == pytest.approx(_value(report, FD, REAL))
    assert _value(report, LPIPS, FLAT) > 0
    assert _value(report, FD, PRIOR) > _value(report, FD, REAL)
    copied = f"{PRIOR}, copier"
    assert _value(report, f"{COPY}, 75 %", copied) == pytest.approx(0, abs=1e-4)
    assert _value(report, COPY_SHARE, copied) == 1
    assert _value(report, "mCSD", copied) == 0
    assert _value(report, "mCSD", PRIOR) > 0
    assert _value(report, "mOCD", PRIOR) == 0, "this designer repaints one region only"
    between = [_value(report, "LPIPS between two samples", f"diversity {s}") for s in ("0", "0.5", "1", "1.5")]
    assert between[0] == 0 and between == sorted(between) and between[3] > between[1]


def test_size_must_fit(tmp_path):
    with pytest.raises(UserError, match="prepare with --size 32"):
        evaluate(_Fake(), _Garments(8, 16, 0), np.arange(4), np.arange(4, 8), tmp_path)  # type: ignore[arg-type]


def test_missing_features_are_an_error_before_any_work(tmp_path):
    garments = _Garments(8, 32, 0)
    with pytest.raises(UserError, match="is missing; restore it"):
        evaluate(
            _Fake(),  # type: ignore[arg-type]
            garments,  # type: ignore[arg-type]
            np.arange(4),
            np.arange(4, 8),
            tmp_path / "report",
            features=tmp_path,
        )
    assert not (tmp_path / "report").exists()


@pytest.mark.slow
def test_a_real_designer_is_measured(tmp_path):
    designer = Designer.random("tiny")
    garments = _Garments(10, designer.size, 0)
    figures = evaluate(
        designer,
        garments,  # type: ignore[arg-type]
        np.arange(6),
        np.arange(6, 10),
        tmp_path,
        level_maps=1,
        class_maps=1,
        epochs=1,
        progress=lambda text: None,
    )
    assert all(np.isfinite(f.value) for f in figures if not f.name.startswith(("OCD", "mOCD")))


@pytest.mark.parametrize("rows, count", [("val", 4), ("train", 6), ("all", 6)])
def test_files_to_report(tmp_path, monkeypatch, rows, count):
    seen = {}

    def measure(designer, garments, train, scored, report, **options):
        seen.update(designer=designer, train=train, scored=scored, **options)
        values = {PRIOR: 1.0, FLAT: 2.0, NEAREST: 3.0}
        return [Figure(FD, name, value, "n", count, 0, "x") for name, value in values.items()]

    monkeypatch.setattr(command, "evaluate", measure)
    monkeypatch.setattr(command, "Garments", lambda folder: _Garments(50, 32, 0))
    facts = {"recipe": {"data": {"split_seed": 3, "validation": 0.1}}}

    def load(weights, prior, size):
        return SimpleNamespace(weights=weights, prior=prior, size=size, facts=facts)

    monkeypatch.setattr(command, "Designer", SimpleNamespace(load=load))
    said = command.evaluate_files("w", "data", rows, tmp_path, ["flow", "bank"], limit=6)
    assert "beat flat colours" in said and f"{count} maps" in said and str(tmp_path) in said
    one = seen["designer"]
    assert (one.weights, one.prior, one.size, seen["limit"]) == ("w", "flow", 32, 6)
    assert {name: one.prior for name, one in seen["others"].items()} == {"bank": "bank"}
    train, held_out = split(50, 3, 0.1)
    expected = {"val": held_out, "train": train, "all": np.arange(50)}[rows]
    assert (seen["scored"] == expected).all() and (seen["train"] == train).all()
    facts.clear()
    command.evaluate_files(None, "data", rows, tmp_path)
    assert (seen["designer"].prior, seen["others"], seen["limit"]) == (None, {}, 250)
    assert (seen["train"] == split(50, DataConfig().split_seed, DataConfig().validation)[0]).all()
