"""A second decoder, composed from the core on models without memory: slow, and with no cache to get wrong."""

import numpy as np

from specsim.core import along, as_shape, draw, grow, height, paths, score
from specsim.core.arrays import invert
from specsim.core.draft import Draft, shortened


def decode(target, draft, prompt, shape, rule, uniforms, length):
    """The tokens after the prompt: at most `length`, from one row of uniforms (n + 2) per round."""
    text, end, full = list(prompt), len(prompt) + length, as_shape(shape)
    for row in np.asarray(uniforms)[:, None]:
        cut = shortened(full, min(height(full), end - len(text) - 1))
        context, size = np.array([text]), len(cut.parent)
        drafted = grow_draft(draft, context, cut, row[:, :size])
        node, token = draw(rule(score(target, context, drafted), drafted), row[:, size : size + 2])
        text += [drafted.tokens[0, i - 1] for i in paths(cut.parent)[int(node[0])]] + [token[0]]
        if len(text) == end:
            return tuple(map(int, text[len(prompt) :]))
    raise AssertionError("too few uniforms")


def grow_draft(draft, context, shape, uniforms):
    """A draft along uniforms (1, n), n >= 0."""
    if not shape.parent:
        return Draft(context[:, :0], draft(context)[:, None][:, :0], ())
    return grow(draft, context, shape, along(uniforms))[1]


def plain(target, prompt, uniforms):
    """One token per uniform, from the target alone."""
    text = list(prompt)
    for u in uniforms:
        text.append(int(invert(target(np.array([text])), np.array([u]))[0]))
    return tuple(text[len(prompt) :])
