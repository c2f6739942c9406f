"""``radsal demo``: the window on the synthetic cases, or the same job without a window."""

from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from radsal.cli.status import Status, errors_console
from radsal.cli.steps import bar, show
from radsal.core.errors import NoWindow
from radsal.demo.bundled import demo_case_paths
from radsal.inference.package import ModelPackage
from radsal.inference.registry import default_roots, find_package
from radsal.workflow.analysis import AnalysisRequest
from radsal.workflow.demonstration import demonstrate
from radsal.workflow.engines import Engines

MODELS = ("demo-opacity", "demo-opacity-shortcut")


def demo(out: Path, models: Path, window: Callable[[list[Path]], int] | None) -> int:
    """Open the window where there is a display; else write pictures, PDF and JSON to ``out``."""
    paths = list(demo_case_paths())
    if window is not None:
        try:
            return window(paths)
        except NoWindow as reason:
            errors_console().print(reason.reason, markup=False)
            errors_console().print("The demo runs without a window instead.")
    return _headless(paths, out, [find_package(model, default_roots(models)) for model in MODELS])


def _headless(paths: list[Path], out: Path, packages: list[ModelPackage]) -> Status:
    console = Console(highlight=False)
    with Engines() as engines, bar() as shown:
        engines.warm_up()
        for package in packages:
            steps = demonstrate(engines, paths, AnalysisRequest.of(package), out)
            for line in show(steps, shown, package.id):
                console.print(line, markup=False)
    console.print(f"Pictures, reports (PDF) and JSON are in {out.resolve()}", markup=False)
    console.print("Research use only. Not for diagnostic use.")
    return Status.DONE
