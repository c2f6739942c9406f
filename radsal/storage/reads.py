"""Reads and their verdicts as rows, and the rules of saving one over another."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from radsal.core.errors import ReviewError, StoreConflict, StoreError
from radsal.core.identity import ImageIdentity, ModelIdentity
from radsal.review.read import Read, ReadState, Verdict
from radsal.review.vocabulary import Agreement, Cause
from radsal.storage import images, plain
from radsal.storage.tables import analysis, hot_spot, read, verdict

Subject = tuple[ImageIdentity, str, str, str]


def save(connection: Connection, item: Read) -> Read:
    """Write a read as its next revision. See :meth:`radsal.storage.store.Store.save_read`."""
    _check_change(connection, item)
    saved = replace(item, revision=item.revision + 1)
    known = _analyses_judged(connection, item)
    connection.execute(delete(verdict).where(verdict.c.read_id == item.id))
    _write(connection, item, saved)
    rows = [_verdict_row(saved, place, known) for place in range(len(saved.verdicts))]
    if rows:
        connection.execute(insert(verdict), rows)
    if saved.amends is not None and saved.state is ReadState.SIGNED:
        _supersede(connection, saved)
    return saved


def load(connection: Connection, read_id: str) -> Read | None:
    """The read of a full id."""
    row = connection.execute(select(read).where(read.c.read_id == read_id)).mappings().first()
    return None if row is None else _read_of(connection, row)


def find(connection: Connection, prefix: str) -> Read:
    """The one read whose id begins so."""
    matches = read.c.read_id.startswith(prefix, autoescape=True)
    rows = connection.execute(select(read).where(matches).limit(2)).mappings().all()
    if len(rows) == 1:
        return _read_of(connection, rows[0])
    reason = f"{'More than one' if rows else 'No'} read has an id that begins with {prefix}."
    raise StoreError(reason, code="read-ambiguous" if rows else "read-unknown")


def standing(
    connection: Connection, study_instance_uid: str, reader: str, model: ModelIdentity
) -> Read | None:
    """A reader's draft of a case with a model, or else the read signed last."""
    mine = select(read).where(
        read.c.study_instance_uid == study_instance_uid,
        read.c.reader == reader,
        images.is_model(read, model),
    )
    for state, newest in (
        (ReadState.DRAFT, read.c.updated_at),
        (ReadState.SIGNED, read.c.signed_at),
    ):
        query = mine.where(read.c.state == state.value).order_by(newest.desc()).limit(1)
        row = connection.execute(query).mappings().first()
        if row is not None:
            return _read_of(connection, row)
    return None


def listed(connection: Connection, study_instance_uid: str | None) -> tuple[Read, ...]:
    """Reads of one exam, or all, in the order in which they were begun."""
    query = select(read).order_by(read.c.started_at, read.c.read_id)
    if study_instance_uid is not None:
        query = query.where(read.c.study_instance_uid == study_instance_uid)
    rows = connection.execute(query).mappings().all()
    return tuple(_read_of(connection, row) for row in rows)


# the rules -----------------------------------------------------------------------------------


def _check_change(connection: Connection, item: Read) -> None:
    """Refuse what would overwrite a signed read, a newer revision, or another draft."""
    if item.state is ReadState.AMENDED:
        raise ReviewError("A read is marked as amended by signing its amendment, not by itself.")
    stored = connection.execute(
        select(read.c.state, read.c.revision).where(read.c.read_id == item.id)
    ).first()
    if stored is not None and stored.state != ReadState.DRAFT.value:
        raise ReviewError("This read is signed and cannot be changed.", remedy="Amend it instead.")
    if item.revision != (stored.revision if stored else 0):
        raise _conflict("This read was saved elsewhere since it was opened here.")
    if stored is None and item.state is ReadState.DRAFT and _has_draft(connection, item):
        raise _conflict("A draft of this case by the same reader is already in the store.")


def _has_draft(connection: Connection, item: Read) -> bool:
    return (
        connection.scalar(
            select(read.c.read_id).where(
                read.c.study_instance_uid == item.study_instance_uid,
                read.c.reader == item.reader,
                images.is_model(read, item.model),
                read.c.state == ReadState.DRAFT.value,
            )
        )
        is not None
    )


