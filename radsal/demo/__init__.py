"""Synthetic chest radiographs, the demo cases made of them, and the two demo models.

Enters: a seed. Leaves: a :class:`~radsal.demo.phantom.Phantom` (pixels with exact masks), DX files
under ``resources/demo`` and two trained MONAI bundles under ``resources/models``.

Why it exists: nobody's data may ship with RadSal, yet a newcomer needs cases to read, tests need
pictures whose truth is known to the pixel, and the demo needs a model that is known to be wrong.

Data flows one way through the package::

    seed -> Patient -> Projection (paths of each tissue, mm) -> lesion -> Beer-Lambert, scatter,
            patient     anatomy <- thorax, skeleton, vessels    lesions   noise, film: xray
         -> burned-in text -> Phantom -> DICOM file -> demo cases
            burn_in           phantom    dicom_files   cases

``training_set``, ``train`` and ``evaluate`` need torch and MONAI; nothing else here does. The model
of real films is made in :mod:`radsal.demo.nih`.

Coordinates are millimetres: x to the right of the image (the patient's left), y from front to back
along the beam, z down the image from the lung apices. The beam is parallel to y.
"""
