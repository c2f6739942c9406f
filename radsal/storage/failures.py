"""Turn what the database driver throws into a StoreError that says what to do next."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from radsal.core.errors import StoreError


@dataclass(frozen=True, slots=True)
class Fault:
    """Code, reason and remedy of a StoreError."""

    code: str
    reason: str
    remedy: str

    def error(self) -> StoreError:
        """The exception."""
        return StoreError(self.reason, code=self.code, remedy=self.remedy)


_REFUSED = Fault(
    "store-refused",
    "The store refused an entry that does not belong to a stored image, hot spot or read.",
    "Analyse the image again, then judge its hot spots.",
)
_UNREACHABLE = Fault(
    "store-unreachable",
    "The database does not answer.",
    "Check the network and the database server, then save again.",
)
_TEXT = Fault(
    "store-text",
    "A text holds characters that cannot be stored.",
    "Type the note or the name again.",
)
_OTHER = Fault(
    "store",
    "The database could not carry out the request.",
    "Check that the store belongs to this version of RadSal.",
)

FaultOf = Callable[[BaseException], Fault | None]


@contextmanager
def reported(fault_of: FaultOf) -> Iterator[None]:
    """Run a block of database work; its errors leave as StoreError, all others as they are.

    ``fault_of`` knows the errors of one database.
    """
    try:
        yield
    except DBAPIError as error:
        known = error.orig and fault_of(error.orig)
        raise (known or _general(error)).error() from error
    except PoolTimeout as error:
        raise _UNREACHABLE.error() from error
    except UnicodeError as error:
        raise _TEXT.error() from error


def _general(error: DBAPIError) -> Fault:
    if isinstance(error, IntegrityError):
        return _REFUSED
    if isinstance(error, OperationalError | InterfaceError):
        return _UNREACHABLE
    return _OTHER
