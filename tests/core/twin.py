"""The dumbest possible second route to an output law: recursion over Python tuples, dicts and Fractions.

Nothing of the core is used except the rule under test. Laws are lists, a model is a function from a tuple
of tokens to a law, an output law is a dict from emitted tuples to chances without zero entries.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np

from specsim.core import Draft

Law = list[Fraction]
Next = Callable[[tuple[int, ...]], Law]
Output = dict[tuple[int, ...], Fraction]


def next_law(model) -> Next:
    """The model as a function of one context, remembered."""
    known: dict[tuple[int, ...], Law] = {}

    def law(context: tuple[int, ...]) -> Law:
        if context not in known:
            known[context] = list(model(np.array([context], dtype=int))[0])
        return known[context]

    return law


def string_law(model: Next, length: int, begun: tuple[int, ...] = ()) -> Output:
    """The law of the next `length` tokens."""
    if length == 0:
        return {(): Fraction(1)}
    strings = Counter()
    for token, chance in enumerate(model(begun)):
        if chance > 0:
            for rest, more in string_law(model, length - 1, (*begun, token)).items():
                strings[token, *rest] += chance * more
    return dict(strings)


def completed(output: Output, model: Next, length: int) -> Output:
    """Every emitted tuple carried on by the model up to `length` tokens."""
    strings = Counter()
    for emitted, chance in output.items():
        for rest, more in string_law(model, length - len(emitted), emitted).items():
            strings[*emitted, *rest] += chance * more
    return dict(strings)


def path(parent: tuple[int, ...], node: int) -> list[int]:
    """The nodes from below the root down to this one."""
    return [] if node == 0 else [*path(parent, parent[node - 1]), node]


def child_law(law: Law, earlier: list[int], how: str) -> Law:
    """The law of the next child of a node whose earlier children hold these tokens."""
    if how == "independent":
        return law
    open_tokens = [token for token in range(len(law)) if token not in earlier]
    if how == "top":
        best = max(open_tokens, key=lambda token: (law[token], -token))
        return [Fraction(token == best) for token in range(len(law))]
    weights = [law[token] if token in open_tokens else Fraction(0) for token in range(len(law))]
    if sum(weights) == 0:
        weights = [Fraction(token in open_tokens) for token in range(len(law))]
    return [weight / sum(weights) for weight in weights]


def drafts(model: Next, parent: tuple[int, ...], how: str) -> Iterator[tuple[Fraction, list[int], list[Law]]]:
    """Every draft of a shape: its chance, its tokens, the laws they were drawn from."""

    def grown(chance: Fraction, tokens: list[int], laws: list[Law]):
        node = len(tokens)
        if node == len(parent):
            yield chance, tokens, laws
            return
        context = tuple(tokens[i - 1] for i in path(parent, parent[node]))
        earlier = [tokens[i] for i in range(node) if parent[i] == parent[node]]
        last = parent[node] not in parent[node + 1 :]
        way = how if how != "hub" else "distinct" if last else "top"
        law = child_law(model(context), earlier, way)
        for token, weight in enumerate(law):
            if weight > 0:
                yield from grown(chance * weight, [*tokens, token], [*laws, law])

    yield from grown(Fraction(1), [], [])


def output_law(rule, target: Next, draft: Next, parent: tuple[int, ...], how: str = "independent") -> Output:
    """The law of the tokens that one round emits from the empty context."""
    output = Counter()
    for chance, tokens, laws in drafts(draft, parent, how):
        held = [tuple(tokens[i - 1] for i in path(parent, node)) for node in range(len(parent) + 1)]
        rows = np.array([target(prefix) for prefix in held])
        plan = rule(rows, Draft(np.array(tokens), np.array(laws), parent))
        for prefix, stop, residual in zip(held, plan.stop, plan.residual):
            for token, weight in enumerate(residual):
                output[*prefix, token] += chance * stop * weight
    return {emitted: chance for emitted, chance in output.items() if chance != 0}
