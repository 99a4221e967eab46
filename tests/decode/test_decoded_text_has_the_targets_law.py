"""What the decoder emits has the target's own law, added up over every draft that it can be made to draw."""

from collections import Counter
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest

from specsim.core import as_shape, every, grow, height, law, paths, rules
from specsim.decode import generate, warp
from specsim.models import session
from specsim.shapes import read_shape
from specsim.theory import output_law as theory_output_law

from .conftest import Met, pair_named

PROMPT = (1, 2)


@cache
def next_law(model, tokens, warped):
    """The law after these tokens, from a session that has read nothing else."""
    return session(model, warped).extend(np.array([tokens]), keep=1)[0, 0]


def warped_model(model, warped):
    """The model with its laws warped, without memory."""
    return lambda tokens: np.stack([next_law(model, tuple(row), warped) for row in tokens.tolist()])


def string_law(model, length, warped, begun=PROMPT):
    """The law of the next `length` tokens."""
    if length == 0:
        return {(): 1.0}
    found = Counter()
    for token, chance in enumerate(next_law(model, begun, warped)):
        for rest, more in string_law(model, length - 1, warped, (*begun, token)).items():
            found[token, *rest] += chance * more
    return found


def middle(row, token):
    """A uniform at which inverting this law gives this token."""
    ends = np.cumsum(row)
    return (ends[token] - row[token] / 2) / ends[-1]


def output_law(pair, rule, shape, warped, sampling):
    """The law of what one round emits: every draft forced by uniforms, weighed with its chance."""
    emitted = Counter()
    chances, drafts = grow(warped_model(pair.draft, warped), np.array([PROMPT]), shape, every)
    for chance, tokens, rows in zip(chances, drafts.tokens, drafts.laws):
        met, forced = Met(rule), [middle(row, token) for row, token in zip(rows, tokens)]
        generate(
            pair.target,
            pair.draft,
            PROMPT,
            shape=shape,
            rule=met,
            uniforms=[[*forced, 0.5, 0.5]],
            eos=range(pair.target.vocab_size),  # one round is enough
            **sampling,
        )
        _, draft, plan = met.rounds[0]
        assert draft.tokens[0].tolist() == tokens.tolist()
        for path, row in zip(paths(draft.parent), law(plan)[0].tolist()):
            kept = [int(tokens[node - 1]) for node in path]
            for token, weight in enumerate(row):
                emitted[*kept, token] += chance * weight
    return emitted


def completed(emitted, model, length, warped):
    """Every emitted tuple carried on by the model up to `length` tokens."""
    found = Counter()
    for tokens, chance in emitted.items():
        for rest, more in string_law(model, length - len(tokens), warped, (*PROMPT, *tokens)).items():
            found[*tokens, *rest] += chance * more
    return found


def close(found, expected):
    return all(abs(found.get(key, 0) - expected.get(key, 0)) < 1e-9 for key in {*found, *expected})


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
