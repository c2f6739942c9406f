"""The transforms that a package may name, with their arguments.

Only those whose numbers are MONAI's to the last bit here (:mod:`~radsal.inference.intensity`) and
whose geometry is followed exactly (:mod:`~radsal.inference.spatial`).
"""

from collections.abc import Mapping

from radsal.inference.rules import (
    Allowed,
    boolean,
    either,
    integer,
    listed,
    number,
    one_of,
    optional,
)

_CHANNELS = integer(1, 16)
_FLOAT32 = optional(one_of("float32"))
_NUMBER = optional(number())
_SIDE = integer(1, 4096)
_SIZE = either(_SIDE, listed(either(_SIDE, one_of(-1)), 2, 2))
_PADDED = Allowed(
    {
        "spatial_size": _SIZE,
        "method": one_of("symmetric", "end"),
        "mode": one_of("constant", "edge", "replicate", "reflect", "symmetric", "wrap", "circular"),
        "value": number(),
        "constant_values": number(),
        "lazy": one_of(False),
    },
    ("spatial_size",),
)
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
            "affine_lps_to_ras": boolean,
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
            "spatial_size": _SIZE,
            "size_mode": one_of("all", "longest"),
            "mode": one_of("area", "bilinear", "bicubic", "nearest", "nearest-exact"),
            "align_corners": optional(boolean),
            "anti_aliasing": boolean,
            "anti_aliasing_sigma": optional(either(number(0, 64), listed(number(0, 64), 2, 2))),
            "dtype": _FLOAT32,
            "lazy": one_of(False),
        },
        ("spatial_size",),
    ),
    "ResizeWithPadOrCrop": _PADDED,
    "SpatialPad": _PADDED,
    "CenterSpatialCrop": Allowed({"roi_size": _SIZE, "lazy": one_of(False)}, ("roi_size",)),
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
