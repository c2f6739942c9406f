"""The networks that a package may name: MONAI's 2-D networks that end in one number per label.

Of MONAI's other classifiers these are left out, for a reason each: ``Discriminator`` and
``Critic`` tell real from made images, one number that is no finding; ``TorchVisionFCModel``,
``NetAdapter`` and ``MILModel`` need torchvision; ``EfficientNet`` takes its blocks as texts that
MONAI parses, and ``EfficientNetBN`` is the same network by its name; ``ViTAutoEnc`` and the
``…Features`` and ``…Encoder`` networks end in no logits.
"""

from collections.abc import Mapping

from radsal.inference.rules import (
    AllowedNetwork,
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

_CHANNELS = integer(1, 16)
_LABELS = integer(1, 1024)
_WIDTH = integer(1, 4096)
_SIDE = integer(1, 4096)
_SIZE = either(_SIDE, listed(_SIDE, 2, 2))
_IN_SHAPE = listed(_SIDE, 3, 3)
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
_NO_DOWNLOAD: dict[str, Rule] = {"pretrained": one_of(False), "progress": boolean}
_TWO_D: dict[str, Rule] = {"spatial_dims": one_of(2), "in_channels": _CHANNELS}

_DENSENET: dict[str, Rule] = {
    **_TWO_D,
    "out_channels": _LABELS,
    "init_features": _WIDTH,
    "growth_rate": integer(1, 512),
    "block_config": listed(integer(1, 128), 1, 8),
    "bn_size": integer(1, 64),
    "act": _ACTIVATION,
    "norm": _NORM,
    "dropout_prob": number(0, 1),
}
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
_SENET: dict[str, Rule] = {
    **_TWO_D,
    "num_classes": _LABELS,
    "layers": listed(integer(1, 128), 4, 4),
    "groups": integer(1, 256),
    "reduction": integer(1, 256),
    "dropout_prob": optional(number(0, 1)),
    "dropout_dim": integer(1, 3),
    "inplanes": _WIDTH,
    "downsample_kernel_size": integer(1, 7),
    "input_3x3": boolean,
}
_EFFICIENTNET: dict[str, Rule] = {
    "model_name": one_of(*(f"efficientnet-b{n}" for n in range(9)), "efficientnet-l2"),
    **_TWO_D,
    "num_classes": _LABELS,
    "norm": _NORM,
    "adv_prop": boolean,
    **_NO_DOWNLOAD,
}
_VIT: dict[str, Rule] = {
    **_TWO_D,
    "img_size": _SIZE,
    "patch_size": _SIZE,
    "hidden_size": _WIDTH,
    "mlp_dim": integer(1, 16384),
    "num_layers": integer(1, 64),
    "num_heads": integer(1, 64),
    "proj_type": one_of("conv", "perceptron"),
    "pos_embed_type": one_of("none", "learnable", "sincos"),
    "classification": one_of(True),
    "num_classes": _LABELS,
    "dropout_rate": number(0, 1),
    "post_activation": optional(one_of("Tanh", "none")),
    "qkv_bias": boolean,
    "save_attn": one_of(False),
}
_ENCODER: dict[str, Rule] = {
    "in_shape": _IN_SHAPE,
    "channels": listed(_WIDTH, 1, 16),
    "strides": listed(integer(1, 8), 1, 16),
    "kernel_size": either(integer(1, 31), listed(integer(1, 31), 2, 2)),
    "num_res_units": integer(0, 16),
    "act": _ACTIVATION,
    "norm": _NORM,
    "dropout": optional(number(0, 1)),
    "bias": boolean,
}

_DENSE = AllowedNetwork(_DENSENET, ("spatial_dims", "in_channels", "out_channels"))
_DENSE_N = AllowedNetwork({**_DENSENET, **_NO_DOWNLOAD}, _DENSE.required)
_RES = ("spatial_dims", "n_input_channels", "num_classes")
_RES_N = AllowedNetwork({**_RESNET, **_NO_DOWNLOAD}, _RES, "n_input_channels", "num_classes")
_SE = ("spatial_dims", "in_channels", "num_classes")
_SE_N = AllowedNetwork({**_SENET, **_NO_DOWNLOAD}, _SE, outputs="num_classes")

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
    "SENet": AllowedNetwork(
        {
            **_SENET,
            "block": one_of("se_bottleneck", "se_resnet_bottleneck", "se_resnetxt_bottleneck"),
        },
        ("block", "layers", "groups", "reduction", *_SE),
        outputs="num_classes",
    ),
    **dict.fromkeys(("SENet154", "SEResNet50", "SEResNet101", "SEResNet152"), _SE_N),
    **dict.fromkeys(("SEResNext50", "SEResNext101"), _SE_N),
    "EfficientNetBN": AllowedNetwork(
        _EFFICIENTNET,
        ("model_name", "spatial_dims", "in_channels", "num_classes"),
        outputs="num_classes",
        defaults={"pretrained": False},  # MONAI's default would download weights
    ),
    "ViT": AllowedNetwork(
        _VIT,
        ("in_channels", "img_size", "patch_size", "classification", "num_classes", "spatial_dims"),
        outputs="num_classes",
        size="img_size",
    ),
    "Classifier": AllowedNetwork(
        {**_ENCODER, "classes": _LABELS, "last_act": one_of(None)},
        ("in_shape", "classes", "channels", "strides"),
        "in_shape",
        "classes",
        "in_shape",
    ),
    "Regressor": AllowedNetwork(
        {**_ENCODER, "out_shape": listed(_LABELS, 1, 1)},
        ("in_shape", "out_shape", "channels", "strides"),
        "in_shape",
        "out_shape",
        "in_shape",
    ),
    "TorchScript": AllowedNetwork(  # no network of MONAI's: models/model.ts, after trust
        {"in_channels": _CHANNELS, "out_channels": _LABELS}, ("in_channels", "out_channels")
    ),
}
"""Networks by their class name in ``monai.networks.nets``."""


def _aliases() -> dict[str, str]:
    """MONAI's other spellings of the same classes."""
    found = {"Densenet": "DenseNet", "SEnet": "SENet", "Senet": "SENet"}
    for n in (121, 169, 201, 264):
        found |= {f"Densenet{n}": f"DenseNet{n}", f"densenet{n}": f"DenseNet{n}"}
    found |= dict.fromkeys(("SEnet154", "Senet154", "senet154"), "SENet154")
    for n in (50, 101, 152):
        found |= dict.fromkeys(
            (f"{p}{n}" for p in ("SEresnet", "Seresnet", "seresnet")), f"SEResNet{n}"
        )
    spellings = ("SEResNeXt", "SEresnext", "Seresnext", "seresnext")
    for n in (50, 101):
        found |= dict.fromkeys((f"{p}{n}" for p in spellings), f"SEResNext{n}")
    return found


NETWORK_ALIASES: Mapping[str, str] = _aliases()

__all__ = ["NETWORKS", "NETWORK_ALIASES"]
