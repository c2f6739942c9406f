"""A model of real films: NIH's label Pneumonia on frontal chest radiographs, shipped as weights.

Enters: the folder ``nih`` of the shared data (films of NIH ChestX-ray14), which is no part of
RadSal. Leaves: the package ``resources/models/nih-pneumonia`` and the figures of its card.

Why it exists: the demo models know synthetic films alone; on real anatomy everything looks
different, and a real data set has real shortcuts. Here most normals are AP and most pneumonias PA::

    films -> inputs -> variation -> fitting -> calibration -> package     (train)
    package -> answers -> figures (uncertainty, pointing) -> card         (evaluate)

``films``, ``recipe``, ``calibration``, ``uncertainty``, ``pointing``, ``figures`` and ``card``
need no torch.
"""
