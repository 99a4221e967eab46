"""The notebooks run, print what is stored in them, and are small enough to be read on a code host.

Those on a real language model are stored as they came out of SmolLM2, which has to be fetched. Here they run
on the pair that comes with the package, and must show the same kinds of things, cell by cell.
"""

import re
from pathlib import Path

import nbformat
import pytest

from notebooks.refresh import PAIR, executed

FOLDER = Path(__file__).parent.parent / "notebooks"
PATHS = sorted(FOLDER.glob("*.ipynb"))
LARGEST = 150_000
WORDS = ("text/markdown", "text/html", "text/plain")
NETWORKS = "04_alpha_of_the_built_in_pair"
"""Its last digits depend on the processor."""

REAL = [path for path in PATHS if PAIR in path.read_text()]
"""On a real language model, named by an environment variable."""


def for_each(paths):
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.stem)


each = for_each(PATHS)


def stored(path):
    return nbformat.read(path, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def words(notebook):
    """What the cells print and return, without pictures."""
    return [
        [
            output.get("text") or next(output.data[kind] for kind in WORDS if kind in output.data)
            for output in cell.outputs
        ]
        for cell in code_cells(notebook)
    ]


def kinds(notebook):
    """What kinds of things the cells show: text, tables, pictures."""
    return [
        [sorted(output.get("data", {"text": ""})) for output in cell.outputs] for cell in code_cells(notebook)
    ]


def test_they_are_numbered_without_a_gap():
    assert [path.name[:2] for path in PATHS] == [f"{i:02}" for i in range(1, len(PATHS) + 1)]


@for_each([path for path in PATHS if path not in REAL])
def test_it_runs_and_says_what_is_stored(path):
    fresh = executed(path)
    if path.stem != NETWORKS:
        assert words(fresh) == words(stored(path))


@for_each(REAL)
def test_it_runs_on_another_pair(path, monkeypatch):
    monkeypatch.setenv(PAIR, "builtin")
    assert kinds(executed(path)) == kinds(stored(path))


@each
def test_outputs_are_stored_in_order(path):
    cells = code_cells(stored(path))
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert (
        any("image/png" in output.get("data", {}) for cell in cells for output in cell.outputs)
        or "claims" in path.stem
    )


@each
def test_it_is_small(path):
    assert path.stat().st_size < LARGEST


@each
def test_it_has_no_trace_of_a_machine(path):
    notebook = stored(path)
    assert notebook.metadata.kernelspec.name == "python3"
    text = str(words(notebook)) + "".join(cell.source for cell in notebook.cells)
    assert not re.search(r"/(home|root|tmp|usr|work|Users|private|opt)/|[A-Z]:\\\\", text)
    assert not any(output.get("name") == "stderr" for cell in code_cells(notebook) for output in cell.outputs)


@each
def test_it_says_what_will_be_learned_and_what_to_try_next(path):
    prose = [cell.source for cell in stored(path).cells if cell.cell_type == "markdown"]
    assert re.match(r"# .+\n\n.*[Yy]ou ", prose[0], re.DOTALL)
    assert "## What to try next" in prose[-1]
