"""What there is to know of each method, without torch: for menus, help and reports.

Longer than other modules, because it is one table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from radsal.saliency.options import Options, Parameter, Value, resolve


class Basis(StrEnum):
    """What a map is made of; it also says on which grid it lies."""

    INPUT = "input"  # the input's own pixels
    ACTIVATION = "activation"  # a layer's coarser grid
    ATTENTION = "attention"  # a transformer's patches


@dataclass(frozen=True, slots=True)
class MethodInfo:
    """A saliency method in words that a reader is shown.

    Attributes
    ----------
    name:
        Short, stable name, as in results and on the command line.
    basis:
        What the map is made of.
    family:
        Methods of one family agree because they are alike: a consensus counts them once.
    class_specific:
        The map depends on the finding that is asked for.
    deterministic:
        Without random numbers; else they are drawn from the parameter ``seed``.
    summary:
        One sentence: what a bright place means.
    cost:
        Forward and backward passes that the definition needs.
    sanity:
        What the literature says of its weight randomisation.
    paper:
        Where the definition comes from.
    at_once:
        All findings are explained together; else one is, when it is looked at.
    slow:
        A reader waits for it also where it explains all findings together.
    signed:
        The map also says what speaks against the finding; else only what speaks for it.
    advised:
        Off by default where the literature says that the map does not depend on what was learned.
    """

    name: str
    title: str
    basis: Basis
    family: str
    summary: str
    cost: str
    sanity: str
    paper: str
    parameters: tuple[Parameter, ...] = ()
    class_specific: bool = True
    deterministic: bool = True
    at_once: bool = False
    slow: bool = False
    signed: bool = True
    advised: bool = True

    @property
    def takes_long(self) -> bool:
        """It is asked about what a reader looks at, and about no whole list of cases."""
        return self.slow or not self.at_once

    @property
    def input_based(self) -> bool:
        """The map lies on the input's pixels; else it lies on a coarser grid."""
        return self.basis is Basis.INPUT

    def resolve(self, given: Options) -> dict[str, Value]:
        """A value for every parameter. Raises KnownError for what is unknown or impossible."""
        return resolve(self.parameters, given, self.title)

    @property
    def asked_names(self) -> dict[str, str]:
        """Under which name a result tells each parameter."""
        return {p.name: _ASKED.get(p.name, p.name) for p in self.parameters}

    def asked(self, given: Options) -> dict[str, Value]:
        """The options as a result tells them. Raises as :meth:`resolve` does.

        The layer that was asked for has a name of its own: ``layer`` is the one that was found.
        """
        names = self.asked_names
        return {names[name]: value for name, value in self.resolve(given).items()}


UNADVISED = "Fails weight randomisation in the literature."
"""What is said wherever a map by a method is shown that is not advised."""

LAST = "last"
"""The layer that is taken where none is named: the last spatial feature map before pooling."""

LAYER = Parameter(
    "layer", LAST, "The layer whose features are weighed: its path in the network, or 'last'."
)
_ASKED = {LAYER.name: "asked_layer"}
SEED = Parameter("seed", 0, "Where the random numbers start.", 0, 2**31 - 1)
CHUNK = Parameter(
    "chunk", 4, "Images that go through the network together: more need more memory.", 1, 256
)

CHANNELS = Parameter(
    "channels", 64, "Channels taken out in one pass: more need more memory.", 1, 4096
)

GRADCAM = MethodInfo(
    name="gradcam",
    title="Grad-CAM",
    basis=Basis.ACTIVATION,
    family="cam",
    summary="Features of the last spatial layer, each weighted by its mean effect on the finding.",
    cost="1 forward; backward through the head only",
    sanity="Passes cascading weight randomisation (Adebayo et al. 2018).",
    paper="Selvaraju et al., ICCV 2017, arXiv:1610.02391",
    parameters=(LAYER,),
    at_once=True,
)

GRADCAM_PP = MethodInfo(
    name="gradcam++",
    title="Grad-CAM++",
    basis=Basis.ACTIVATION,
    family="cam",
    summary="As Grad-CAM, but only gradients for the finding count, and small regions count as much as large ones.",
    cost="1 forward; backward through the head only",
    sanity="Not in Adebayo et al. 2018; close to Grad-CAM with positive gradients only (Lerma and Lucas 2022).",
    paper="Chattopadhay et al., WACV 2018, arXiv:1710.11063",
    parameters=(LAYER,),
    at_once=True,
    signed=False,
)

HIRESCAM = MethodInfo(
    name="hirescam",
    title="HiResCAM",
    basis=Basis.ACTIVATION,
    family="cam",
    summary="Features of the last spatial layer, weighted place by place by their effect on the finding.",
    cost="1 forward; backward through the head only",
    sanity="Equals Grad-CAM on networks that end in pooling and one linear layer, and passes as it does.",
    paper="Draelos and Carin, 2020, arXiv:2011.08891",
    parameters=(LAYER,),
    at_once=True,
)

