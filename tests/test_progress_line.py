"""The line of a run's progress where there is no bar."""

from __future__ import annotations

from tqdm.auto import tqdm

from garmentgen.training.logs import tell_losses


def test_a_last_batch_that_goes_over_leaves_no_time(capsys):
    for seen, left in ((200, "0:30 h left"), (2004, "0:00 h left")):
        tell_losses(tqdm(total=2000, disable=True), {"images": seen, "images_per_second": 1.0})
        assert left in capsys.readouterr().out
