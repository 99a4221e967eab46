"""Who takes part, and what is refused with advice."""

import pytest

from specsim.compare import Options, compare
from specsim.compare.candidates import candidates, usual_shapes
from specsim.core import as_shape
from specsim.models import load_pair
from specsim.shapes import shape_name


@pytest.mark.parametrize("drafted", [1, 2, 3, 4, 5])
def test_all_shapes_have_equally_many_tokens(drafted):
    shapes = usual_shapes(drafted, vocabulary=10)
    assert {len(as_shape(shape).parent) for shape in shapes} == {drafted}
    assert len(set(shapes)) == len(shapes)


def test_siblings_that_differ_need_enough_tokens():
    assert "siblings:4:distinct" not in map(shape_name, usual_shapes(4, vocabulary=3))


def test_a_lossy_rule_is_a_curve_or_a_point():
    names = [
        rule.name
        for rule, _ in candidates(["lossy:opt", "lossy:uno(0.3)"], usual_shapes(1, 2), ["0.1", "0.2"])
    ]
    assert names == ["lossy:opt(0.1)", "lossy:opt(0.2)", "lossy:uno(0.3)"]


@pytest.mark.parametrize(
    "options, said",
    [
        ({"drafted": 0}, "at least 1 drafted token"),
        ({"rounds": 1}, "at least 2 rounds"),
        ({"rules": ("nope",)}, "there is no rule 'nope'"),
        ({"rules": ("typical",)}, "lossy:typical"),
        ({"rules": ("block",), "shapes": ("tree:2,2",)}, "for trees use traversal"),
        ({"shapes": ("star:2",)}, "is no shape"),
    ],
)
def test_what_will_not_do_is_said(options, said):
    with pytest.raises(ValueError, match=said):
        compare(load_pair("toy"), Options(**options))
