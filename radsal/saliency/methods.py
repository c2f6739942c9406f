"""The table of methods: a new method is one file and one line here and in the catalogue."""

from collections.abc import Mapping

from radsal.core.errors import KnownError
from radsal.saliency.ablationcam import AblationCam
from radsal.saliency.eigencam import EigenCam
from radsal.saliency.gradcam import GradCam
from radsal.saliency.gradcampp import GradCamPlusPlus
from radsal.saliency.gradient import Gradient
from radsal.saliency.guided import Guided
from radsal.saliency.guided_gradcam import GuidedGradCam
from radsal.saliency.hirescam import HiResCam
from radsal.saliency.input_x_gradient import InputXGradient
from radsal.saliency.integrated import IntegratedGradients
from radsal.saliency.layercam import LayerCam
from radsal.saliency.method import Method
from radsal.saliency.occlusion import Occlusion
from radsal.saliency.rollout import Rollout
from radsal.saliency.smoothgrad import SmoothGrad
from radsal.saliency.vargrad import VarGrad


def methods() -> Mapping[str, Method]:
    """Every method by its name, in the order of the catalogue."""
    table: tuple[Method, ...] = (
        GradCam(),
        GradCamPlusPlus(),
        HiResCam(),
        LayerCam(),
        AblationCam(),
        EigenCam(),
        Rollout(),
        Gradient(),
        InputXGradient(),
        SmoothGrad(),
        VarGrad(),
        IntegratedGradients(),
        Guided(),
        GuidedGradCam(),
        Occlusion(),
    )
    return {method.info.name: method for method in table}


def method_named(name: str) -> Method:
    """The method of that name. Raises KnownError, naming those that there are."""
    table = methods()
    if name not in table:
        raise KnownError(
            f"there is no saliency method {name!r}",
            code="method-unknown",
            remedy=f"Methods: {', '.join(table)}.",
        )
    return table[name]
