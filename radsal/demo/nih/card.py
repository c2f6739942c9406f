"""The figures as the lines of the model card: tables in Markdown. Knows no torch."""

from __future__ import annotations

from radsal.demo.nih.figures import Figures, Pointing, Report
from radsal.demo.nih.uncertainty import Estimate


def card_lines(report: Report) -> list[str]:
    """The lines that ``docs/README.md`` of the package holds, in their order."""
    point = f"{report.operating_point:.3f}"
    return [
        *_areas(report),
        "",
        f"| at the operating point {point} | held-out patients | nih/eval |",
        "| --- | --- | --- |",
        *_called(report),
        "",
        *_reliability("held-out patients", report.held_out),
        "",
        *_reliability("nih/eval", report.evaluation),
        "",
        *_pointing(report.pointing),
    ]


def _areas(report: Report) -> list[str]:
    held, new = report.held_out, report.evaluation
    rows = {
        "all films": (held.areas["all"], new.areas["all"]),
        "AP films alone": (held.areas["AP"], new.areas["AP"]),
        "PA films alone": (held.areas["PA"], new.areas["PA"]),
        "knowing the view alone (PA: pneumonia)": (held.view_alone, new.view_alone),
        "knowing the size of the file alone": (held.size_alone, new.size_alone),
        "the score as a sign of PA, films without the finding": (
            held.view_betrayed["without"],
            new.view_betrayed["without"],
        ),
        "the score as a sign of PA, films with the finding": (
            held.view_betrayed["with"],
            new.view_betrayed["with"],
        ),
    }
    label, betrayed = report.evaluation_by_label, (held.size_betrayed, new.size_betrayed)
    return [
        "| AUC (95% interval) | held-out patients | nih/eval |",
        "| --- | --- | --- |",
        f"| films, of which with the finding | {_counts(held)} | {_counts(new)} |",
        *(f"| {name} | {_area(a)} | {_area(b)} |" for name, (a, b) in rows.items()),
        f"| all films, by NIH's label instead of boxes | | {_area(label['all'])} |",
        *(
            f"| rank correlation of score and file size, films {kind} the finding "
            f"| {betrayed[0][kind]:.2f} | {betrayed[1][kind]:.2f} |"
            for kind in ("without", "with")
        ),
    ]


def _called(report: Report) -> list[str]:
    held, new = report.held_out, report.evaluation
    return [
        f"| sensitivity | {_percent(held.sensitivity)} | {_percent(new.sensitivity)} |",
        f"| specificity | {_percent(held.specificity)} | {_percent(new.specificity)} |",
        f"| Brier score | {held.brier:.3f} | {new.brier:.3f} |",
        "| calibration error, 5 bins "
        f"| {held.calibration_error:.3f} | {new.calibration_error:.3f} |",
    ]


def _reliability(name: str, figures: Figures) -> list[str]:
    return [
        f"| reliability, {name} | films | mean stated | with the finding |",
        "| --- | --- | --- | --- |",
        *(
            f"| {b.low:.1f} to {b.high:.1f} | {b.films} | {b.stated:.0%} | {b.observed:.0%} |"
            for b in figures.reliability
        ),
    ]


def _pointing(figures: Pointing) -> list[str]:
    return [
        f"| finger, {figures.films} films with boxes | in a box (95% interval) |",
        "| --- | --- |",
        f"| strongest point of Grad-CAM | {_percent(figures.gradcam)} |",
        f"| the place where most other films have a box | {_percent(figures.best_place)} |",
        f"| middle of the film | {_percent(figures.centre)} |",
        f"| brightest place | {_percent(figures.brightest)} |",
        f"| random point | {figures.random:.0%} |",
        f"| *strongest point of Grad-CAM in the outer seventh* | {_percent(figures.gradcam_near_edge)} |",
    ]


def _counts(figures: Figures) -> str:
    return f"{figures.films}, {figures.positive}"


def _area(estimate: Estimate) -> str:
    return f"{estimate.value:.2f} ({estimate.low:.2f}–{estimate.high:.2f})"


def _percent(estimate: Estimate) -> str:
    return f"{estimate.value:.0%} ({estimate.low:.0%}–{estimate.high:.0%})"
