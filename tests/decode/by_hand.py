"""A second decoder, composed from the core on models without memory: slow, and with no cache to get wrong."""

import numpy as np

from specsim.core import along, chain, draw, grow, score
from specsim.core.arrays import invert
from specsim.core.draft import Draft


def decode(target, draft, prompt, gamma, rule, uniforms, length):
    """The tokens after the prompt: at most `length`, from one row of uniforms (gamma + 2) per round."""
    text, end = list(prompt), len(prompt) + length
    for row in np.asarray(uniforms)[:, None]:
        size = min(gamma, end - len(text) - 1)
        context = np.array([text])
        drafted = grow_chain(draft, context, size, row)
        node, token = draw(rule(score(target, context, drafted), drafted), row[:, size : size + 2])
        text += [*drafted.tokens[0, : int(node[0])].tolist(), int(token[0])]
        if len(text) == end:
            return tuple(text[len(prompt) :])
    raise AssertionError("too few uniforms")


def grow_chain(draft, context, size, row):
    """A drafted chain of `size` >= 0 tokens along a row of uniforms."""
    if size == 0:
        return Draft(context[:, :0], draft(context)[:, None][:, :0], ())
    return grow(draft, context, chain(size), along(row[:, :size]))[1]


def plain(target, prompt, uniforms):
    """One token per uniform, from the target alone."""
    text = list(prompt)
    for u in uniforms:
        text.append(int(invert(target(np.array([text])), np.array([u]))[0]))
    return tuple(text[len(prompt) :])
