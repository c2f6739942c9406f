"""DICOM files in, :class:`~radsal.core.radiograph.Radiograph` and gray values out.

Enters: paths, of files, folders, ZIP archives and DICOMDIRs. Leaves: headers, radiographs with
their stored values or colours, grayscale chain, geometry, overlays and shutter, lookup tables from
stored values to gray, and the array that a model is given; or a
:class:`~radsal.core.errors.Refusal` with a code and a reason.

PNG and JPEG pictures of films enter too, and leave without identity and calibration.

Why it exists: everything that is particular to DICOM ends here. The stages after it never see a
data set, a transfer syntax or a photometric interpretation.

Inside, as the data flows: ``files`` (from a path to a data set), ``pixels`` (to stored values),
``gray`` (to gray, and to what a model is given); ``reading`` joins them, ``scanning`` reads headers
alone, ``jobs`` is what worker processes are asked for.

Decoders may crash on hostile files: outside of tests, :mod:`radsal.dicom.jobs` runs in a worker.
"""
