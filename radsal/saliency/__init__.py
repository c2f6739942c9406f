"""Saliency: where in the image a model's logit comes from, as a raw signed map on its own grid.

Enters: a :class:`~radsal.inference.classifier.Classifier`, a prepared input, findings.
Leaves: :class:`~radsal.core.results.SaliencyMap`, one for each finding, and the predictions of
the very forward pass that they came from.

Why it exists: maps must be right, whole and honest. One file per method
(:mod:`~radsal.saliency.gradcam`, …) behind one small interface (:mod:`~radsal.saliency.method`);
the trunk of the network runs once for all findings (:mod:`~radsal.saliency.head`); the layer is
found by tracing (:mod:`~radsal.saliency.layers`); the model is left as it was found.

:mod:`~radsal.saliency.catalogue` knows no torch, so that a window can list the methods, and neither
does :mod:`~radsal.saliency.consensus`, which says what several methods agree on.
"""
