"""Figures: what is drawn, by reading it back from the Figure; sums and smoothing on paper."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("matplotlib")
from garmentgen import BACKGROUND, LABELS, NUM_LABELS, UserError, colorize, find, plots
from garmentgen.config import LOSSES
from garmentgen.data import rle


@pytest.fixture(params=[True, False], ids=["chinese", "no chinese font"])
def font(request, monkeypatch):
    """With this machine's Chinese font, if any, and on a machine without one."""
    if not request.param:
        monkeypatch.setattr(plots, "chinese_font", lambda: None)
    return plots.chinese_font()


def texts(figure) -> list[str]:
    """Every text on a figure."""
    return [t.get_text() for axes in figure.axes for t in (*axes.texts, axes.title) if t.get_text()]


def drawn(figure) -> None:
    """Lay the figure out and draw it, as saving does."""
    figure.canvas.draw()


def line(images: float, **losses: float) -> dict[str, float]:
    return {"images": images, "images_per_second": 1.0, **losses}


def test_plots_need_no_paddle():
    code = "import garmentgen.plots, sys; raise SystemExit('paddle' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_smoothing_on_paper():
    assert plots.smooth([2.0, 2.0, 2.0], 0.9) == pytest.approx([2, 2, 2])  # no pull towards 0
    assert plots.smooth([4.0, 0.0], 0.5) == pytest.approx([4, 4 * 0.5 / 1.5])
    assert plots.smooth([1.0, 5.0, 9.0], 0.0) == pytest.approx([1, 5, 9])


def test_loss_curves_shows_the_ten_in_order_smoothed_over_raw(font):
    log = [line(100 * k, **{name: float(k) for name in LOSSES}) for k in range(1, 41)]
    figure = plots.loss_curves(log, "a run")
    drawn(figure)
    assert [axes.get_title() for axes in figure.axes] == list(LOSSES)
    rows = {round(axes.get_position().y0, 3) for axes in figure.axes}
    assert len(rows) == 2
    for axes in figure.axes:
        raw, smoothed = axes.lines
        assert raw.get_xdata().tolist() == [100 * k for k in range(1, 41)]
        assert raw.get_ydata().tolist() == list(range(1, 41))
        assert raw.get_alpha() < 1 and (smoothed.get_ydata()[1:] < raw.get_ydata()[1:]).all()  # it follows, behind


def test_any_other_loss_of_the_log_has_a_curve_too(font):
    log = [line(k, **dict.fromkeys([*LOSSES, "g_statloss"], 1.0), images_per_second=5.0) for k in (1, 2)]
    figure = plots.loss_curves(log)
    assert [axes.get_title() for axes in figure.axes] == [*LOSSES, "g_statloss"]


def test_losses_that_have_not_begun_are_said_to_be_so(font):
    early = [
        line(k, g_ganloss=0.0, g_featloss=1.0, g_vggloss=1.0, g_styleloss=1.0, kldloss=1.0, g_loss=4.0) for k in (1, 2)
    ]
    early.append(line(2.5, **dict.fromkeys(LOSSES[:5], 0.0), g_loss=4.0))
    late = line(3, **dict.fromkeys(LOSSES, 0.5))
    curves = dict(zip(LOSSES, plots.loss_curves(early).axes, strict=True))
    assert [name for name in LOSSES if not curves[name].lines] == list(LOSSES[:5])  # discriminator's, and g_ganloss
    joined = dict(zip(LOSSES, plots.loss_curves([*early, late]).axes, strict=True))
    assert list(joined["g_ganloss"].lines[0].get_xdata()) == [3]  # its zeros before are no losses
    assert list(joined["g_loss"].lines[0].get_xdata()) == [1, 2, 2.5, 3]


def test_an_empty_log_is_refused():
    with pytest.raises(UserError, match="at least one line"):
        plots.loss_curves([])


def test_result_figure_is_generated_real_map():
    rng = np.random.default_rng(0)
    generated, real = rng.integers(0, 256, (2, 2, 8, 8, 3), dtype=np.uint8)
    labels = np.full((2, 8, 8), find("coat").id, np.uint8)
    figure = plots.result_figure(generated, real, labels)
    shown = [axes.images[0].get_array() for axes in figure.axes]
    expected = [generated[0], real[0], colorize(labels[0]), generated[1], real[1], colorize(labels[1])]
    assert all(np.array_equal(a, b) for a, b in zip(shown, expected, strict=True))
    assert [len(axes.title.get_text()) > 0 for axes in figure.axes] == [True] * 3 + [False] * 3
    with pytest.raises(ValueError, match="as many pictures as maps"):
        plots.result_figure(generated, real, labels[:1])


