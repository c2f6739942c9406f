"""The image: film, heat map, overlay planes, contours, corner texts, and the mouse on them.

Enters: the session's ``reading`` and ``view``. Leaves: pixels, changes of the view, and signals
for what is a use case. Why it exists: everything that must never be out of register is drawn
through one :class:`~radsal.app.viewer.placement.Placement`, which knows how the film is turned and
how high its pixels are.

Stored values are resampled, and turned, once for a zoom, position and size; after that a change of
window is one lookup for each pixel of the view. The film of an image that will be shown soon is
made before, beside the GUI's thread.
"""

from radsal.app.viewer.canvas import ImageCanvas
from radsal.app.viewer.hover import Hover
from radsal.app.viewer.thumbnail import thumbnail
from radsal.app.viewer.tool import Tool

__all__ = ["Hover", "ImageCanvas", "Tool", "thumbnail"]
