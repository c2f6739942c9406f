"""Explain one film by Integrated Gradients and print the process's peak of memory in MiB.

``gradient_memory.py radsal|captum SIDE STEPS CHUNK``; Captum takes all steps in one batch.
"""

import re
import sys
from pathlib import Path

import torch
from captum.attr import IntegratedGradients
from monai.networks.nets import DenseNet121

from radsal.core.geometry import GridMapping
from radsal.core.identity import ModelIdentity
from radsal.inference.classifier import Classifier
from radsal.inference.components import Component
from radsal.inference.devices import choose_device
from radsal.inference.package import ModelPackage
from radsal.inference.preprocessing import Prepared
from radsal.saliency.methods import method_named

who, (side, steps, chunk) = sys.argv[1], (int(each) for each in sys.argv[2:5])
network = DenseNet121(spatial_dims=2, in_channels=1, out_channels=1).eval()
tensor = torch.rand((1, 1, side, side))
if who == "captum":
    IntegratedGradients(network).attribute(tensor.requires_grad_(), target=0, n_steps=steps)
else:
    package = ModelPackage(
        identity=ModelIdentity("benchmark", "0" * 64),
        folder=Path("nowhere"),
        labels=("Opacity",),
        operating_points=(0.5,),
        network=Component("DenseNet121", (("in_channels", 1), ("out_channels", 1))),
        preprocessing=(),
        activation="sigmoid",
        weights=Path("nowhere"),
    )
    classifier = Classifier(package, network, choose_device("cpu"))
    film = Prepared(tensor, GridMapping.stretch((side, side), (side, side)))
    options = {"steps": steps, "chunk": chunk}
    method_named("ig").explain(classifier, film, ("Opacity",), options)
print(int(re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[0]) // 1024)
