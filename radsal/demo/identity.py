"""Plausible, obviously synthetic identities."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from radsal.demo.patient import Patient

_GIVEN = {
    "F": ("ANNA", "MARTA", "INES", "CLARA", "JUDITH", "NORA", "LEILA", "MEI", "RUTH", "SOFIA"),
    "M": ("PAUL", "IVAN", "OMAR", "KARL", "JONAS", "HUGO", "LUIS", "PETER", "AMIR", "THEO"),
}
#: Every family name says that nobody bears it.
_FAMILY = ("SYNTH", "PHANTOM", "SPECIMEN", "TESTCASE", "EXAMPLE", "NOBODY")


@dataclass(frozen=True)
class Identity:
    """Who the film says it shows; dates as ``datetime.date``, ``accession`` a short number."""

    family: str
    given: str
    sex: str
    patient_id: str
    birth_date: date
    study_date: date
    accession: str

    @property
    def person_name(self) -> str:
        """DICOM PN: ``FAMILY^GIVEN`` (PS3.5 6.2)."""
        return f"{self.family}^{self.given}"

    @property
    def age(self) -> int:
        """Full years at the time of the study."""
        born, seen = self.birth_date, self.study_date
        return seen.year - born.year - ((seen.month, seen.day) < (born.month, born.day))


def sample_identity(seed: int, patient: Patient, rng: np.random.Generator) -> Identity:
    """Draw an identity that fits the patient's sex and age; the number comes from the seed."""
    study = date(2024, 1, 1) + timedelta(days=int(rng.integers(0, 700)))
    lived = int(patient.age * 365.25 + rng.integers(1, 365))
    return Identity(
        family=str(rng.choice(_FAMILY)),
        given=str(rng.choice(_GIVEN[patient.sex])),
        sex=patient.sex,
        patient_id=f"SYN-{seed % 10000:04d}",
        birth_date=study - timedelta(days=lived),
        study_date=study,
        accession=f"A{int(rng.integers(10**6, 10**7))}",
    )