def test_the_chart_names_every_class_once_in_its_colour(font):
    figure = plots.class_chart()
    drawn(figure)
    axes = figure.axes[0]
    assert len(axes.patches) == NUM_LABELS
    for label, patch in zip(LABELS, axes.patches, strict=True):
        assert tuple(round(255 * v) for v in patch.get_facecolor()[:3]) == label.color
        assert sum(text.endswith(label.name) for text in texts(figure)) >= 1
        assert texts(figure).count(str(label.id)) == 1
        assert any(label.name_zh in text for text in texts(figure)) == bool(font)
    boxes = [text.get_window_extent() for text in axes.texts]
    assert max(box.x1 for box in boxes) <= figure.bbox.x1 + 1  # nothing runs off the figure


def test_counting_classes_on_paper():
    labels = np.full((3, 4, 4), BACKGROUND, np.uint8)
    labels[0, 0, :3] = 5
    labels[1, :2] = 5
    labels[1, 3] = NUM_LABELS - 1
    maps, pixels = plots.count_classes(labels)
    assert maps[5] == 2 and pixels[5] == 3 + 8
    assert maps[-1] == 1 and pixels[-1] == 4
    assert maps.sum() == 3 and pixels.sum() == 15
    left, right = plots.class_bars(labels).axes
    assert left.patches[5].get_width() == 2
    assert right.patches[5].get_width() == pytest.approx(100 * 11 / 2 / 16)


def test_runs_figure_numbers_down_the_columns():
    mask = np.zeros((3, 4), bool)
    mask[1:, 1] = mask[0, 2] = True  # column-major, from 1: pixels 5, 6 and 7: one run
    mask[2, 3] = True  # pixel 12
    runs = rle.from_mask(mask)
    axes = plots.runs_figure(mask, runs).axes[0]
    assert rle.encode(mask) == "5 3 12 1" and len(runs) == 2
    cells = {int(text.get_text()): patch for text, patch in zip(axes.texts, axes.patches, strict=True)}
    assert cells[5].get_xy() == (1, 1) and cells[12].get_xy() == (3, 2)
    colors = {number: patch.get_facecolor() for number, patch in cells.items()}
    assert colors[5] == colors[6] == colors[7] != colors[12]
    assert colors[1] == colors[4] == colors[11] == (1, 1, 1, 1)


def test_planes_codes_samples_and_grids_show_what_they_are_given(font):
    labels = np.full((2, 8, 8), BACKGROUND, np.uint8)
    labels[0, :2], labels[0, 4:], labels[1, 0, 0] = 3, 9, 31
    one_hot = (labels[:, None] == np.arange(NUM_LABELS)[:, None, None]).astype(np.float32)
    figure = plots.planes_figure(one_hot, limit=3)
    drawn(figure)
    titles = [axes.title.get_text() for axes in figure.axes]
    assert [t.split(":")[0] for t in titles] == ["9", "3", "", "31", "", ""]  # largest first
    assert np.array_equal(figure.axes[0].images[0].get_array(), one_hot[0, 9])
    codes = {4: np.zeros((8, 2, 2), np.float16), 7: np.ones((8, 2, 2), np.float16)}
    assert sum(len(axes.images) for axes in plots.codes_figure(codes).axes) == 16
    samples = plots.samples_figure(colorize(labels), labels)
    drawn(samples)
    legends = [axes.get_legend() for axes in samples.axes if axes.get_legend()]
    assert [len(legend.get_texts()) for legend in legends] == [2, 1]
    grid = plots.picture_grid(list(colorize(labels)) * 3, ["a"], columns=4)
    assert len(grid.axes) == 8 and sum(len(axes.images) for axes in grid.axes) == 6


@pytest.mark.parametrize(
    ("title", "readable"), [("按列（正确）by columns", "by columns"), ("种子 seed 3", "seed 3"), ("before", "before")]
)
def test_titles_of_a_notebook_are_english_without_a_chinese_font(monkeypatch, title, readable):
    """They were boxes, and a screen of warnings, where matplotlib knows no such font."""
    for font, shown in ((None, readable), ("Noto Sans SC", title)):
        monkeypatch.setattr(plots, "chinese_font", lambda font=font: font)
        figure = plots.picture_grid([np.zeros((2, 2, 3), np.uint8)], [title])
        assert figure.axes[0].get_title() == shown
