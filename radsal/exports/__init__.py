"""Reads and analyses as files for others: PDF, JSON, pictures, raw maps.

Enters: a :class:`~radsal.review.read.Read` with the headers and analyses of its images. Leaves:
files, whole or not at all. Why it exists: what a reader signs must be readable without RadSal and
say on its face whose image, which model and which method it speaks of. The names of the files are
the caller's and should hold no patient data; :func:`~radsal.exports.writing.report_name` gives
one.
"""

from radsal.exports.json_export import analysis_document, read_document, write_json
from radsal.exports.maps_npz import write_map
from radsal.exports.pdf import write_pdf
from radsal.exports.pictures import overlay_picture
from radsal.exports.writing import report_name, write_whole

__all__ = [
    "analysis_document",
    "overlay_picture",
    "read_document",
    "report_name",
    "write_json",
    "write_map",
    "write_pdf",
    "write_whole",
]
