"""Hot spots: the regions of a map that a reader judges one by one.

Enters: a :class:`~radsal.core.results.SaliencyMap` and the shape of its image.
Leaves: :class:`~radsal.core.results.HotSpot`, contour in image pixels, by share of the map.

Why it exists: a reader cannot judge a colour gradient, but can say of a region "that is the ID
tag". The rule that cuts a map into regions is stated in :mod:`~radsal.hotspots.find`, has few
parameters, and they are part of every hot spot's id.
"""
