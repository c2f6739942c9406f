"""The interface that every saliency method has, and what it gives."""

from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from radsal.core.progress import Progress
from radsal.core.results import Prediction, SaliencyMap
from radsal.inference.classifier import Classifier
from radsal.inference.preprocessing import Prepared
from radsal.saliency.catalogue import MethodInfo
from radsal.saliency.maps import failed_map
from radsal.saliency.options import Options


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
    facts:
        What was measured on the way and belongs into a report (``completeness_gap Opacity``).
    """

    predictions: tuple[Prediction, ...]
    maps: tuple[SaliencyMap, ...]
    parameters: Mapping[str, float | int | str | bool] = field(default_factory=dict)
    facts: Mapping[str, float | int | str | bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """A first, coarser explanation of one image, on the way to the one that was asked for."""

    explanation: Explanation


Steps = Generator[Progress | Sketch, None, list[Explanation]]


class Method(ABC):
    """A saliency method.

    A method explains the logit of a finding, never its probability; it leaves the module as it
    found it (hooks, training mode, gradients, ``requires_grad``, in-place flags), the tensor
    untouched and the grad mode as it was, also after an error or when it is cancelled.
    """

    info: ClassVar[MethodInfo]

    def explain(
        self,
        classifier: Classifier,
        prepared: Prepared,
        findings: Sequence[str],
        options: Options | None = None,
    ) -> Explanation:
        """Maps of the findings for one prepared image. Raises as :meth:`steps` does."""
        return self.explain_batch(classifier, [prepared], findings, options)[0]

    def explain_batch(
        self,
        classifier: Classifier,
        batch: Sequence[Prepared],
        findings: Sequence[str],
        options: Options | None = None,
    ) -> list[Explanation]:
        """Maps of the findings for each of several images. Raises as :meth:`steps` does."""
        steps = self.steps(classifier, batch, findings, options)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                explanations: list[Explanation] = end.value
                return explanations

    def steps(
        self,
        classifier: Classifier,
        batch: Sequence[Prepared],
        findings: Sequence[str],
        options: Options | None = None,
    ) -> Steps:
        """The work, step by step: it can be given up at each.

        Parameters
        ----------
        batch:
            Images that were prepared to the same shape.
        options:
            Values of :attr:`MethodInfo.parameters`; the defaults where they are not given.

        Yields
        ------
        Progress, and at times a Sketch of what is to come.

        Raises
        ------
        KeyError
            A finding that the model lacks.
        KnownError
            An option that the method does not know, or a value that is not possible.
        """
        return self._steps(classifier, batch, findings, self.info.resolve(options or {}))

    def _unexplained(
        self,
        classifier: Classifier,
        batch: Sequence[Prepared],
        findings: Sequence[str],
        reason: str,
        **parameters: str,
    ) -> list[Explanation]:
        """Predictions, and failed maps that say why the method does not apply to the network."""
        name = self.info.name
        return [
            Explanation(
                classifier.predict(one.tensor),
                tuple(failed_map(finding, name, one, reason) for finding in findings),
                parameters,
            )
            for one in batch
        ]

    @abstractmethod
    def _steps(
        self,
        classifier: Classifier,
        batch: Sequence[Prepared],
        findings: Sequence[str],
        options: Options,
    ) -> Steps:
        """The work, with a value for every option.

        Never yields inside a block that changes the module or torch's state: what happens to
        either between two steps is nobody's business here.
        """
