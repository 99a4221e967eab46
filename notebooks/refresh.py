"""Run the notebooks and keep what they print: small, and without traces of the machine.

    python notebooks/refresh.py                             all of them
    python notebooks/refresh.py notebooks/05_yin.ipynb      some

Numbers 10 to 13 run on SmolLM2, which `specsim pairs fetch smollm2` brings once; if the environment says
SPECSIM_NOTEBOOK_PAIR=builtin, on the pair of the package. Number 10 takes times: it wants an idle machine.
Pictures are stored with 64 colours, which takes a quarter of the space and looks the same.
"""

import base64
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from PIL import Image

HERE = Path(__file__).parent
PAIR = "SPECSIM_NOTEBOOK_PAIR"
SECONDS_PER_CELL = 1800
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "MPLBACKEND": "module://matplotlib_inline.backend_inline"}
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def executed(path: Path) -> Any:
    """The notebook with fresh outputs, one thread, tidied. Raises CellExecutionError where a cell fails."""
    notebook = nbformat.read(path, as_version=4)
    where = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(notebook, timeout=SECONDS_PER_CELL, record_timing=False, resources=where)
    client.execute(env=os.environ | ENVIRONMENT)
    return tidied(notebook)


def tidied(notebook: Any) -> Any:
    """The same with whole streams of text, small pictures, and no metadata but what hides a solution."""
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict(
            {k: v for k, v in cell.metadata.items() if k in ("tags", "jupyter")}
        )
        if cell.cell_type == "code":
            cell.outputs = list(joined(cell.outputs))
            for output in cell.outputs:
                if "image/png" in output.get("data", {}):
                    output.data["image/png"] = small(output.data["image/png"])
    return notebook


def joined(outputs: list[Any]) -> Iterator[Any]:
    """The outputs, neighbouring pieces of one stream as one."""
    last = None
    for output in outputs:
        if last is not None and output.get("name", "") == last.get("name"):
            last.text += output.text
        else:
            if last is not None:
                yield last
            last = output
    if last is not None:
        yield last


def small(png: str) -> str:
    """The picture, base64, with 64 colours."""
    picture = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
    shrunk = io.BytesIO()
    picture.quantize(64, dither=Image.Dither.NONE).save(shrunk, "PNG", optimize=True)
    return base64.b64encode(shrunk.getvalue()).decode()


def main() -> None:
    for path in map(Path, sys.argv[1:] or sorted(HERE.glob("*.ipynb"))):
        nbformat.write(executed(path), path)
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
