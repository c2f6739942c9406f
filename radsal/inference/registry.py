"""Which packages there are: the shipped ones and those in the user's model folder."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from radsal.core.errors import ModelRefusal
from radsal.core.resources import resource_path
from radsal.inference.package import ModelPackage, read_package


def default_roots(user_folder: Path | None = None) -> tuple[Path, ...]:
    """Folders that hold packages: the shipped models, then the user's."""
    shipped = resource_path("models")
    return (shipped,) if user_folder is None else (shipped, user_folder)


def list_packages(
    roots: Sequence[Path],
) -> tuple[tuple[ModelPackage, ...], tuple[ModelRefusal, ...]]:
    """Every folder of every root, read or refused by name.

    Returns
    -------
    packages:
        Sorted by id. Of two packages with the same id the one of the earlier root stays.
    refusals:
        One for each folder that is no package, the folder's name first in its reason.
    """
    packages: dict[str, ModelPackage] = {}
    refusals: list[ModelRefusal] = []
    for folder in _folders(roots):
        try:
            package = _read_unique(folder, packages)
        except ModelRefusal as refusal:
            refusals.append(_named(folder, refusal))
        else:
            packages[package.id] = package
    return tuple(packages[key] for key in sorted(packages)), tuple(refusals)


def find_package(model_id: str, roots: Sequence[Path]) -> ModelPackage:
    """The package of that id.

    Raises
    ------
    ModelRefusal
        There is none (the text names those that there are), or it was refused.
    """
    packages, refusals = list_packages(roots)
    for package in packages:
        if package.id == model_id:
            return package
    for refusal in refusals:
        if refusal.reason.startswith(f"{model_id}: "):
            raise refusal
    known = ", ".join(package.id for package in packages) or "none"
    raise ModelRefusal(
        f"there is no model {model_id!r}",
        code="model-unknown",
        remedy=f"Models found: {known}.",
    )


def _folders(roots: Iterable[Path]) -> Iterable[Path]:
    for root in roots:
        try:
            inside = sorted(root.iterdir())
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            yield root  # and is refused by name
            continue
        yield from (p for p in inside if p.is_dir() and not p.name.startswith((".", "_")))


def _read_unique(folder: Path, packages: dict[str, ModelPackage]) -> ModelPackage:
    package = read_package(folder)
    if package.id in packages:
        raise ModelRefusal(
            f"the id {package.id!r} belongs to another package already",
            code="model-twice",
            remedy="Give the package its own radsal.id, or remove one of the two.",
        )
    return package


def _named(folder: Path, refusal: ModelRefusal) -> ModelRefusal:
    return ModelRefusal(
        f"{folder.name}: {refusal.reason}", code=refusal.code, remedy=refusal.remedy
    )
