"""Clear what is kept to be quick: all of it can be read or computed again."""

from typing import Protocol

from radsal.app.actions.services import Services
from radsal.app.tasks import Handlers, Priority


class _Kept(Protocol):
    def count(self) -> int:
        """How many things are kept."""

    def clear(self) -> bool:
        """Forget everything; whether that was done."""


class Clearing:
    """The folder index and the kept maps, from the user's side."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def index(self) -> None:
        """Forget what is kept of folders that were opened; the next scan reads every file."""
        self._clear(self._services.index, "The folder index", "was", "files")

    def maps(self) -> None:
        """Forget the maps that were computed; those that reads were given on stay in the store."""
        self._clear(self._services.maps, "The kept maps", "were", "maps")

    def _clear(self, kept: _Kept, what: str, verb: str, things: str) -> None:
        def clear() -> int | None:
            known = kept.count()
            return known if kept.clear() else None

        def cleared(known: int | None) -> None:
            if known is None:
                said = f"{what} {'is' if verb == 'was' else 'are'} in use and {verb} not cleared"
            else:
                said = f"{what} {verb} cleared: {known:,} {things} forgotten"
            self._services.said.emit(said)

        self._services.storing.submit(
            clear, Handlers(cleared, self._services.trouble), Priority.SCREEN
        )
