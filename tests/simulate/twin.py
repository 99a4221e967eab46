"""The dumbest possible second simulator: one round at a time, in Python lists and loops.

Of the core it uses the rule under test only, on a single row. Uniforms are spent in the documented order: one
per drafted node, one for the node where the round stops, one for the token after it.
"""

import numpy as np

from specsim.core import Draft, as_shape, rules


def pick(weights, uniform):
    """The first index whose running sum exceeds uniform times the total."""
    sums, running = [], 0.0
    for weight in weights:
        running += float(weight)
        sums.append(running)
    return next(i for i, one in enumerate(sums) if one > uniform * running)


def play_round(rule, pair, shape, text, uniforms):
    """The tokens that one round emits after `text` (a list), and whether it rejected one."""
    parent = as_shape(shape).parent
    above = [text]
    tokens, laws = [], []
    for node, uniform in zip(parent, uniforms):
        law = next_law(pair.draft, above[node])
        tokens.append(pick(law, uniform))
        laws.append(law)
        above.append([*above[node], tokens[-1]])
    target = np.array([[next_law(pair.target, seen) for seen in above]])
    draft = Draft(np.array([tokens]), np.array([laws]), parent)
    plan = rules.get(rule)(target, draft)
    node = pick(plan.stop[0], uniforms[-2])
    token = pick(plan.weights(np.array([node]))[0], uniforms[-1])
    return (*above[node][len(text) :], token), node in parent


def play_sequence(rule, pair, gamma, length, rows, last_draft, warm_up, context):
    """Tokens, number of rounds, rejections and emitted tokens of one sequence; rows: uniforms per round."""
    text, rows, rounds, rejections = list(context), iter(rows), 0, 0
    while (left := len(context) + length - len(text)) > 0:
        reach = {"before": left - 1, "at": left, "beyond": gamma}[last_draft]
        gamma_now = min(gamma, reach)
        shape, row = tuple(range(gamma_now)), next(rows)
        if gamma_now:
            emitted, rejected = play_round(rule, pair, shape, text, row[: gamma_now + 2])
        else:
            emitted, rejected = (pick(next_law(pair.target, text), row[1]),), False
        counts = len(text) - len(context) >= warm_up
        rounds += counts
        rejections += counts and rejected and len(emitted) <= left
        text += emitted
    made = text[len(context) :]
    emitted = len(made) if last_draft == "beyond" and not warm_up else length - warm_up
    return made[:length], rounds, rejections, emitted


def next_law(model, text):
    """The law after a text, a list of floats."""
    return model(np.array([text], dtype=int).reshape(1, -1))[0].astype(float).tolist()
