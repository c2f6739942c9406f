"""Films, figures and the card can be worked with where there is no torch."""

import subprocess
import sys


def test_that_the_figures_need_no_torch() -> None:
    names = ("films", "recipe", "calibration", "uncertainty", "pointing", "figures", "card")
    imports = ", ".join(f"radsal.demo.nih.{name}" for name in names)
    code = f"import sys, {imports}; print(sorted({{'torch', 'monai'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
