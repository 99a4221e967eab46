"""What the decoder emits has the target's own law, added up over every draft that it can be made to draw."""

from types import SimpleNamespace

import pytest

from specsim.core import as_shape, height, rules
from specsim.decode import warp
from specsim.shapes import read_shape
from specsim.theory import output_law as theory_output_law

from .conftest import pair_named
from .enumeration import PROMPT, close, completed, output_law, string_law, warped_model

WARPED = {"temperature": 0.7, "top_k": 5, "top_p": 0.9}


@pytest.mark.theorem("lossless")
@pytest.mark.parametrize("sampling", [{}, WARPED], ids=["plain", "warped"])
@pytest.mark.parametrize("rule", [rules.token, rules.block, rules.match], ids=repr)
@pytest.mark.parametrize("name", ["llama, llama", "gpt2, llama", "llama, bigram"])
def test_one_round_completed_by_the_target_has_the_targets_law(name, rule, sampling):
    pair, warped = pair_named(name), warp(**sampling)
    emitted = output_law(pair, rule, as_shape((0, 1)), warped, sampling)
    assert close(completed(emitted, pair.target, 3, warped), string_law(pair.target, 3, warped))


TREES = [
    ("token", "siblings:3"),
    ("token", "tree:2,1:distinct"),
    ("token", "tree:2,1:top"),
    ("traversal", "tree:2,1"),
    ("traversal", "parent:0,1,1,0"),
    ("naive_tree", "tree:2,1"),
    ("hub", "parent:0,0,1,1:hub"),
    ("k_seq", "siblings:3"),
    ("batch", "chains:2,2"),
    ("match", "parent:0,0,1,2"),
    ("lossy:typical", "chain:2"),
    ("lossy:lenient(0.5)", "chain:3"),
]


@pytest.mark.theorem("lossless")
@pytest.mark.parametrize("rule, shape", TREES)
@pytest.mark.parametrize("sampling", [{}, {"temperature": 0.6, "top_p": 0.95}], ids=["plain", "warped"])
def test_a_tree_read_in_one_pass_emits_the_law_that_theory_computes(rule, shape, sampling):
    pair, warped, full = pair_named("three tokens"), warp(**sampling), as_shape(read_shape(shape))
    emitted = output_law(pair, rules.get(rule), full, warped, sampling)
    stateless = SimpleNamespace(
        target=warped_model(pair.target, warped), draft=warped_model(pair.draft, warped)
    )
    assert close(emitted, theory_output_law(rule, stateless, full, context=PROMPT))
    if rules.get(rule).exact:
        long = height(full) + 1
        assert close(completed(emitted, pair.target, long, warped), string_law(pair.target, long, warped))
