"""Measurements, printed as ratios of what ran in one go on one machine; speed is asserted nowhere."""

from __future__ import annotations

from collections.abc import Callable


def run(what: str, size: int = 0) -> str:
    """Run one bench by name; returns its table.

    Args:
        size: canvas of `train`, 0 = both 128 and 256; pictures of `generate`, 0 = every size that the weights paint.
    """
    return _BENCHES[what](size)


def _prepare(_: int) -> str:
    from .data import bench_prepare

    return bench_prepare()


def _load(_: int) -> str:
    from .data import bench_load

    return bench_load()


def _kernels(_: int) -> str:
    from .kernels import bench_kernels

    return bench_kernels()


def _train(size: int) -> str:
    from .train import bench_train

    return bench_train([size] if size else [128, 256])


def _generate(size: int) -> str:
    from .generate import bench_generate

    return bench_generate(size)


def _demo(_: int) -> str:
    from .demo import bench_demo, no_browser

    return no_browser("strokes in the demo") or bench_demo()


def _painter(_: int) -> str:
    from .demo import no_browser
    from .painter import bench_painter

    return no_browser("the painter") or bench_painter()


def _web(_: int) -> str:
    from .demo import no_browser
    from .web import bench_web

    return no_browser("the page without a server") or bench_web()


def _clients(_: int) -> str:
    from .demo import bench_clients

    return bench_clients()


_BENCHES: dict[str, Callable[[int], str]] = {
    "prepare": _prepare,
    "load": _load,
    "kernels": _kernels,
    "train": _train,
    "generate": _generate,
    "demo": _demo,
    "painter": _painter,
    "web": _web,
    "clients": _clients,
}
