"""Speed of one `lite` training step: stock environment, ours, native kernels; each in its own process."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext

from .. import environment
from .data import table

PARTS = ("encoder", "generator", "discriminator", "perceptual", "optimizer")
BATCH, REPEATS = 4, 4


def bench_train(sizes: list[int]) -> str:
    """Tables of images/s and milliseconds a picture, by part; ratios are against the stock environment.

    Every row is the same work: a whole adversarial step (discriminator, generator, reconstructions, swapped codes).
    The parts are forward + backward of each network alone.
    """
    return "\n\n".join(_table(size) for size in sizes)


def _table(size: int) -> str:
    stock = environment.stock()
    tuned = stock | environment.recommended()
    runs = [
        ("stock environment", stock, "plain"),
        ("our environment", tuned, "plain"),
        ("native float32", tuned, "native"),
        ("native bfloat16", tuned, "bf16"),
    ]
    rows, first = [], 0.0
    for name, variables, kernels in runs:
        print(f"measuring at {size} px: {name} ...", file=sys.stderr, flush=True)  # a row can take minutes
        result = _measured(variables, size, kernels)
        if kernels == "bf16" and "in bfloat16" not in result["engine"]:
            rows.append((name, "-", "-", *["-"] * len(PARTS), "this processor has no bfloat16 products"))
            continue
        rate = BATCH / result["step"]
        first = first or rate
        parts = [f"{1e3 * result[part] / BATCH:.0f}" if part in result else "-" for part in PARTS]
        rows.append((name, f"{rate:.2f}", f"{rate / first:.1f}x", *parts, result["engine"]))
    header = ("", "images/s", "ratio", *(f"{part} ms" for part in PARTS), "engine")
    return table(f"one lite training step at {size} px, batch {BATCH}", header, rows)


def _measured(variables: dict[str, str], size: int, kernels: str) -> dict:
    command = [sys.executable, "-m", "garmentgen.bench.train", str(size), kernels]
    done = subprocess.run(command, env=variables, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def measure(size: int, kernels: str) -> dict:
    """Median seconds of a whole step and of each part, in this process."""
    import numpy as np
    import paddle

    from ..acceleration import accelerated
    from ..config import LiteConfig, override
    from ..presets import PRESETS
    from ..training.batch import make_batch
    from ..training.run import Run

    run = Run(override(PRESETS["lite"], ["train.adversarial_from=0", f"loss.crop={size * 3 // 8}"]))
    images, labels = synthetic_batch(size)
    batch = make_batch(images, labels, np.arange(BATCH), run.nets.generator, LiteConfig().crop)
    rng = np.random.default_rng(0)
    with nullcontext("plain Paddle") if kernels == "plain" else accelerated(bf16=kernels == "bf16") as engine:
        result: dict = {"engine": engine, "step": median(lambda: run.step(batch, rng, BATCH))}
        result |= {name: median(call) for name, call in _parts(run, batch).items()}
    paddle.device.synchronize() if paddle.device.is_compiled_with_cuda() else None
    return result


def synthetic_batch(size: int):
    """Four synthetic garments, uint8 [4, S, S, 3] and [4, S, S]; cropped to their canvas, white outside."""
    import cv2
    import numpy as np

    from ..labels import BACKGROUND
    from ..synthetic import draw_garment

    images, labels = [], []
    for seed in range(BATCH):
        photo, segments = draw_garment(np.random.default_rng(seed), size)
        ids = np.full(photo.shape[:2], BACKGROUND, np.uint8)
        for c, mask in segments:
            ids[mask] = c
        labels.append(cv2.resize(ids, (size, size), interpolation=cv2.INTER_NEAREST))
        image = cv2.resize(photo, (size, size))
        image[labels[-1] == BACKGROUND] = 255
        images.append(image)
    return np.stack(images), np.stack(labels)


def _parts(run, batch) -> dict[str, Callable[[], object]]:
    import paddle

    from .. import losses
    from ..training.batch import scatter_codes
    from ..training.steps import discriminator_losses, perceive, run_generator

    nets, config = run.nets, run.config
    index, padding = paddle.to_tensor(batch.regions.index), paddle.to_tensor(batch.regions.padding)
    out = run_generator(nets, batch, True)
    codes = scatter_codes(out.mu.detach(), index, batch.size)
    side = batch.pictures.shape[2] // 2
    noise = paddle.zeros([batch.size, 1, side, side])
    picture = out.fake.detach()
    picture.stop_gradient = False
    seen = perceive(nets.features, batch, out, (0, 0), config.loss.crop)

    def perceptual() -> None:
        again = dataclasses.replace(out, fake=picture, swapped=None)
        seen = perceive(nets.features, batch, again, (0, 0), config.loss.crop)
        losses.perceptual(seen.fake, seen.real, config.loss.tap_weights).backward()

    def optimizer() -> None:
        run.state.optimizers["adam_generator"].step()
        run.state.optimizers["adam_discriminator"].step()

    return {
        "encoder": lambda: nets.encoder(batch.crops, index, padding)[0].sum().backward(),
        "generator": lambda: nets.generator(batch.labels, codes, noise, batch.boxes).sum().backward(),
        "discriminator": lambda: discriminator_losses(nets, batch, out, seen, run.heads)["d_all_loss"].backward(),
        "perceptual": perceptual,
        "optimizer": optimizer,
    }


def median(call: Callable[[], object]) -> float:
    """Median seconds of `REPEATS` calls after one to warm up."""
    call()
    seconds = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - started)
    return sorted(seconds)[len(seconds) // 2]


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), sys.argv[2])))
