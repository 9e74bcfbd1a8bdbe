"""An ONNX file run by OpenVINO, which fuses what Paddle's executor does pass by pass. Needs no Paddle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from .. import environment
from ..errors import UserError


def metadata(path: Path) -> dict[str, str]:
    """The file's own metadata.

    Raises:
        UserError: OpenVINO cannot read the file.
    """
    return _read(path)[1]


def _read(path: Path):
    from openvino.frontend import FrontEndManager

    try:  # by name: where OpenVINO guesses the format, other readers print their complaints
        reader = FrontEndManager().load_by_framework("onnx")
        model = reader.convert(reader.load(str(path)))
    except Exception as error:  # its own kinds, which it does not publish
        words = " ".join(str(error).split())[-160:]  # its end says what is wrong
        raise UserError(f"{path} is missing, damaged or no ONNX file (OpenVINO: {words}); export it again") from error
    return model, dict(model.get_rt_info("framework").value) if model.has_rt_info("framework") else {}


def load(
    path: Path, example: Sequence[np.ndarray], precision: str, threads: int, free: Sequence[tuple[int, int]] = ()
) -> Callable[[Sequence[np.ndarray]], np.ndarray]:
    """The file as a function of inputs shaped like the example, in `free` (input, axis) pairs of any length.

    Shapes are fixed before the graph is compiled: so it is faster, and a sample has the same bytes in every batch.
    """
    with ThreadPoolExecutor(1) as own:  # it gives the thread a signal stack and may free it: SIGTERM would crash
        request = own.submit(_request, path, example, precision, threads, free).result()
    environment.give_back_memory()

    def run(inputs: Sequence[np.ndarray]) -> np.ndarray:
        return request.infer([np.ascontiguousarray(value) for value in inputs], share_inputs=True)[0]

    return run


def _request(path: Path, example: Sequence[np.ndarray], precision: str, threads: int, free: Sequence[tuple[int, int]]):
    import openvino

    model, _ = _read(path)
    shapes = [[-1 if (k, axis) in free else n for axis, n in enumerate(v.shape)] for k, v in enumerate(example)]
    model.reshape(dict(zip(model.inputs, shapes, strict=True)))
    settings = {
        "INFERENCE_PRECISION_HINT": precision,  # else it takes bfloat16 on its own where the processor has it
        "INFERENCE_NUM_THREADS": threads,
        "ENABLE_HYPER_THREADING": True,  # two processors of a rented machine are often the halves of one core
        "ENABLE_CPU_PINNING": False,
        "PERFORMANCE_HINT": "LATENCY",
    }
    return openvino.Core().compile_model(model, "CPU", settings).create_infer_request()


def has_bfloat16() -> bool:
    """Whether this processor multiplies in bfloat16; elsewhere it is slower than single precision."""
    import openvino

    return "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def version() -> str:
    """OpenVINO's version, "2026.4.1".

    Raises:
        ImportError: it is not installed.
    """
    import openvino

    return openvino.__version__.split("-")[0]
