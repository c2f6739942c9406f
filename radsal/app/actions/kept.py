"""Decoded images that are kept for a while."""

import threading
from collections import OrderedDict
from pathlib import Path

from radsal.core.radiograph import ImageHeader, Radiograph

KEPT_IMAGES = 6  # for going back and forth; about 10 MB each, at most 128 MB

Key = tuple[Path, str, int]  # path, SOP instance and frame


class KeptImages:
    """The images that were used last. The GUI's thread and the lane of decoding share it."""

    def __init__(self, count: int = KEPT_IMAGES) -> None:
        self._count = count
        self._images: OrderedDict[Key, Radiograph] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, header: ImageHeader, frame: int) -> Radiograph | None:
        """The image, where it is kept and its header is still what the list says."""
        key = _key(header, frame)
        with self._lock:
            kept = self._images.get(key)
            if kept is None or kept.header != header:
                return None
            self._images.move_to_end(key)
            return kept

    def put(self, radiograph: Radiograph) -> None:
        """Keep an image; the one that was not used for longest is let go."""
        key = _key(radiograph.header, radiograph.identity.frame)
        with self._lock:
            self._images[key] = radiograph
            self._images.move_to_end(key)
            while len(self._images) > self._count:
                self._images.popitem(last=False)


def _key(header: ImageHeader, frame: int) -> Key:
    return header.path, header.sop_instance_uid, frame
