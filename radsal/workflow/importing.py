"""A model comes in: copied or packed, asked once in the compute process, then moved into place."""

import zipfile
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from radsal.core.errors import ModelRefusal
from radsal.core.progress import Progress
from radsal.inference.content import SCRIPT
from radsal.inference.formats import ELSEWHERE
from radsal.inference.importing import commit, copy_bundle, remove_folder, staging
from radsal.inference.package import ModelPackage, read_package
from radsal.inference.recipe import WeightsRecipe, id_of
from radsal.inference.registry import find_package, list_packages
from radsal.inference.trust import Trust, add_trust, withdraw_trust
from radsal.inference.unzipping import unzip_bundle
from radsal.workflow.engines import Engines

TIMEOUT = 600.0
_CHECKING = "radsal.workflow.checking:"


@dataclass(frozen=True, slots=True)
class Imported:
    """A package in its place.

    Attributes
    ----------
    left_out:
        Names of the source that are no part of a package.
    notes:
        What was changed or assumed.
    """

    package: ModelPackage
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def needs_trust(self) -> bool:
        """It holds TorchScript, which does not run before somebody trusts its SHA-256."""
        return self.package.weights.as_posix().endswith(SCRIPT)


def is_bundle(source: Path) -> bool:
    """Whether a source is a bundle (a folder, or a ZIP archive of one), and not weights alone.

    What has the name of a ``.zip`` is taken for a bundle, whatever is in it.
    """
    if source.is_dir() or source.suffix.lower() == ".zip":
        return True
    try:
        with zipfile.ZipFile(source) as archive:
            return any(n.endswith("configs/metadata.json") for n in archive.namelist())
    except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError):
        return False


def import_bundle(
    engines: Engines, source: Path, models: Path, shipped: Sequence[Path], model_id: str = ""
) -> Generator[Progress, None, Imported]:
    """Copy a bundle into the model folder.

    ``model_id`` names one that states no id of its own. Raises ModelRefusal, WorkerError.
    """
    _check_source(source)
    with staging(models, model_id or id_of(source)) as folder:
        yield Progress(0, 3, f"Copying {source.name}")
        left_out = copy_bundle(source, folder) if source.is_dir() else unzip_bundle(source, folder)
        package = yield from _checked(engines, folder, shipped)
        if model_id and package.id != model_id:
            raise ModelRefusal(
                f"the bundle says that its id is {package.id!r}",
                code="model-id",
                remedy="Leave --id out, or change radsal.id in its configs/metadata.json.",
            )
        place = commit(folder, package, models, source.name)
    return Imported(read_package(place), left_out, package.notes)


def import_weights(
    engines: Engines, source: Path, models: Path, shipped: Sequence[Path], recipe: WeightsRecipe
) -> Generator[Progress, None, Imported]:
    """Make a package of weights alone and of what a person says of them.

    Raises ModelRefusal, WorkerError.
    """
    _check_source(source)
    with staging(models, recipe.id) as folder:
        yield Progress(0, 3, f"Reading {source.name}")
        notes: tuple[str, ...] = yield from engines.compute.run(
            f"{_CHECKING}package_weights", source.absolute(), folder, recipe, timeout=TIMEOUT
        )
        package = yield from _checked(engines, folder, shipped)
        place = commit(folder, package, models, source.name)
    return Imported(read_package(place), (), (*notes, *package.notes))


def trust_model(
    engines: Engines, models: Path, sha256: str
) -> Generator[Progress, None, tuple[Trust, ModelPackage]]:
    """Trust the package with that content, and ask it once; where that fails, trust it no more."""
    package = to_trust(models, sha256)
    trust = add_trust(models, sha256, package.id)
    try:
        yield from engines.compute.run(f"{_CHECKING}try_package", package, timeout=TIMEOUT)
    except BaseException:
        withdraw_trust(models, sha256)
        raise
    return trust, package


def to_trust(models: Path, sha256: str) -> ModelPackage:
    """The user's package that has exactly that SHA-256 and holds TorchScript."""
    packages, _ = list_packages([models])
    found = [package for package in packages if package.identity.sha256 == sha256]
    if not found:
        raise ModelRefusal(
            f"no imported model has the SHA-256 {sha256:.64}",
            code="model-unknown",
            remedy="Import it first; radsal models list names each model's SHA-256.",
        )
    if not Imported(found[0]).needs_trust:
        raise ModelRefusal(
            f"{found[0].id} holds no TorchScript: it needs no trust",
            code="model-no-code",
            remedy="It can be used as it is.",
        )
    return found[0]


def to_remove(models: Path, shipped: Sequence[Path], model_id: str) -> Path:
    """The folder of the user's own package of that id, also of one that is refused.

    Raises
    ------
    ModelRefusal
        It ships with RadSal, or there is none.
    """
    own, _ = list_packages([models])
    for package in own:
        if package.id == model_id:
            return package.folder
    folders = [p for p in models.iterdir() if p.name[:1] != "."] if models.is_dir() else []
    for folder in folders:
        if folder.name == model_id and (folder.is_dir() or folder.is_symlink()):
            return folder
    if any(package.id == model_id for package in list_packages(shipped)[0]):
        raise ModelRefusal(
            f"{model_id} ships with RadSal and cannot be removed",
            code="model-shipped",
            remedy="Only imported models can be removed.",
        )
    find_package(model_id, [*shipped, models])  # says which there are
    raise ModelRefusal(f"there is no model {model_id!r}", code="model-unknown")


def remove_model(models: Path, folder: Path) -> None:
    """Delete one package of the user's folder, and the trust in it."""
    try:
        sha256 = read_package(folder).identity.sha256
    except ModelRefusal:
        sha256 = ""
    remove_folder(models, folder.name, sha256)


def _checked(
    engines: Engines, folder: Path, shipped: Sequence[Path]
) -> Generator[Progress, None, ModelPackage]:
    yield Progress(1, 3, "Building the network and asking it once")
    package: ModelPackage = yield from engines.compute.run(
        f"{_CHECKING}check_package", folder, timeout=TIMEOUT
    )
    if any(package.id == other.id for other in list_packages(shipped)[0]):
        raise ModelRefusal(
            f"the id {package.id!r} belongs to a model that ships with RadSal",
            code="model-twice",
            remedy="Give another --id, or another radsal.id in configs/metadata.json.",
        )
    yield Progress(2, 3, "Moving it into place")
    return package


def _check_source(source: Path) -> None:
    if not source.exists():
        raise ModelRefusal(
            f"{source.name} is not there", code="model-unreadable", remedy="Check the path."
        )
    if source.is_dir() and (source / "saved_model.pb").exists():
        raise ModelRefusal(
            f"{source.name} is a TensorFlow model", code="model-format", remedy=ELSEWHERE
        )
