"""Join what the views ask for with the actions, and what the actions report with the views."""

from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

from radsal.app.actions.opening import Opening
from radsal.app.tasks import Handlers, Priority
from radsal.app.viewer.thumbnail import thumbnail
from radsal.core.radiograph import Radiograph
from radsal.core.results import HotSpot
from radsal.dicom.gray.grayscale import initial_voi
from radsal.session import Reading

if TYPE_CHECKING:
    from radsal.app.windows.main_window import MainWindow


def wire(window: "MainWindow") -> None:
    """Make every connection of the window, once."""
    _wire_canvas(window)
    _wire_cases(window)
    _wire_findings(window)
    _wire_reports(window)


def _wire_canvas(window: "MainWindow") -> None:
    reading = window.workstation.session.reading
    window.canvas.openRequested.connect(window.ask_folder)
    window.canvas.demoRequested.connect(window.open_demo)
    window.canvas.frameStepped.connect(window.workstation.opening.step_frame)
    window.canvas.hovered.connect(window.status.show_pixel)
    window.canvas.spotClicked.connect(lambda spot: setattr(reading, "spot", spot))


def _wire_cases(window: "MainWindow") -> None:
    opening: Opening = window.workstation.opening
    opening.prepare = window.canvas.prepare
    window.cases.caseChosen.connect(opening.choose)
    opening.leaving.connect(window.commit)
    for button in (window.toolbar.models, window.toolbar.methods):
        button.menu().aboutToShow.connect(window.commit)
    opening.loaded.connect(lambda radiograph: _show_thumbnail(window, radiograph))


def _show_thumbnail(window: "MainWindow", radiograph: Radiograph) -> None:
    """Made beside the GUI thread, when the lane of decoding has nothing better to do."""
    services, uid = window.workstation.services, radiograph.header.study_instance_uid
    services.decoding.submit(
        lambda: _thumbnail(radiograph),
        Handlers(lambda picture: window.cases.set_thumbnail(uid, picture), services.trouble),
        Priority.IDLE,
    )


def _thumbnail(radiograph: Radiograph) -> QImage:
    return thumbnail(radiograph, initial_voi(radiograph))


def _wire_findings(window: "MainWindow") -> None:
    panel, workstation = window.findings, window.workstation
    reading, judging = workstation.session.reading, workstation.judging
    panel.findingChosen.connect(reading.select_finding)
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
    panel.reportRequested.connect(window.ask_report)
    panel.cancelRequested.connect(workstation.analysing.cancel)


def _spot(reading: Reading, identifier: str) -> HotSpot:
    """The hot spot that a card stands for. Cards exist only for spots that are on screen."""
    return next(spot for spot in reading.spots if spot.id == identifier)


def _wire_reports(window: "MainWindow") -> None:
    workstation, status = window.workstation, window.status
    workstation.services.said.connect(status.say)
    workstation.services.settings_changed.connect(lambda now: status.set_reader(now.reader))
    workstation.services.restarted.connect(
        lambda name, how: window.findings.set_notice(restart_text(name, how))
    )
    workstation.services.troubled.connect(window.messages.show_error)
    workstation.judging.unsaved.connect(status.unsaved)
    workstation.opening.scanning.connect(status.work)
    workstation.analysing.working.connect(window.findings.set_progress)
    workstation.analysing.objected.connect(window.findings.set_objections)
    workstation.analysing.failed.connect(window.findings.set_failure)
    status.cancelRequested.connect(workstation.opening.cancel_scan)


def restart_text(name: str, how: str) -> str:
    """What a reader is told of a worker process that was replaced."""
    return f"The {name} process was started again ({how}). Nothing that you entered is lost."
