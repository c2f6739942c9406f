"""The allow-list: every network and transform that a package may name, with its arguments.

Nothing here is imported from MONAI: the table decides, and what is not in it is refused. Only
2-D networks that end in one logit per label are listed, and only transforms whose geometry
RadSal follows exactly (:mod:`~radsal.inference.preprocessing`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from radsal.inference.rules import (
    Rule,
    boolean,
    either,
    integer,
    layer,
    listed,
    number,
    one_of,
    optional,
)


@dataclass(frozen=True, slots=True)
class Allowed:
    """One name of the allow-list: the rules of its arguments and which of them must be given."""

    arguments: Mapping[str, Rule]
    required: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AllowedNetwork(Allowed):
    """A network: ``inputs`` and ``outputs`` name its arguments for channels and labels."""

    inputs: str = "in_channels"
    outputs: str = "out_channels"
    defaults: Mapping[str, bool | int] = field(default_factory=dict)


_CHANNELS = integer(1, 16)
_LABELS = integer(1, 1024)
_WIDTH = integer(1, 4096)
_ACTIVATION = layer(
    relu={"inplace": boolean},
    leakyrelu={"inplace": boolean, "negative_slope": number(0, 1)},
    elu={"inplace": boolean, "alpha": number(0, 10)},
    gelu={},
    swish={"alpha": number(0, 10)},
    prelu={"num_parameters": _WIDTH, "init": number(0, 1)},
)
_EPS = {"eps": number(0, 1)}
_NORM = layer(
    batch={**_EPS, "momentum": number(0, 1), "affine": boolean},
    instance={**_EPS, "affine": boolean},
    group={**_EPS, "num_groups": _WIDTH, "affine": boolean},
)

_DENSENET: dict[str, Rule] = {
    "spatial_dims": one_of(2),
    "in_channels": _CHANNELS,
    "out_channels": _LABELS,
    "init_features": _WIDTH,
    "growth_rate": integer(1, 512),
    "block_config": listed(integer(1, 128), 1, 8),
    "bn_size": integer(1, 64),
    "act": _ACTIVATION,
    "norm": _NORM,
    "dropout_prob": number(0, 1),
}
_NO_DOWNLOAD: dict[str, Rule] = {"pretrained": one_of(False), "progress": boolean}
_RESNET: dict[str, Rule] = {
    "spatial_dims": one_of(2),
    "n_input_channels": _CHANNELS,
    "num_classes": _LABELS,
    "conv1_t_size": either(integer(1, 31), listed(integer(1, 31), 2, 2)),
    "conv1_t_stride": either(integer(1, 8), listed(integer(1, 8), 2, 2)),
    "no_max_pool": boolean,
    "shortcut_type": one_of("A", "B"),
    "widen_factor": number(0.05, 8),
    "feed_forward": one_of(True),
    "bias_downsample": boolean,
    "act": _ACTIVATION,
    "norm": _NORM,
}
_EFFICIENTNET: dict[str, Rule] = {
    "model_name": one_of(*(f"efficientnet-b{n}" for n in range(9))),
    "spatial_dims": one_of(2),
    "in_channels": _CHANNELS,
    "num_classes": _LABELS,
    "norm": _NORM,
    "adv_prop": boolean,
    **_NO_DOWNLOAD,
}

_DENSE = AllowedNetwork(_DENSENET, ("spatial_dims", "in_channels", "out_channels"))
_DENSE_N = AllowedNetwork({**_DENSENET, **_NO_DOWNLOAD}, _DENSE.required)
_RES = ("spatial_dims", "n_input_channels", "num_classes")
_RES_N = AllowedNetwork({**_RESNET, **_NO_DOWNLOAD}, _RES, "n_input_channels", "num_classes")

NETWORKS: Mapping[str, AllowedNetwork] = {
    "DenseNet": _DENSE,
    **{f"DenseNet{n}": _DENSE_N for n in (121, 169, 201, 264)},
    "ResNet": AllowedNetwork(
        {
            **_RESNET,
            "block": one_of("basic", "bottleneck"),
            "layers": listed(integer(1, 128), 4, 4),
            "block_inplanes": listed(_WIDTH, 4, 4),
        },
        ("block", "layers", "block_inplanes", *_RES),
        "n_input_channels",
        "num_classes",
    ),
    **{f"resnet{n}": _RES_N for n in (10, 18, 34, 50, 101, 152, 200)},
    "EfficientNetBN": AllowedNetwork(
        _EFFICIENTNET,
        ("model_name", "spatial_dims", "in_channels", "num_classes"),
        outputs="num_classes",
        defaults={"pretrained": False},  # MONAI's default would download weights
    ),
    "TorchScript": AllowedNetwork(  # no network of MONAI's: models/model.ts, after trust
        {"in_channels": _CHANNELS, "out_channels": _LABELS}, ("in_channels", "out_channels")
    ),
}
"""Networks by their class name in ``monai.networks.nets``."""

_FLOAT32 = optional(one_of("float32"))
_NUMBER = optional(number())
_SIDE = integer(1, 4096)
_PER_CHANNEL = optional(either(number(), listed(number(), 1, 16)))

TRANSFORMS: Mapping[str, Allowed] = {
    "LoadImage": Allowed(
        {
            "reader": optional(one_of("ITKReader", "PydicomReader", "PILReader", "NumpyReader")),
            "image_only": boolean,
            "dtype": _FLOAT32,
            "ensure_channel_first": boolean,
            "reverse_indexing": boolean,
            "swap_ij": boolean,
        }
    ),
    "EnsureChannelFirst": Allowed(
        {"strict_check": boolean, "channel_dim": optional(one_of("no_channel", 0))}
    ),
    "EnsureType": Allowed(
        {
            "data_type": one_of("tensor", "numpy"),
            "dtype": _FLOAT32,
            "wrap_sequence": boolean,
            "track_meta": optional(boolean),
        }
    ),
    "Resize": Allowed(
        {
            "spatial_size": either(_SIDE, listed(either(_SIDE, one_of(-1)), 2, 2)),
            "size_mode": one_of("all", "longest"),
            "mode": one_of("area", "bilinear", "bicubic", "nearest-exact"),
            "align_corners": optional(boolean),
            "anti_aliasing": boolean,
            "anti_aliasing_sigma": optional(either(number(0, 64), listed(number(0, 64), 2, 2))),
            "dtype": _FLOAT32,
            "lazy": one_of(False),
        },
        ("spatial_size",),
    ),
    "ScaleIntensity": Allowed(
        {
            "minv": _NUMBER,
            "maxv": _NUMBER,
            "factor": _NUMBER,
            "channel_wise": boolean,
            "dtype": _FLOAT32,
        }
    ),
    "ScaleIntensityRange": Allowed(
        {
            "a_min": number(),
            "a_max": number(),
            "b_min": _NUMBER,
            "b_max": _NUMBER,
            "clip": boolean,
            "dtype": _FLOAT32,
        },
        ("a_min", "a_max"),
    ),
    "ScaleIntensityRangePercentiles": Allowed(
        {
            "lower": number(0, 100),
            "upper": number(0, 100),
            "b_min": _NUMBER,
            "b_max": _NUMBER,
            "clip": boolean,
            "relative": boolean,
            "channel_wise": boolean,
            "dtype": _FLOAT32,
        },
        ("lower", "upper", "b_min", "b_max"),
    ),
    "NormalizeIntensity": Allowed(
        {
            "subtrahend": _PER_CHANNEL,
            "divisor": _PER_CHANNEL,
            "nonzero": boolean,
            "channel_wise": boolean,
            "dtype": _FLOAT32,
        }
    ),
    "RepeatChannel": Allowed({"repeats": _CHANNELS}, ("repeats",)),
}
"""Transforms by their array name in ``monai.transforms``; the reader takes the ``d`` forms too."""

ACTIVATIONS = Allowed({"sigmoid": boolean, "softmax": boolean})
"""``Activations``: the one transform of the postprocessing that changes what is reported."""
