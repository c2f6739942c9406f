"""Where images, analyses and reads are kept, and come back exactly as they were.

Enters: an image's header and identity, an :class:`~radsal.core.results.Analysis`, a
:class:`~radsal.review.read.Read`. Leaves: the same nouns, checked against their hashes. Why it
exists: "saved" must mean a durable commit; a verdict must never stand beside a hot spot of
another image, exam or model; and the same code must serve one reader with a file and a department
with PostgreSQL.

``store`` is the door. ``images``, ``analyses`` and ``reads`` turn nouns into rows and back;
``tables`` declares them; ``connection`` and ``failures`` speak to SQLAlchemy; whatever is peculiar
to SQLite is in ``sqlite``. ``migrations`` builds the tables, step by numbered step, and imports no
application code: an old step must run unchanged for ever.
"""

from radsal.storage.store import Store

__all__ = ["Store"]
