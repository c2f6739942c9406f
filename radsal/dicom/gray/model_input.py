"""What a model is given of a radiograph: never what is on the screen."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from radsal.core.radiograph import GrayscaleChain, LookupTable, Radiograph
from radsal.dicom.gray.stages import look_up, modality, padding_slice, stored_axis
from radsal.dicom.pixels.colour import luminance

#: What :func:`model_input` notes: facts about the input, and one that the reader is warned of.
POLARITY_TURNED = "polarity turned: low stored values are white"
PADDING_DARK = "padding set to the darkest value"
COLOUR_TO_GRAY = "The image is in colour; the model was given its brightness."
INPUT_FACTS = frozenset({POLARITY_TURNED, PADDING_DARK})


class ModelInput(NamedTuple):
    """What a model is given.

    Attributes
    ----------
    pixels:
        float32, (rows, columns), units after the modality stage, bone bright.
    notes:
        What was done to get there, for the result.
    """

    pixels: NDArray[np.float32]
    notes: tuple[str, ...]


def model_input(radiograph: Radiograph) -> ModelInput:
    """Values after the modality stage, bone bright, independent of the display.

    Where low values are white (MONOCHROME1, INVERSE) the values are turned by
    ``low + high - value``, with low and high the modality image of the stored range, or the
    output range of a Modality LUT. Padding takes the darkest value, low. Colours become their
    luminance, 0 to 255.
    """
    if radiograph.is_colour:
        return ModelInput(luminance(radiograph.stored), (COLOUR_TO_GRAY,))
    chain = radiograph.chain
    table = modality(stored_axis(chain), chain)
    low, high = _output_range(table, chain)
    notes = []
    if chain.inverted:
        table = low + high - table
        notes.append(POLARITY_TURNED)
    padding = padding_slice(chain)
    if padding.stop > padding.start:
        table[padding] = low
        notes.append(PADDING_DARK)
    pixels = look_up(table.astype(np.float32), radiograph.stored, chain)
    return ModelInput(pixels, tuple(notes))


def _output_range(table: NDArray[np.float64], chain: GrayscaleChain) -> tuple[float, float]:
    if isinstance(chain.modality, LookupTable):
        return 0.0, float((1 << chain.modality.bits) - 1)
    return float(table.min()), float(table.max())
