"""A stored read becomes a report, with the very pictures that were judged."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from radsal.core.errors import ExportError, IdentityMismatch, Refusal
from radsal.core.identity import ImageIdentity
from radsal.core.progress import Progress
from radsal.core.radiograph import ImageHeader, Radiograph
from radsal.core.results import Analysis
from radsal.dicom.grayscale import automatic_window, default_voi, display
from radsal.exports.json_export import read_document, write_json
from radsal.exports.pdf import write_pdf
from radsal.review.read import Read
from radsal.storage import Store
from radsal.workflow.engines import Engines
from radsal.workflow.opening import load

FORMATS = ("pdf", "json")
