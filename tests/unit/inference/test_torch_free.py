"""What a window needs in order to list models and methods must not import torch."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "module",
    ["radsal.inference.package", "radsal.inference.registry", "radsal.saliency.catalogue",
     "radsal.saliency.consensus", "radsal.workflow.recalling", "radsal.hotspots.find", "radsal.workflow.importing", "radsal.cli.model_commands"],
)  # fmt: skip
def test_that_a_window_can_import_without_torch(module: str) -> None:
    heavy = "{'torch', 'monai', 'torchvision', 'safetensors'} & set(sys.modules)"
    code = f"import sys, {module}; print(sorted({heavy}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("module", ["radsal.cli.main", "radsal.app.main"])
def test_that_the_start_waits_for_no_library_that_only_the_worker_needs(module: str) -> None:
    """SciPy alone would add a tenth of a second to the window and two to every command."""
    heavy = "{'torch', 'monai', 'scipy', 'contourpy'} & set(sys.modules)"
    code = f"import sys, {module}; print(sorted({heavy}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_that_torchvision_is_never_imported() -> None:
    code = (
        "import sys, radsal.inference.classifier, radsal.saliency.methods;"
        "print('torchvision' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
