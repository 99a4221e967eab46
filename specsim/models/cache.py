"""The user's cache: where models that were brought from elsewhere stay.

`$SPECSIM_CACHE`, else `$XDG_CACHE_HOME/specsim`, else `~/.cache/specsim`.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm


def cache_folder() -> Path:
    """The folder of the cache; it need not exist yet."""
    named = os.environ.get("SPECSIM_CACHE")
    if named:
        return Path(named).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "specsim"


@contextmanager
def whole(folder: Path) -> Iterator[Path]:
    """A folder to write into that becomes `folder` when the block ends, and vanishes where it fails."""
    part = folder.with_name(f"{folder.name}.{os.getpid()}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        yield part
        shutil.rmtree(folder, ignore_errors=True)
        part.replace(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def sha256(path: Path) -> str:
    """The SHA-256 of a file in hexadecimal, with a progress bar for large ones."""
    digest, size = hashlib.sha256(), path.stat().st_size
    with path.open("rb") as file, _bar(size, f"check {path.name}") as bar:
        while block := file.read(1 << 20):
            digest.update(block)
            bar.update(len(block))
    return digest.hexdigest()


def _bar(size: int, what: str) -> tqdm:
    return tqdm(total=size, desc=what, unit="B", unit_scale=True, leave=False, disable=size < 1 << 24 or None)
