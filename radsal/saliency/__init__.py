"""Saliency: where in the image a model's logit comes from, as a raw signed map on its own grid.

Enters: a :class:`~radsal.inference.classifier.Classifier`, a prepared input, findings.
Leaves: :class:`~radsal.core.results.SaliencyMap`, one for each finding, and the predictions of
the very forward pass that they came from.

Why it exists: maps must be right, whole and honest. One file per method behind one small interface
(:mod:`~radsal.saliency.method`), in four families that each share their work:

- features of a layer (:mod:`~radsal.saliency.cam`): one pass through the trunk and one back through
  the head for all findings (:mod:`~radsal.saliency.head`, :mod:`~radsal.saliency.replay`), at a layer
  found by tracing (:mod:`~radsal.saliency.layers`), on cells that lie where their features look
  (:mod:`~radsal.saliency.receptive`); a transformer's tokens count as features
  (:mod:`~radsal.saliency.tokens`);
- gradients at the input (:mod:`~radsal.saliency.input_gradients`), or at many samples of it in chunks
  (:mod:`~radsal.saliency.sampled`);
- occlusion (:mod:`~radsal.saliency.occluding`), which computes again only what a window reaches
  (:mod:`~radsal.saliency.patched`);
- attention (:mod:`~radsal.saliency.rollout`).

The model is left as it was found (:mod:`~radsal.saliency.undisturbed`).

:mod:`~radsal.saliency.catalogue` knows no torch, so that a window can list the methods, and neither
does :mod:`~radsal.saliency.consensus`, which says what several methods agree on.
"""
