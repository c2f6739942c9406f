"""Join what the views ask for with the actions, and what the actions report with the views."""

from typing import Protocol

from PySide6.QtGui import QImage

from radsal.app.actions.opening import Opening
from radsal.app.actions.workstation import Workstation
from radsal.app.panels import CasesPanel, FindingsPanel
from radsal.app.tasks import Handlers, Priority
from radsal.app.viewer import ImageCanvas
from radsal.app.viewer.thumbnail import thumbnail
from radsal.app.windows.messages import Messages
from radsal.app.windows.panes import Panes
from radsal.app.windows.status_line import StatusLine
from radsal.app.windows.toolbar import Toolbar
from radsal.core.radiograph import Radiograph
from radsal.core.results import HotSpot
from radsal.dicom.gray.grayscale import initial_voi
from radsal.session import Reading


class Views(Protocol):
    """What is joined: the views of the window, the actions, and the window's own questions."""

    workstation: Workstation
    canvas: ImageCanvas
    panes: Panes
    cases: CasesPanel
    findings: FindingsPanel
    toolbar: Toolbar
    status: StatusLine
    messages: Messages

    def ask_folder(self) -> None:
        """Ask for a folder to open."""

    def ask_report(self) -> None:
        """Ask for the kind of report and where to put it."""

    def open_demo(self) -> None:
        """Open the bundled synthetic cases."""

    def commit(self) -> None:
        """Take over what is still being typed."""


def wire(views: Views) -> None:
    """Make every connection of the window, once."""
    _wire_canvas(views)
    _wire_cases(views)
    _wire_findings(views)
    _wire_reports(views)


def _wire_canvas(views: Views) -> None:
    reading = views.workstation.session.reading
    views.canvas.openRequested.connect(views.ask_folder)
    views.canvas.demoRequested.connect(views.open_demo)
    views.panes.added.connect(lambda canvas: _wire_any_canvas(views, canvas))
    _wire_any_canvas(views, views.canvas)
    views.canvas.spotClicked.connect(lambda spot: setattr(reading, "spot", spot))


def _wire_any_canvas(views: Views, canvas: ImageCanvas) -> None:
    canvas.frameStepped.connect(views.workstation.opening.step_frame)
    canvas.hovered.connect(views.status.show_pixel)


def _wire_cases(views: Views) -> None:
    opening: Opening = views.workstation.opening
    opening.prepare = views.canvas.prepare
    views.cases.caseChosen.connect(opening.choose)
    opening.leaving.connect(views.commit)
    for button in (views.toolbar.models, views.toolbar.methods):
        button.menu().aboutToShow.connect(views.commit)
    opening.loaded.connect(lambda radiograph: _show_thumbnail(views, radiograph))


def _show_thumbnail(views: Views, radiograph: Radiograph) -> None:
    """Made beside the GUI thread, when the lane of decoding has nothing better to do."""
    services, uid = views.workstation.services, radiograph.header.study_instance_uid
    services.decoding.submit(
        lambda: _thumbnail(radiograph),
        Handlers(lambda picture: views.cases.set_thumbnail(uid, picture), services.trouble),
        Priority.IDLE,
    )


def _thumbnail(radiograph: Radiograph) -> QImage:
    return thumbnail(radiograph, initial_voi(radiograph))


def _wire_findings(views: Views) -> None:
    panel, workstation = views.findings, views.workstation
    reading, judging = workstation.session.reading, workstation.judging
    panel.findingChosen.connect(workstation.analysing.choose_finding)
    panel.spotChosen.connect(lambda spot: setattr(reading, "spot", spot))
    panel.judged.connect(
        lambda spot, cause, agreement: judging.judge_spot(_spot(reading, spot), cause, agreement)
    )
    panel.noted.connect(lambda spot, text: judging.note(_spot(reading, spot), text))
    panel.withdrawn.connect(lambda spot: judging.withdraw(_spot(reading, spot)))
    panel.remarked.connect(judging.remark)
    panel.signRequested.connect(judging.sign)
    panel.amendRequested.connect(judging.amend)
    panel.nextRequested.connect(lambda: workstation.opening.step(+1))
    panel.reportRequested.connect(views.ask_report)
    panel.cancelRequested.connect(workstation.analysing.cancel)
    panel.eraseRequested.connect(workstation.erasing.erase)
    panel.keepRequested.connect(workstation.erasing.cancel)
    panel.fillInChosen.connect(workstation.erasing.choose_fill_in)


def _spot(reading: Reading, identifier: str) -> HotSpot:
    """The hot spot that a card stands for. Cards exist only for spots that are on screen."""
    return next(spot for spot in reading.spots if spot.id == identifier)


def _wire_reports(views: Views) -> None:
    workstation, status = views.workstation, views.status
    workstation.services.said.connect(status.say)
    workstation.services.settings_changed.connect(lambda now: status.set_reader(now.reader))
    workstation.services.restarted.connect(
        lambda name, how: views.findings.set_notice(restart_text(name, how))
    )
    workstation.services.troubled.connect(views.messages.show_error)
    workstation.judging.unsaved.connect(status.unsaved)
    workstation.opening.scanning.connect(status.work)
    workstation.analysing.objected.connect(views.findings.set_objections)
    status.cancelRequested.connect(workstation.opening.cancel_scan)


def restart_text(name: str, how: str) -> str:
    """What a reader is told of a worker process that was replaced."""
    return f"The {name} process was started again ({how}). Nothing that you entered is lost."
