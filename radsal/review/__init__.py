"""What a reader says of the hot spots of a case, and the rules of saying it.

Enters: hot spots and predictions of an analysis. Leaves: a :class:`~radsal.review.read.Read`,
frozen; every change gives a new one. Why it exists: the rules (what may be judged, when a read is
locked, how it is amended) hold in the window, on the command line and in the store alike, so they
are written once, without any of them.
"""
