"""A workstation for judging where X-ray classifiers look: at the disease, or at the label.

Data flows one way, and the packages follow it::

    file -> Radiograph -> Predictions -> SaliencyMaps -> HotSpots -> Verdicts in a Read -> store -> export
            dicom         inference      saliency        hotspots    review               storage  exports

``workflow`` joins the stages, ``session`` holds what is open, ``cli`` and ``app`` drive them.
"""

__version__ = "0.1.0"
