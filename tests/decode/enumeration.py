"""Laws of decoded texts, added up over every draft that the decoder can be made to draw."""

from collections import Counter
from functools import cache

import numpy as np

from specsim.core import every, grow, law, paths
from specsim.decode import generate
from specsim.models import session

from .conftest import Met

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


def output_law(pair, rule, shape, warped, sampling, written=None):
    """The law of what one round emits: every draft forced by uniforms, weighed with its chance.

    written: for encoder-decoder models, the draft with PROMPT as its source, and what a text begins with.
    """
    emitted = Counter()
    draft, begun = written or (pair.draft, PROMPT)
    chances, drafts = grow(warped_model(draft, warped), np.array([begun]), shape, every)
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


def completed(emitted, model, length, warped, begun=PROMPT):
    """Every emitted tuple carried on by the model up to `length` tokens."""
    found = Counter()
    for tokens, chance in emitted.items():
        for rest, more in string_law(model, length - len(tokens), warped, (*begun, *tokens)).items():
            found[*tokens, *rest] += chance * more
    return found


def close(found, expected):
    return all(abs(found.get(key, 0) - expected.get(key, 0)) < 1e-9 for key in {*found, *expected})
