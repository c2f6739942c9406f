"""The use cases: each joins stages, for the window and the command line alike.

Enters: paths, a model, a reader's decisions. Leaves: cases, analyses, reads, reports. Long work is
a generator: each yield is a progress point, closing the generator cancels, and the value it
returns is the result. Why it exists: whatever the window can do, ``radsal`` on the command line
does with the same code; neither knows of processes, codecs or torch.

``compute`` runs in the compute process and ``walking`` in a scanner process; they are named, never
imported, by the others. Files that were found go from ``walking`` through ``portions`` and
``board`` to ``scanning``, which is what ``opening`` calls; ``keeping`` writes into the folder index.
"""
