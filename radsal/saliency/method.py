"""The interface that every saliency method has, and what it gives."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from radsal.core.results import Prediction, SaliencyMap
from radsal.inference.classifier import Classifier
from radsal.inference.preprocessing import Prepared
from radsal.saliency.catalogue import MethodInfo


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """Maps, and the predictions of the forward pass that they came from.

    Attributes
    ----------
    predictions:
        One for each label of the model.
    maps:
        One for each finding asked for, in that order.
    parameters:
        What the maps depend on besides image and model, plain values (``layer``).
    """

    predictions: tuple[Prediction, ...]
    maps: tuple[SaliencyMap, ...]
    parameters: Mapping[str, float | int | str | bool] = field(default_factory=dict)


class Method(ABC):
    """A saliency method.

    A method explains the logit of a finding, never its probability; it leaves the module as it
    found it (hooks, training mode, gradients, ``requires_grad``, in-place flags), the tensor
    untouched and the grad mode as it was, also after an error.
    """

    info: ClassVar[MethodInfo]

    def explain(
        self, classifier: Classifier, prepared: Prepared, findings: Sequence[str]
    ) -> Explanation:
        """Maps of the findings for one prepared image. Raises KeyError as below."""
        return self.explain_batch(classifier, [prepared], findings)[0]

    @abstractmethod
    def explain_batch(
        self, classifier: Classifier, batch: Sequence[Prepared], findings: Sequence[str]
    ) -> list[Explanation]:
        """Maps of the findings for each of several images, prepared to the same shape.

        Raises
        ------
        KeyError
            A finding that the model lacks.
        """
