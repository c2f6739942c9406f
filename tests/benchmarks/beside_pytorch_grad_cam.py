"""Grad-CAM of one finding: RadSal beside pytorch-grad-cam, in one process of its own.

A recipe, no test: pytorch-grad-cam imports torchvision, which RadSal never does. Put it into a
folder of its own, and this program stands in for torchvision, which Grad-CAM does not use::

    pip install --target FOLDER --no-deps grad-cam ttach opencv-python-headless
    python tests/benchmarks/beside_pytorch_grad_cam.py FOLDER
"""

import runpy
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from unittest.mock import MagicMock

import torch

ROUNDS = 9


def milliseconds(*works: Callable[[], object]) -> list[float]:
    """The median of each, in turn, so that what else the computer does meets all alike."""
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(ROUNDS + 1):
        for times, work in zip(taken, works, strict=True):
            begun = time.perf_counter()
            work()
            times.append((time.perf_counter() - begun) * 1000)
    return [median(times[1:]) for times in taken]


def main() -> None:
    sys.path.insert(0, sys.argv[1])
    for name in ("torchvision", "torchvision.transforms", "torchvision.transforms.functional"):
        sys.modules[name] = MagicMock()
    from pytorch_grad_cam import GradCAM  # noqa: PLC0415
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget  # noqa: PLC0415

    ours = runpy.run_path(str(Path(__file__).with_name("test_cam.py")))
    network = ours["network"].__wrapped__()
    classifier = ours["classifier"].__wrapped__(network)
    method = ours["method_named"]("gradcam")
    targets = [ClassifierOutputTarget(0)]
    for side in (224, 512):
        prepared = ours["film"](side)
        layer = ours["last_spatial_layer"](classifier.module, prepared.tensor).name
        theirs = GradCAM(model=network, target_layers=[network.get_submodule(layer)])

        def forward(tensor: torch.Tensor = prepared.tensor) -> None:
            with torch.inference_mode():
                network(tensor)

        bare, one, other = milliseconds(
            forward,
            lambda p=prepared: method.explain(classifier, p, ours["FINDINGS"][:1]),
            lambda t=prepared.tensor, cam=theirs: cam(input_tensor=t, targets=targets),
        )
        print(
            f"{side}x{side}: forward {bare:.0f} ms, RadSal {one:.0f} ms, "
            f"pytorch-grad-cam {other:.0f} ms: {other / one:.2f} times as long"
        )


if __name__ == "__main__":
    main()
