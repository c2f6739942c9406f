"""A saliency map as a NumPy archive, raw: nothing is normalised, clipped or stretched."""

from pathlib import Path

import numpy as np

from radsal.core.results import SaliencyMap
from radsal.exports.writing import write_whole


def write_map(path: Path, saliency: SaliencyMap, image_shape: tuple[int, int]) -> None:
    """Write ``map`` and ``image_map``.

    Parameters
    ----------
    path:
        An ``.npz`` file.
    image_shape:
        (rows, columns) of the image.

    ``map`` is float32, (h, w), the native grid with rows along image rows. ``image_map`` is
    float32, (rows, columns): bilinear between the centres of the grid's cells, 0 where the
    network saw nothing of the image. Nothing is compressed: a third less on the disk takes twenty
    times as long, which is many times what the model takes.

    Raises
    ------
    ExportError
        The file cannot be written.
    """
    upright = np.ascontiguousarray(saliency.mapping.upright(saliency.values))
    image_map = saliency.mapping.resample(saliency.values, image_shape)
    write_whole(path, lambda file: np.savez(file, map=upright, image_map=image_map))
