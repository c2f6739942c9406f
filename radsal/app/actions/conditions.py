"""When an action makes sense: asked of every row whenever the session changes."""

from radsal.app.actions.desk import Desk
from radsal.core.rules import Sign
from radsal.saliency.catalogue import CATALOGUE


def image(desk: Desk) -> bool:
    """An image is on screen."""
    return desk.workstation.session.reading.radiograph is not None


def analysed(desk: Desk) -> bool:
    """The image on screen has its analysis."""
    return desk.workstation.session.reading.analysis is not None


def positive(desk: Desk) -> bool:
    """Positive evidence alone is drawn, in colours that can be chosen."""
    return analysed(desk) and desk.workstation.session.view.sign is Sign.POSITIVE


def optional(desk: Desk) -> bool:
    """There is a model, and something can be chosen of the method that explains it."""
    reading = desk.workstation.session.reading
    info = CATALOGUE.get(reading.method)
    return reading.model is not None and info is not None and bool(info.parameters)


def spots(desk: Desk) -> bool:
    """The selected finding has hot spots."""
    return bool(desk.workstation.session.reading.spots)


def judgeable(desk: Desk) -> bool:
    """A hot spot is active and the read takes verdicts."""
    reading = desk.workstation.session.reading
    return reading.active_spot is not None and reading.read is not None and not reading.locked


def many(desk: Desk) -> bool:
    """There is another case to go to."""
    return len(desk.workstation.session.worklist.cases) > 1


def several(desk: Desk) -> bool:
    """The case on screen has several images."""
    session = desk.workstation.session
    case = session.worklist.current(session.reading.case)
    return case is not None and len(case.images) > 1


def luts(desk: Desk) -> bool:
    """The file brings VOI LUTs."""
    radiograph = desk.workstation.session.reading.radiograph
    return radiograph is not None and bool(radiograph.chain.luts)


def planes(desk: Desk) -> bool:
    """The file brings overlays."""
    radiograph = desk.workstation.session.reading.radiograph
    return radiograph is not None and bool(radiograph.overlays)


def shuttered(desk: Desk) -> bool:
    """The file brings a display shutter."""
    radiograph = desk.workstation.session.reading.radiograph
    return radiograph is not None and radiograph.shutter is not None


def frames(desk: Desk) -> bool:
    """The image has several frames."""
    header = desk.workstation.session.reading.header
    return header is not None and header.frames > 1
