"""The door of the store: every method is one transaction, and durable when it returns."""

from pathlib import Path
from types import TracebackType

from radsal.core.errors import StoreError
from radsal.core.identity import ImageIdentity, ModelIdentity
from radsal.core.radiograph import ImageHeader
from radsal.core.results import Analysis
from radsal.review.read import Read
from radsal.storage import analyses, images, reads
from radsal.storage.connection import Database
from radsal.storage.upgrade import upgrade

SHORTEST_PREFIX = 4


class Store:
    """Images, analyses and reads in one database.

    Any thread may call it, one call runs at a time. Made by :meth:`open`. Every method raises
    :class:`~radsal.core.errors.StoreError`, with what to do next, where the database cannot do
    what is asked; what was stored before is then unchanged.

    Attributes
    ----------
    backup:
        The copy that :meth:`open` made of an older store before it changed it, or None.
    """

    def __init__(self, database: Database, backup: Path | None = None) -> None:
        self._database = database
        self.backup = backup

    @classmethod
    def open(cls, location: Path | str) -> "Store":
        """Open a store, making it where it is missing and upgrading it where it is older.

        Parameters
        ----------
        location:
            A file path, or an SQLAlchemy URL such as ``postgresql://user@host/radsal``.

        Raises
        ------
        StoreError
            Not a store, written by a newer RadSal, locked, or out of reach.
        """
        database = Database(location)
        try:
            return cls(database, upgrade(database))
        except BaseException:
            database.close()
            raise

    def close(self) -> None:
        """Give the database back; later calls raise StoreError."""
        self._database.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # images ----------------------------------------------------------------------------------

    def save_image(self, header: ImageHeader, identity: ImageIdentity) -> None:
        """Keep where an image was found and what its report shows; the newest header counts.

        Raises
        ------
        IdentityMismatch
            Header and identity name different SOP instances.
        StoreError
            The image is judged as part of one exam and now claims another.
        """
        if self.image(identity) == header:
            return
        with self._database.transaction(writes=True) as connection:
            images.save(connection, header, identity)

    def image(self, identity: ImageIdentity) -> ImageHeader | None:
        """The header saved with exactly this identity."""
        with self._database.transaction() as connection:
            return images.header_of(connection, identity)

    def images(self, study_instance_uid: str) -> dict[ImageIdentity, ImageHeader]:
        """The stored images of an exam, in reading order."""
        with self._database.transaction() as connection:
            return images.of_study(connection, study_instance_uid)

    # analyses --------------------------------------------------------------------------------

    def save_analysis(self, analysis: Analysis) -> None:
        """Keep an analysis of a stored image. Saving the same one again adds nothing."""
        with self._database.transaction() as connection:
            unchanged = analyses.is_newest(connection, analysis)
        if unchanged:
            return
        with self._database.transaction(writes=True) as connection:
            analyses.save(connection, analysis)

    def analysis(
        self,
        image: ImageIdentity,
        model: ModelIdentity,
        method: str,
        accepts: analyses.Accepts = lambda _: True,
    ) -> Analysis | None:
        """The analysis saved last that matches everything given and whose parameters are accepted.

        Raises
        ------
        StoreError
            What is stored is not what was saved (``store-damaged``).
        """
        with self._database.transaction() as connection:
            return analyses.newest(connection, image, model, method, accepts)

    def analyses(self, read_id: str) -> tuple[Analysis, ...]:
        """What a report of a stored read shows.

        The analyses that its verdicts were given on; for images of the exam without a verdict the
        newest one by the read's model.
        """
        with self._database.transaction() as connection:
            return analyses.of_read(connection, read_id)

    # reads -----------------------------------------------------------------------------------

    def save_read(self, read: Read) -> Read:
        """Keep a read; it is durable when this returns.

        Signing an amendment marks the read that it amends, in the same transaction.

        Returns
        -------
        The read with its new revision: change and save that one from now on.

        Raises
        ------
        StoreConflict
            A newer revision, or another draft of the same case by the same reader with the same
            model, is stored. Nothing was overwritten.
        ReviewError
            The stored read is signed.
        StoreError
            A verdict's hot spot is in no stored analysis of that image by the read's model, or
            that image belongs to another exam.
        """
        with self._database.transaction(writes=True) as connection:
            return reads.save(connection, read)

    def read(self, read_id: str) -> Read | None:
        """The read of a full id."""
        with self._database.transaction() as connection:
            return reads.load(connection, read_id)

    def find_read(self, prefix: str) -> Read:
        """The one read whose id begins with ``prefix``, at least four characters.

        Raises
        ------
        StoreError
            None or several do, or the prefix is too short.
        """
        prefix = prefix.strip().lower()
        if len(prefix) < SHORTEST_PREFIX:
            raise StoreError(
                f"Give at least {SHORTEST_PREFIX} characters of the read's id.", code="read-prefix"
            )
        with self._database.transaction() as connection:
            return reads.find(connection, prefix)

    def open_read(self, study_instance_uid: str, reader: str, model: ModelIdentity) -> Read | None:
        """The reader's draft of a case with a model, or else the read signed last."""
        with self._database.transaction() as connection:
            return reads.standing(connection, study_instance_uid, reader, model)

    def reads(self, study_instance_uid: str | None = None) -> tuple[Read, ...]:
        """Reads of one exam, or all, in the order in which they were begun."""
        with self._database.transaction() as connection:
            return reads.listed(connection, study_instance_uid)