LAYERCAM = MethodInfo(
    name="layercam",
    title="Layer-CAM",
    basis=Basis.ACTIVATION,
    family="cam",
    summary="Features of a layer, weighted place by place by their effect for the finding; made for finer layers too.",
    cost="1 forward; backward through the head only",
    sanity="Not in Adebayo et al. 2018; effects against the finding are left out.",
    paper="Jiang et al., IEEE TIP 2021, doi:10.1109/TIP.2021.3089943",
    parameters=(LAYER,),
    at_once=True,
    signed=False,
)

ABLATIONCAM = MethodInfo(
    name="ablationcam",
    title="Ablation-CAM",
    basis=Basis.ACTIVATION,
    family="perturbation",
    summary="Features of the last spatial layer, each weighted by how far the finding falls without it; no gradient.",
    cost="1 forward; the head once for each channel of the layer",
    sanity="Not in Adebayo et al. 2018; it does not use gradients, and equals Grad-CAM behind pooling and one linear layer.",
    paper="Desai and Ramaswamy, WACV 2020, doi:10.1109/WACV45572.2020.9093360",
    parameters=(LAYER, CHANNELS),
    at_once=True,
    slow=True,
)

EIGENCAM = MethodInfo(
    name="eigencam",
    title="Eigen-CAM",
    basis=Basis.ACTIVATION,
    family="eigen",
    summary="What the layer's features have most in common: the same map for every finding.",
    cost="1 forward",
    sanity="Not in Adebayo et al. 2018; it does not depend on the finding, nor on what comes after the layer.",
    paper="Muhammad and Yeasin, IJCNN 2020, arXiv:2008.00299",
    parameters=(LAYER,),
    class_specific=False,
    at_once=True,
)

NOISE = Parameter(
    "noise", 0.15, "Standard deviation of the noise, as a share of the input's range.", 0.0, 1.0
)
SAMPLES = Parameter("samples", 25, "Noisy copies of the image.", 2, 1000)
STEPS = Parameter("steps", 50, "Images between the baseline and the film.", 1, 1000)
BASELINES = ("zero", "minimum", "mean")
BASELINE = Parameter(
    "baseline",
    "zero",
    "The image without anything to see: zero as the network is given it, the film's minimum "
    "(black), or its mean.",
    choices=BASELINES,
)

GRADIENT = MethodInfo(
    name="gradient",
    title="Gradient",
    basis=Basis.INPUT,
    family="gradient",
    summary="Pixels that raise the finding's logit if they become a little brighter.",
    cost="1 forward; 1 backward for each finding",
    sanity="Passes cascading weight randomisation (Adebayo et al. 2018).",
    paper="Simonyan et al., ICLR workshop 2014, arXiv:1312.6034",
)

INPUT_X_GRADIENT = MethodInfo(
    name="inputxgradient",
    title="Input × gradient",
    basis=Basis.INPUT,
    family="gradient",
    summary="The gradient times the pixel's value: its share of the logit if the network were linear.",
    cost="1 forward; 1 backward for each finding",
    sanity="Depends on the weights, but the image shows through it after they are randomised "
    "(Adebayo et al. 2018).",
    paper="Shrikumar et al., 2016, arXiv:1605.01713",
)

SMOOTHGRAD = MethodInfo(
    name="smoothgrad",
    title="SmoothGrad",
    basis=Basis.INPUT,
    family="gradient",
    summary="The mean gradient of noisy copies of the image: what stays of it around the image.",
    cost="1 forward; for each sample 1 forward, and 1 backward for each finding",
    sanity="A mean of gradients, which pass cascading weight randomisation (Adebayo et al. 2018).",
    paper="Smilkov et al., 2017, arXiv:1706.03825",
    parameters=(SAMPLES, NOISE, SEED, CHUNK),
    deterministic=False,
)

VARGRAD = MethodInfo(
    name="vargrad",
    title="VarGrad",
    basis=Basis.INPUT,
    family="gradient",
    summary="How much the gradient varies between noisy copies of the image; without a sign.",
    cost="1 forward; for each sample 1 forward, and 1 backward for each finding",
    sanity="A variance of gradients, which pass cascading weight randomisation "
    "(Adebayo et al. 2018).",
    paper="Adebayo et al., ICLR workshop 2018, arXiv:1810.03307",
    parameters=(SAMPLES, NOISE, SEED, CHUNK),
    deterministic=False,
)

INTEGRATED = MethodInfo(
    name="ig",
    title="Integrated Gradients",
    basis=Basis.INPUT,
    family="gradient",
    summary="Each pixel's share of the logit's difference to a baseline: the shares add up to it.",
    cost="2 forward; for each step 1 forward, and 1 backward for each finding",
    sanity="Depends on the weights, but the image shows through it after they are randomised "
    "(Adebayo et al. 2018).",
    paper="Sundararajan et al., ICML 2017, arXiv:1703.01365",
    parameters=(STEPS, BASELINE, CHUNK),
)

FAILS = (
    "Fails weight randomisation in the literature: the map hardly depends on what the network "
    "learned (Adebayo et al. 2018; Sixt et al. 2020)."
)

