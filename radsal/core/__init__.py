"""The nouns that the stages pass to each other, and nothing that does work on them.

Enters: nothing. Leaves: frozen values (:class:`~radsal.core.radiograph.Radiograph`,
:class:`~radsal.core.results.Prediction`, :class:`~radsal.core.results.SaliencyMap`,
:class:`~radsal.core.results.HotSpot`, :class:`~radsal.core.results.Analysis`), the geometry that
joins their grids, the error tree and :class:`~radsal.core.progress.Progress`.

Why it exists: a stage can be changed, replaced or moved to another process without the others
noticing, because all that they share is here, validated once when it is built.
"""
