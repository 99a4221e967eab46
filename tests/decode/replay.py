"""The exact law of whatever draws by `invert`: it is run again and again, until every choice was taken."""

from collections import Counter

import numpy as np

from specsim.core import plan
from specsim.decode import model_drafter


def outcomes(monkeypatch, run):
    """The law of what run() returns; every law that it draws from has one row."""
    found, pending = Counter(), [()]
    while pending:
        script, taken, chance = pending.pop(), [], 1

        def choose(weights, uniforms, script=script, taken=taken):
            nonlocal chance
            row = weights[0] / weights[0].sum()
            options = [token for token, weight in enumerate(row) if weight > 0]
            token = script[len(taken)] if len(taken) < len(script) else options[0]
            if len(taken) >= len(script):
                pending.extend((*taken, other) for other in options[1:])
            taken.append(token)
            chance *= row[token] if len(options) > 1 else 1  # sure, and maybe a float beside fractions
            return np.array([token])

        with monkeypatch.context() as patch:
            patch.setattr(plan, "invert", choose)
            patch.setattr(model_drafter, "invert", choose)
            made = run()
        found[made] += chance
    return dict(found)
