"""What the decoder emits has the target's own law, added up over every draft that it can be made to draw."""

from collections import Counter
from functools import cache
from itertools import product

import numpy as np
import pytest

from specsim.core import law, rules
from specsim.decode import generate, warp
from specsim.models import session

from .conftest import VOCABULARY, Met, pair_named

PROMPT = (1, 3)
GAMMA = 2


@cache
def next_law(model, tokens, warped):
    """The law after these tokens, from a session that has read nothing else."""
    return session(model, warped).extend(np.array([tokens]), keep=1)[0, 0]


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


def output_law(pair, rule, warped, sampling):
    """The law of what one round emits: every draft forced by uniforms, weighed with its chance."""
    emitted = Counter()
    for tokens in product(range(VOCABULARY), repeat=GAMMA):
        rows = [next_law(pair.draft, (*PROMPT, *tokens[:j]), warped) for j in range(GAMMA)]
        chance = np.prod([row[token] for row, token in zip(rows, tokens)])
        if chance == 0:
            continue
        met, forced = Met(rule), [middle(row, token) for row, token in zip(rows, tokens)]
        generate(
            pair.target,
            pair.draft,
            PROMPT,
            gamma=GAMMA,
            rule=met,
            uniforms=[[*forced, 0.5, 0.5]],
            eos=range(VOCABULARY),  # one round is enough
            **sampling,
        )
        _, draft, plan = met.rounds[0]
        assert tuple(draft.tokens[0].tolist()) == tokens
        for node, row in enumerate(law(plan)[0].tolist()):
            for token, weight in enumerate(row):
                emitted[*tokens[:node], token] += chance * weight
    return emitted


def completed(emitted, model, length, warped):
    """Every emitted tuple carried on by the model up to `length` tokens."""
    found = Counter()
    for tokens, chance in emitted.items():
        for rest, more in string_law(model, length - len(tokens), warped, (*PROMPT, *tokens)).items():
            found[*tokens, *rest] += chance * more
    return found


@pytest.mark.theorem("lossless")
@pytest.mark.parametrize(
    "sampling", [{}, {"temperature": 0.7, "top_k": 5, "top_p": 0.9}], ids=["plain", "warped"]
)
@pytest.mark.parametrize("rule", [rules.token, rules.block, rules.match], ids=repr)
@pytest.mark.parametrize("name", ["llama, llama", "gpt2, llama", "llama, bigram"])
def test_one_round_completed_by_the_target_has_the_targets_law(name, rule, sampling):
    pair, warped = pair_named(name), warp(**sampling)
    found = completed(output_law(pair, rule, warped, sampling), pair.target, GAMMA + 1, warped)
    expected = string_law(pair.target, GAMMA + 1, warped)
    assert all(abs(found[tokens] - chance) < 1e-9 for tokens, chance in expected.items())
    assert abs(sum(found.values()) - 1) < 1e-9
