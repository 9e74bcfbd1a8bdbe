"""The one loop of training, of the networks and of the flow. Resume = the same command again."""

from __future__ import annotations

import json
import math
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import paddle.distributed as dist

from ..acceleration import accelerated
from ..checkpoint import load_weights
from ..config import Config, Schedule, to_dict
from ..files import claim_folder, write_atomically
from ..progress import bar
from .feed import fixed_batch, load_batch, open_sources
from .logs import Log, sample_sheet, tell_losses
from .parallel import anywhere
from .run import Run
from .start import take_weights
from .state import STATE, TrainState, load_state, remove_leftovers, save_state

Show = Callable[[dict[str, float]], object]
"""How a run is watched: is given every line of the log."""


def follow(
    state: TrainState,
    schedule: Schedule,
    folder: Path,
    step: Callable[[], dict[str, float]],
    save: Callable[[], None],
    minutes: float | None = None,
    show: Show | None = None,
    after: Callable[[int], None] | None = None,
) -> None:
    """Take steps until the schedule's pictures are seen, the time is up, or SIGTERM or SIGINT comes; saved in any case.

    Args:
        step: one step, which counts its pictures in `state.seen`; returns the losses by their logged names.
        save: is called from time to time, and at the end. minutes: stop after this long; None for never.
        show: is given every line of the log. after: is told after each step how many pictures were seen before it.
    """
    log, saved, first = Log(folder, state.seen), time.monotonic(), dist.get_rank() == 0
    deadline = saved + 60 * (minutes if minutes is not None else math.inf)
    with StopFlag() as stop, bar(state.seen, schedule.images, " pictures", hidden=not first) as shown:

        def report() -> None:
            line = log.write(state.seen)
            tell_losses(shown, line)
            if show is not None:
                show(line)

        while state.seen < schedule.images and not anywhere(stop.set or time.monotonic() > deadline):
            before, started = state.seen, time.monotonic()
            values = step()
            seconds, joined = time.monotonic() - started, state.seen - before
            state.seconds += seconds
            log.add(values, joined, seconds)
            shown.update(joined)
            if first and after is not None:
                after(before)
            if first and passes(before, state.seen, schedule.log_images):
                report()
            if time.monotonic() - saved > 60 * schedule.save_minutes:
                saved = time.monotonic()
                save()
        if first and log.pictures:  # since the last line
            report()
        save()


def passes(before: int, seen: int, every: int) -> bool:
    """Whether a multiple of `every` lies between two counts, the second included."""
    return seen // every != before // every


def write_settings(folder: Path, config: Any) -> None:
    """Leave a run's settings beside it, as config.json."""
    text = json.dumps(to_dict(config), indent=2)
    write_atomically(folder / "config.json", lambda path: path.write_text(text))


def train(
    data: list[Path],
    config: Config,
    folder: Path,
    minutes: float | None = None,
    init: Path | None = None,
    show: Show | None = None,
) -> Path:
    """Train (or go on training) in `folder`; returns the path of the weights file it leaves there.

    Args:
        data: prepared folders: the photographs, and optionally drawn garments (share: `data.drawn`).
        minutes: stop after this long, with the state saved. init: weights file to start from; if the encoder is
            frozen, its priors stay valid: they are kept, and the default one draws the codes of the swapped pass.
        show: is given every line of the log.

    Raises:
        UserError: unusable data or weights, or a loss that is no longer finite.
    """
    if dist.get_world_size() > 1:
        dist.init_parallel_env()
    with accelerated() as engine:
        print(f"engine: {engine}")
        sources, held_out = open_sources(data, config)
        run = Run(config)
        folder = Path(folder)
        if dist.get_rank() == 0:
            claim_folder(folder, "train", _is_run)
        _begin(run, folder, init)
        write_settings(folder, config)
        sheet = fixed_batch(held_out, config, run.nets.generator, run.prior)
        joined = config.train.batch * dist.get_world_size()

        def step() -> dict[str, float]:
            batch, rng = load_batch(sources, config, run.state.seen, run.nets.generator, run.prior)
            return run.step(batch, rng, joined)

        def sample(before: int) -> None:
            if passes(before, run.state.seen, config.train.sample_images):
                path = folder / "samples" / f"{run.state.seen:09d}.png"
                sample_sheet(path, run.encoder_average, run.generator_average, *sheet)

        follow(run.state, config.train, folder, step, lambda: _save(folder, run), minutes, show, sample)
    return folder / "weights.safetensors"


def _is_run(folder: Path) -> bool:
    """Whether `train` has written here: its settings are the first thing it leaves, a killed one's halves the next."""
    if all(path.suffix == ".tmp" for path in folder.iterdir()):
        return True
    try:
        return json.loads((folder / "config.json").read_text()).keys() == {"model", "loss", "data", "train"}
    except (OSError, ValueError, AttributeError, RecursionError):
        return (folder / STATE).exists()


def _begin(run: Run, folder: Path, init: Path | None) -> None:
    """Go on from the folder's state, else start from `init`; either way its priors are kept if they stay valid."""
    if dist.get_rank() == 0:
        remove_leftovers(folder)
    resumed, keep = load_state(folder, run.state), run.config.train.freeze_encoder
    if init is None or (resumed and not keep):
        return
    weights = load_weights(Path(init))
    if not resumed:
        run.state.facts["init"] = take_weights(run.state.nets, run.config.model, weights, Path(init))
    if keep:
        run.keep_prior(weights)


def _save(folder: Path, run: Run) -> None:
    if dist.get_rank() == 0:
        save_state(folder, run.state)
        run.export(folder / "weights.safetensors")


class StopFlag:
    """Within: true after SIGTERM or SIGINT, so that the step in hand is finished and saved."""

    def __enter__(self) -> StopFlag:
        self.set = False
        self.before = {name: signal.signal(name, self._raise) for name in (signal.SIGTERM, signal.SIGINT)}
        return self

    def __exit__(self, *_: object) -> None:
        for name, handler in self.before.items():  # a notebook goes on after training and wants its interrupt back
            signal.signal(name, handler)

    def _raise(self, *_: object) -> None:
        self.set = True
