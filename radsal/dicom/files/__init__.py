"""From a path to a data set or a picture, within the published limits.

Enters: paths of files, folders, ZIP archives, DICOMDIRs, and addresses inside an archive. Leaves:
entries that were met, and :class:`~radsal.dicom.files.source.Source`: an open file with the
attributes that RadSal reads and the place of its pixel data.

Why it exists: a hostile file is stopped here, before a library parses what it does not need.
"""
