"""The labels of theory/ and the labels that tests name are one list; links between pages lead somewhere."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "theory").glob("*.md"))


def labels(page: Path) -> list[str]:
    """The headings of level 3: each is a label."""
    return re.findall(r"^### (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)


def named_labels(test_file: Path) -> set[str]:
    """What stands in `theorem(...)` in a file of tests."""
    return {
        argument.value
        for call in ast.walk(ast.parse(test_file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "theorem"
        for argument in call.args
        if isinstance(argument, ast.Constant)
    }


STATED = Counter(label for page in PAGES for label in labels(page))
TESTED = set().union(*(named_labels(path) for path in (ROOT / "tests").rglob("test_*.py")))


def test_there_are_statements():
    assert len(STATED) > 40


def test_each_label_stands_once_and_is_well_formed():
    assert [label for label, count in STATED.items() if count > 1] == []
    assert [label for label in STATED if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", label)] == []


def test_each_statement_is_tested():
    assert sorted(STATED.keys() - TESTED) == []


def test_each_label_that_a_test_names_is_stated():
    assert sorted(TESTED - STATED.keys()) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page):
    for target, label in re.findall(r"\]\(([\w./-]*)(?:#([\w-]+))?\)", page.read_text(encoding="utf-8")):
        linked = (page.parent / target).resolve() if target else page
        assert linked.exists(), target
        assert not label or label in labels(linked), f"{target}#{label}"


def test_each_page_is_on_the_front_page():
    front = (ROOT / "theory" / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in PAGES if page.name != "README.md" and f"({page.name})" not in front] == []
