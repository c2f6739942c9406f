"""Which layers of the model a map can be made at: asked once of each model."""

from collections.abc import Callable

from radsal.app.actions.analysing import Analysing
from radsal.app.actions.services import Services
from radsal.app.tasks import Handlers, Task
from radsal.core.errors import RadSalError
from radsal.workflow.analysis import LayerChoice, layers

Choices = tuple[LayerChoice, ...]


class LayerChoices:
    """Asks the compute process and keeps what it said, by model and method."""

    def __init__(self, services: Services, analysing: Analysing) -> None:
        self._services = services
        self._analysing = analysing
        self._known: dict[tuple[str, str], Choices] = {}

    def ask(
        self, success: Callable[[Choices], None], failure: Callable[[RadSalError], None]
    ) -> Task | None:
        """Tell the layers of the model that is asked now; at once where they are known.

        Returns
        -------
        The task, to be cancelled by whoever no longer wants to be told; None where nothing waits.
        """
        request, engines = self._analysing.request(), self._services.engines
        if request is None:
            return None
        key = request.model.sha256, request.method
        if key in self._known:
            success(self._known[key])
            return None

        def keep(found: Choices) -> None:
            self._known[key] = found
            success(found)

        work = Handlers(keep, failure)
        return self._services.computing.submit(lambda: layers(engines, request), work)
