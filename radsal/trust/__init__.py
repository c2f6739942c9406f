"""Trust: whether what a map points at is really what the model's answer hangs on.

Enters: an image, a classifier, a region that a reader (or a hot spot) names. Leaves: figures, with
what they mean and what they do not prove: so far those of an
:class:`~radsal.core.erasure.Erasure`.

Why it exists: a heat map on an ID tag is a suspicion. Erasing the tag and seeing the logit fall,
while many equal erasures elsewhere change nothing, is evidence. What is erased is filled in
(:mod:`~radsal.trust.fillins`), beside control regions that are matched to it
(:mod:`~radsal.trust.controls`).
"""
