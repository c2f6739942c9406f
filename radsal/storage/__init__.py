"""Where images, analyses and reads are kept, and come back exactly as they were.

Enters: an image's header and identity, an :class:`~radsal.core.results.Analysis`, a
:class:`~radsal.review.read.Read`. Leaves: the same nouns, checked against their hashes. Why it
exists: "saved" must mean a durable commit; a verdict must never stand beside a hot spot of
another image, exam or model; and the same code must serve one reader with a file and a department
with PostgreSQL.

``store`` is the door. ``images``, ``analyses`` and ``reads`` turn nouns into rows and back, analyses
by way of the plain values of ``plain``; ``tables`` declares them; ``connection`` and ``failures``
speak to SQLAlchemy; whatever is peculiar to SQLite is in ``sqlite``. ``migrations`` builds the
tables, step by numbered step, and imports no application code: an old step must run unchanged for
ever.

``index`` and ``map_cache`` are no part of the store: headers by folder and maps that were computed,
which may be lost at any time.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from radsal.storage.store import Store

__all__ = ["Store"]


def __getattr__(name: str) -> Any:
    """``Store`` when it is asked for: who looks into a cache need not wait a second for SQLAlchemy."""
    if name == "Store":
        from radsal.storage.store import Store  # noqa: PLC0415

        return Store
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