def _supersede(connection: Connection, amendment: Read) -> None:
    """Mark the read that an amendment corrects; the two belong to one reader, case and model."""
    changed = connection.execute(
        update(read)
        .where(
            read.c.read_id == amendment.amends,
            read.c.state == ReadState.SIGNED.value,
            read.c.study_instance_uid == amendment.study_instance_uid,
            read.c.reader == amendment.reader,
            images.is_model(read, amendment.model),
        )
        .values(state=ReadState.AMENDED.value, revision=read.c.revision + 1)
    )
    if changed.rowcount != 1:
        raise _conflict("The signed read that this one amends no longer stands.")


def _conflict(reason: str) -> StoreConflict:
    return StoreConflict(
        f"{reason} Nothing was overwritten.", remedy="Open the case again to see the newer read."
    )


# nouns to rows -------------------------------------------------------------------------------


def _write(connection: Connection, old: Read, new: Read) -> None:
    row = {
        "study_instance_uid": new.study_instance_uid,
        "reader": new.reader,
        **plain.model_columns(new.model),
        "started_at": new.started_at,
        "updated_at": new.updated_at,
        "state": new.state.value,
        "comment": new.comment,
        "revision": new.revision,
        "amends": new.amends,
        "signed_at": new.signed_at,
    }
    if old.revision == 0:
        connection.execute(insert(read).values(read_id=new.id, **row))
        return
    unchanged = (read.c.read_id == old.id, read.c.revision == old.revision)
    if connection.execute(update(read).where(*unchanged).values(**row)).rowcount != 1:
        raise _conflict("This read was saved elsewhere at the same moment.")


def _analyses_judged(connection: Connection, item: Read) -> dict[Subject, int]:
    """The analysis behind each verdict: where it was first given, else the newest that has it."""
    stored = connection.execute(select(verdict).where(verdict.c.read_id == item.id)).mappings()
    known = {_subject_of(row): row["analysis_id"] for row in stored}
    for given in item.verdicts:
        subject = _subject(given)
        if subject not in known:
            known[subject] = _analysis_with(connection, item.model, given)
    return known


def _analysis_with(connection: Connection, model: ModelIdentity, given: Verdict) -> int:
    number = connection.scalar(
        select(hot_spot.c.analysis_id)
        .join(analysis, analysis.c.analysis_id == hot_spot.c.analysis_id)
        .where(
            images.is_image(hot_spot, given.image),
            images.is_model(hot_spot, model),
            hot_spot.c.hot_spot == given.hot_spot,
            hot_spot.c.finding == given.finding,
            hot_spot.c.method == given.method,
        )
        .order_by(analysis.c.saved_order.desc())
        .limit(1)
    )
    if number is None:
        raise StoreError(
            "A verdict names a hot spot that is not stored for that image and model.",
            code="store-refused",
            remedy="Analyse the image again, then judge its hot spots.",
        )
    return int(number)


def _verdict_row(item: Read, position: int, known: dict[Subject, int]) -> dict[str, Any]:
    given = item.verdicts[position]
    return {
        "read_id": item.id,
        "position": position,
        "analysis_id": known[_subject(given)],
        "study_instance_uid": item.study_instance_uid,
        **plain.image_columns(given.image),
        **plain.model_columns(item.model),
        "method": given.method,
        "finding": given.finding,
        "hot_spot": given.hot_spot,
        "agreement": given.agreement.value,
        "cause": given.cause and given.cause.value,
        "note": given.note,
        "given_at": given.given_at,
    }


def _subject(given: Verdict) -> Subject:
    return given.image, given.finding, given.method, given.hot_spot


def _subject_of(row: RowMapping) -> Subject:
    return plain.identity_of(row), row["finding"], row["method"], row["hot_spot"]


# rows to nouns -------------------------------------------------------------------------------


def _read_of(connection: Connection, row: RowMapping) -> Read:
    verdicts = connection.execute(
        select(verdict).where(verdict.c.read_id == row["read_id"]).order_by(verdict.c.position)
    )
    return Read(
        row["read_id"],
        row["study_instance_uid"],
        row["reader"],
        plain.model_of(row),
        row["started_at"],
        row["updated_at"],
        ReadState(row["state"]),
        tuple(_verdict_of(item) for item in verdicts.mappings()),
        row["comment"],
        row["revision"],
        row["amends"],
        row["signed_at"],
    )


def _verdict_of(row: RowMapping) -> Verdict:
    return Verdict(
        plain.identity_of(row),
        row["finding"],
        row["method"],
        row["hot_spot"],
        Agreement(row["agreement"]),
        row["cause"] and Cause(row["cause"]),
        row["note"],
        row["given_at"],
    )
