"""Exercises: what is filled in right passes; what is wrong or keeps too few tokens does not."""

import re

import pytest

from specsim.conformance import exercises
from specsim.conformance.exercises import EXERCISES, grade, skeleton, write

ANSWERS = {
    "acceptance": ["min(1, target[i][token] / draft[i][token])"],
    "correction": ["np.maximum(target[i] - draft[i], 0)"],
    "bonus": ["target[len(tokens)]"],
    "chosen": ["target[i][token]", "target[i] * (np.arange(len(target[i])) != token)"],
    "siblings": ["np.maximum(left - draft[j], 0) / np.maximum(left - draft[j], 0).sum()"],
    "distinct": [
        "rest = np.where(np.arange(len(law)) == taken, 0, law)\n"
        "    rest = rest if rest.any() else np.arange(len(law)) != taken\n"
        "    return rest / rest.sum()"
    ],
    "block": [
        "min(1.0, weight[-1] * target[i][token] / draft[i][token])",
        "np.maximum(weight[i] * target[i] - draft[i], 0)",
    ],
    "drafter": ["law[x] ** 2 + 2 * law[x] * law[law < law[x]].sum()"],
    "whole": [
        "return _verified(target, draft, tokens, rng)\n\nfrom specsim.conformance.gallery.reference "
        "import verify as _verified"
    ],
}
WRONG = {
    "correction": ["target[i]"],
    "distinct": ["return law"],
    "drafter": ["law[x]"],
}


def filled(name, answers, folder):
    """The exercise with its holes filled in, as a file."""
    answers = iter(answers)
    code = re.sub(r"\.\.\.", lambda hole: next(answers), skeleton(name))
    (folder / f"{name}.py").write_text(code)
    return folder / f"{name}.py"


@pytest.mark.parametrize("name", EXERCISES)
def test_a_right_answer_passes(name, tmp_path):
    result = grade(filled(name, ANSWERS[name], tmp_path))
    assert result.passed, result


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_is_told_so(name, tmp_path):
    result = grade(filled(name, WRONG[name], tmp_path))
    assert not result.passed
    assert result.report.verdict == "lossy"


def test_an_exact_answer_that_keeps_less_does_not_pass(tmp_path):
    result = grade(filled("acceptance", ["0.0"], tmp_path))
    assert not result.passed


@pytest.mark.parametrize("name", EXERCISES)
def test_a_skeleton_is_a_program_with_holes(name, tmp_path):
    path = write(name, tmp_path / "mine.py")
    compile(path.read_text(), "mine.py", "exec")
    with pytest.raises(ValueError, match="still has dots in line"):
        grade(path)
    with pytest.raises(ValueError, match="overwrites nothing"):
        write(name, path)


@pytest.mark.parametrize(
    "text, words",
    [
        ("x = (", "is a Python file"),
        ("x = 1", "must say EXERCISE"),
        ("1 / 0", "does not run"),
        ('EXERCISE = "bonus"', "needs a function verify"),
    ],
)
def test_what_is_no_exercise_is_refused(text, words, tmp_path):
    (tmp_path / "mine.py").write_text(text)
    with pytest.raises(ValueError, match=words):
        exercises.grade(tmp_path / "mine.py")


def test_an_unknown_exercise_is_refused():
    with pytest.raises(ValueError, match="there is no exercise 'bonuss'; choose one of acceptance"):
        skeleton("bonuss")
