"""``radsal.erasure/1``: what erasing a region did, as JSON."""

from dataclasses import asdict
from typing import Any

from radsal.core.erasure import Erasure
from radsal.core.radiograph import ImageHeader
from radsal.exports.json_export import NOTICE, Document, image_document, model_document

SCHEMA = "radsal.erasure/1"


def erasure_document(header: ImageHeader, erasure: Erasure) -> Document:
    """The document of one erasure."""
    change = erasure.map_change
    return {
        "schema": SCHEMA,
        "notice": NOTICE,
        "image": image_document(header, erasure.image),
        "model": model_document(erasure.model),
        "device": erasure.device,
        "finding": erasure.finding,
        "region": {"box": erasure.box.as_list(), "area": erasure.area},
        "before": asdict(erasure.before),
        "after": asdict(erasure.after),
        "delta_logit": erasure.delta_logit,
        "kept": asdict(erasure.kept),
        "controls": _controls(erasure),
        "p_value": erasure.p_value,
        "inpainter": erasure.fill_in,
        "in_distribution": erasure.in_distribution,
        "map": asdict(change) if change else None,
        "notes": list(erasure.notes),
        "sentence": erasure.sentence,
        "warnings": list(erasure.warnings),
    }


def _controls(erasure: Erasure) -> dict[str, Any]:
    return {
        "n": len(erasure.controls),
        "asked": erasure.asked,
        "seed": erasure.seed,
        "delta_logits": list(erasure.controls),
        "as_strong": erasure.as_strong,
        "largest_overlap": erasure.overlap,
    }
