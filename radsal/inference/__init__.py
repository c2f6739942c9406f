"""Model packages: known by their hash, read without running a byte of theirs, run on what there is.

Enters: a folder in MONAI's bundle layout, and float32 images (rows, columns), bone bright.
Leaves: :class:`~radsal.inference.package.ModelPackage`, :class:`~radsal.core.results.Prediction`
and, for the methods of :mod:`radsal.saliency`, a :class:`~radsal.inference.classifier.Classifier`.

Why it exists: a MONAI bundle is a program (``$`` expressions, ``_target_``, pickles). Here it is
data: names from a table (:mod:`~radsal.inference.allowed`) with plain arguments, and tensors.

``package``, ``registry``, ``importing``, ``records``, ``trust`` and what they import know no torch,
so that a window can list models before torch is imported anywhere; ``networks``, ``weights``,
``keys``, ``script``, ``preprocessing``, ``devices`` and ``classifier`` belong to the worker process.
"""