GUIDED = MethodInfo(
    name="guided",
    title="Guided Backpropagation",
    basis=Basis.INPUT,
    family="guided",
    summary="The gradient with everything left out on its way back that speaks against: edges.",
    cost="1 forward; 1 backward for each finding",
    sanity=FAILS,
    paper="Springenberg et al., ICLR workshop 2015, arXiv:1412.6806",
    advised=False,
)

GUIDED_GRADCAM = MethodInfo(
    name="guided-gradcam",
    title="Guided Grad-CAM",
    basis=Basis.INPUT,
    family="guided",
    summary="Guided Backpropagation where Grad-CAM is positive: edges inside its cells.",
    cost="2 forward; 1 backward for each finding, and one through the head",
    sanity=FAILS,
    paper="Selvaraju et al., ICCV 2017, arXiv:1610.02391",
    parameters=(LAYER,),
    advised=False,
)

ROLLOUT = MethodInfo(
    name="rollout",
    title="Attention rollout",
    basis=Basis.ATTENTION,
    family="attention",
    summary="Patches that the answer's token attends to, through all layers; the same for every finding.",
    cost="1 forward",
    sanity="Class-agnostic: it cannot tell why one finding was called and not another.",
    paper="Abnar and Zuidema, ACL 2020, arXiv:2005.00928",
    class_specific=False,
    at_once=True,
    signed=False,
)

OCCLUSION = MethodInfo(
    name="occlusion",
    title="Occlusion",
    basis=Basis.INPUT,
    family="perturbation",
    summary="Places that, covered by a plain square, lower the finding's logit.",
    cost="1 forward for each window; all findings from the same passes",
    sanity="Follows the weights, as it only asks the model; what it shows depends on the square.",
    paper="Zeiler and Fergus, ECCV 2014, arXiv:1311.2901",
    parameters=(
        Parameter(
            "window", 0, "Side of the square in pixels of the input; 0 is an eighth of it.", 0, 4096
        ),
        Parameter(
            "stride", 0, "Pixels from one square to the next; 0 is half of the window.", 0, 4096
        ),
        Parameter(
            "fill", "mean", "What covers a place: the input's mean, its minimum, or zero.",
            choices=("mean", "minimum", "zero"),
        ),
        replace(CHUNK, default=8),
    ),
    at_once=True,
    slow=True,
)  # fmt: skip

CATALOGUE: Mapping[str, MethodInfo] = {
    info.name: info
    for info in (
        GRADCAM,
        GRADCAM_PP,
        HIRESCAM,
        LAYERCAM,
        ABLATIONCAM,
        EIGENCAM,
        ROLLOUT,
        GRADIENT,
        INPUT_X_GRADIENT,
        SMOOTHGRAD,
        VARGRAD,
        INTEGRATED,
        GUIDED,
        GUIDED_GRADCAM,
        OCCLUSION,
    )
}
"""Every method by its name, in the order of the menu."""


def asked_of(method: str, given: Options) -> dict[str, Value]:
    """See :meth:`MethodInfo.asked`; nothing of a method that is not in the catalogue."""
    info = CATALOGUE.get(method)
    return info.asked(given) if info else {}


def chosen_of(method: str, given: Options) -> dict[str, Value]:
    """Those of the options that differ from the method's defaults, as the type that they have.

    Raises
    ------
    KnownError
        An option that the method does not know, or a value that is not possible.
    """
    info = CATALOGUE.get(method)
    if info is None:
        return dict(given)
    defaults = info.resolve({})
    return {name: v for name, v in info.resolve(given).items() if v != defaults[name]}


def options_in(
    info: MethodInfo, parameters: Mapping[str, float | int | str | bool]
) -> dict[str, float | int | str | bool]:
    """Options of a result that are not the method's defaults; those it does not say are."""
    defaults = info.asked({})
    chosen = [n for n, v in defaults.items() if n in parameters and parameters[n] != v]
    names = {asked: name for name, asked in _ASKED.items()}
    return {names.get(name, name): parameters[name] for name in chosen}


def tells(parameters: Mapping[str, float | int | str | bool], asked: Options) -> bool:
    """Whether a result's parameters say what was asked; older ones do not say the layer."""
    said = {_ASKED[LAYER.name]: LAST, **parameters}
    return all(said.get(name) == value for name, value in asked.items())


CONSENSUS, SPREAD = "consensus", "consensus-spread"
"""What stands in place of a method's name on a map that was made of several methods' maps."""

_MADE_OF_MAPS = {CONSENSUS: "Consensus", SPREAD: "Spread of the consensus"}


def title_of(name: str) -> str:
    """A method's name as its paper writes it; a name that is not in the catalogue as it is."""
    info = CATALOGUE.get(name)
    return info.title if info else _MADE_OF_MAPS.get(name, name)


def explains_at_once(name: str) -> bool:
    """Whether a method explains all findings together; else one, when it is looked at."""
    info = CATALOGUE.get(name)
    return info is None or info.at_once


def takes_long(name: str) -> bool:
    """Whether a reader waits for a method's map: see :attr:`MethodInfo.takes_long`."""
    info = CATALOGUE.get(name)
    return info is not None and info.takes_long
