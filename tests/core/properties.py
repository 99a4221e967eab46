"""What must hold of the core, as functions of the core: fast checks on fixed examples that mutants face.

The same properties are tested widely elsewhere in this folder; these few examples are chosen so that each
deliberate fault in `mutants` breaks at least one of them. A property returns nothing or raises.
"""

from collections import Counter
from fractions import Fraction as F
from types import ModuleType
from typing import Any

import numpy as np

from . import twin

Core = Any  # specsim.core, or a copy with one fault

EMPTY = np.zeros((1, 0), dtype=int)
BELOW_ONE = float(np.nextafter(1, 0))


def model(first: list[F], later: dict[int, list[F]]):
    """`first` at the empty context, later[x] after a last token x."""
    return lambda tokens: np.array([later[row[-1]] if len(row) else first for row in tokens.tolist()])


AGREED = [F(1, 2), F(1, 2), F(0)]  # both models say this after token 0
TARGET = model(
    [F(1, 2), F(3, 10), F(1, 5)],
    {0: AGREED, 1: [F(1, 4), F(1, 4), F(1, 2)], 2: [F(2, 3), F(0), F(1, 3)]},
)
DRAFT = model(
    [F(1, 5), F(1, 2), F(3, 10)],
    {0: AGREED, 1: [F(1, 10), F(4, 5), F(1, 10)], 2: [F(0), F(0), F(1)]},
)
CHAIN, FORK, BUSH, TWIG = (0, 1, 2), (0, 0), (0, 0, 1, 2), (0, 1, 1)


def shapes(core: Core) -> list:
    distinct = [core.Shape(parent, "distinct") for parent in (FORK, (0, 0, 0), TWIG)]
    return [CHAIN, FORK, BUSH, TWIG, *distinct]


def drafted(core: Core, shape, pick=None):
    """All drafts of a shape: chances, target laws, Draft."""
    chance, draft = core.grow(DRAFT, EMPTY, shape, pick or core.every)
    return chance, core.score(TARGET, np.repeat(EMPTY, len(chance), axis=0), draft), draft


def emitted(core: Core, rule, shape) -> dict:
    """The output law of a round."""
    chance, target, draft = drafted(core, shape)
    output = Counter()
    for one, tokens, rows in zip(chance, draft.tokens.tolist(), core.law(rule(target, draft))):
        for path, row in zip(core.paths(draft.parent), rows):
            for token, weight in enumerate(row):
                output[*(tokens[node - 1] for node in path), token] += one * weight
    return {string: p for string, p in output.items() if p != 0}


def rules_for(core: Core, shape) -> list:
    shape = core.as_shape(shape)
    known = [rule for rule in core.rules.RULES.values() if shape.how in rule.how]
    return [rule for rule in known if shape.parent == CHAIN or not rule.chains_only]


def every_rule_is_lossless(core: Core) -> None:
    zero, two = [F(1), F(0), F(0)], [F(0), F(0), F(1)]
    best = model(zero, {0: zero, 1: two, 2: zero})
    for shape in shapes(core):
        for rule in rules_for(core, shape):
            wanted = twin.next_law(best if rule.name == "greedy" else TARGET)
            output, length = emitted(core, rule, shape), core.height(shape) + 1
            assert all(type(chance) is F and chance > 0 for chance in output.values())
            assert twin.completed(output, wanted, length) == twin.string_law(wanted, length)


def every_plan_is_a_law(core: Core) -> None:
    for shape in shapes(core):
        _, target, draft = drafted(core, shape)
        for rule in rules_for(core, shape):
            plan = rule(target, draft)
            for laws in (plan.stop, plan.residual):
                assert (laws >= 0).all()
                assert (laws.sum(axis=-1) == 1).all()


def rules_keep_what_their_papers_say(core: Core) -> None:
    """Expected number of kept tokens on a chain: formulas for token, block (and traversal) and match."""
    target, draft = twin.next_law(TARGET), twin.next_law(DRAFT)
    expected = {"token": F(0), "block": F(0), "match": F(0)}
    for string in (
        (x, y, z)[:n] for n in (1, 2, 3) for x, y, z in np.ndindex(3, 3, 3) if not any((x, y, z)[n:])
    ):
        t, d = ([law(string[:i])[x] for i, x in enumerate(string)] for law in (target, draft))
        expected["token"] += np.prod([min(pair) for pair in zip(t, d)])
        expected["block"] += min(np.prod(d[:j] + t[j:]) for j in range(len(string) + 1))
        expected["match"] += np.prod([a * b for a, b in zip(t, d)])
    expected["traversal"] = expected["block"]
    for name, value in expected.items():
        output = emitted(core, core.rules.get(name), CHAIN)
        assert sum((len(tokens) - 1) * chance for tokens, chance in output.items()) == value


def traversal_is_token_on_siblings(core: Core) -> None:
    """Two different children, after which two tokens are still owed to unlike degrees."""
    target = np.array([[F(2, 5), F(2, 5), F(1, 5)]] * 3)
    laws = np.array([[F(1, 10), F(1, 5), F(7, 10)], [F(1, 3), F(2, 3), F(0)]])
    draft = core.Draft(np.array([2, 1]), laws, FORK)
    assert (core.law(core.rules.traversal(target, draft)) == core.law(core.rules.token(target, draft))).all()


def siblings_keep_what_their_papers_say(core: Core) -> None:
    """Chance to keep one of two drafts: formulas for naive_tree and hub, a bound for k_seq."""

    def kept(name: str, how: str) -> F:
        chance, target, draft = drafted(core, core.siblings(2, how))
        return 1 - (chance * core.rules.get(name)(target, draft).stop[:, 0]).sum()

    assert kept("naive_tree", "independent") == F(19, 25)
    assert kept("hub", "hub") == F(9, 10)
    assert F(19, 25) < kept("k_seq", "independent") < F(43, 50)


def growth_lists_every_draft(core: Core) -> None:
    for shape in map(core.as_shape, [*shapes(core), core.Shape(BUSH, "top"), core.Shape(BUSH, "hub")]):
        chance, _, draft = drafted(core, shape)
        listed = sorted(zip(chance, draft.tokens.tolist(), draft.laws.tolist()))
        assert listed == sorted(twin.drafts(twin.next_law(DRAFT), shape.parent, shape.how))


def scores_follow_the_paths(core: Core) -> None:
    law = twin.next_law(TARGET)
    _, target, draft = drafted(core, BUSH)
    for tokens, rows in zip(draft.tokens.tolist(), target):
        held = [(), tokens[:1], tokens[1:2], tokens[::2], tokens[1::2]]
        assert rows.tolist() == [law(tuple(prefix)) for prefix in held]


def uniforms_select_by_weight(core: Core) -> None:
    import torch

    invert = module(core, "arrays").invert
    weights = np.array([[0.0, 1.0, 2.0, 0.0, 1.0, 0.0]] * 6)
    uniforms = np.array([0.0, 0.25, np.nextafter(0.25, 0), 0.75, np.nextafter(0.75, 0), BELOW_ONE])
    assert invert(weights, uniforms).tolist() == [1, 2, 1, 4, 2, 4]
    assert invert(torch.from_numpy(weights), torch.from_numpy(uniforms)).tolist() == [1, 2, 1, 4, 2, 4]
    assert invert(np.vectorize(F)(weights), uniforms).tolist() == [1, 2, 1, 4, 2, 4]
    assert invert(np.array([[0.0, 5e-324, 0.0]]), np.array([BELOW_ONE])).tolist() == [1]
    even = np.full((1, 200_000), 5e-6, dtype=np.float32)
    assert abs(invert(even, np.array([0.9])) - 180_000).max() <= 1


def draws_follow_the_law(core: Core) -> None:
    """A grid of uniforms, one in the middle of each cell, hits (node, token) in proportion to the law."""
    plan = core.Plan(
        np.array([[F(1, 4), F(3, 4)]] * 64), np.array([[[F(1, 8), F(7, 8)], [F(3, 4), F(1, 4)]]] * 64)
    )
    middles = [F(2 * i + 1, 16) for i in range(8)]
    counts = np.zeros((2, 2), dtype=int)
    np.add.at(counts, core.draw(plan, np.array([[u, v] for u in middles for v in middles])), 1)
    assert (counts == 64 * core.law(plan)[0]).all()


def drafts_are_drawn_from_their_laws(core: Core) -> None:
    u = np.array([[0.1, 0.9], [0.6, 0.3], [0.9, 0.6], [0.6, 0.95]])
    context = np.repeat(EMPTY, 4, axis=0)
    _, draft = core.grow(DRAFT, context, (0, 1), core.along(u))
    assert draft.tokens.tolist() == [[0, 1], [1, 1], [2, 2], [1, 2]]


def extreme_laws_make_a_plan(core: Core) -> None:
    """One ulp apart at the first position, far apart at the second; and a ratio that overflows after a 0."""
    rng = np.random.default_rng(3)
    for dtype in (np.float32, np.float64):
        target = rng.dirichlet(np.ones(5), size=(300, 3)).astype(dtype)
        laws = target[:, :2].copy()
        laws[:, 0, 0] = np.nextafter(laws[:, 0, 0], 0)
        laws[:, 1] = laws[:, 1, ::-1]
        for rule in core.rules.RULES.values():
            plan = rule(target, core.Draft(rng.integers(0, 5, (300, 2)), laws, (0, 1)))
            assert plan.stop.dtype == plan.residual.dtype == dtype
            core.check_laws(plan.stop)
            core.check_laws(plan.residual)
    target = np.array([[0, 1], [1, 0], [1, 0]], dtype=np.float32)
    draft = core.Draft(np.array([0, 0]), np.array([[0.5, 0.5], [1e-41, 1]], dtype=np.float32), (0, 1))
    with np.errstate(over="ignore"):
        for rule in core.rules.RULES.values():
            core.check_laws(rule(target, draft).stop)


def bad_input_is_refused(core: Core) -> None:
    good = np.array([[0.5, 0.5, 0.0]] * 2)
    tokens, parent = np.array([0]), (0,)

    def verify(target=good, tokens=tokens, laws=good[:1], parent=parent, rule=core.rules.token):
        return lambda: rule(target, core.Draft(tokens, laws, parent))

    verify()()
    wrong = [np.array([[0.5, 0.5, 0], row]) for row in ([-0.5, 1.5, 0], [np.nan, 1, 0], [0.5, 0.4, 0])]
    refused = [verify(target=target) for target in wrong] + [verify(laws=target[1:]) for target in wrong]
    refused += [verify(tokens=np.array([x])) for x in (2, 3)]  # 2: of draft law 0
    refused += [verify(tokens=np.array([-1]), laws=np.array([[0.0, 0.0, 1.0]]))]
    refused += [verify(parent=(1,)), verify(target=good[:1]), lambda: core.chain(0), lambda: core.Shape((1,))]
    refused += [verify(np.array([good[0]] * 3), np.array([0, 0]), good, FORK, core.rules.block)]
    unlike = np.array([[0.5, 0.5, 0], [0.25, 0.75, 0]])
    refused += [verify(np.array([good[0]] * 3), np.array([0, 0]), unlike, FORK, core.rules.k_seq)]
    plan = verify()()
    refused += [lambda u=u: core.draw(plan, np.array(u)) for u in ([0.5, 1.0], [-0.5, 0.5], [0.5])]
    refused += [lambda: core.along(np.array([[1.0]])), lambda: core.rules.get("tokens")]
    for attempt in refused:
        try:
            attempt()
        except ValueError:
            continue
        raise AssertionError("bad input passed")


def module(core: Core, name: str) -> ModuleType:
    return __import__(f"{core.__name__}.{name}", fromlist=[name])


PROPERTIES = (
    uniforms_select_by_weight,
    draws_follow_the_law,
    drafts_are_drawn_from_their_laws,
    bad_input_is_refused,
    scores_follow_the_paths,
    growth_lists_every_draft,
    extreme_laws_make_a_plan,
    every_plan_is_a_law,
    rules_keep_what_their_papers_say,
    siblings_keep_what_their_papers_say,
    traversal_is_token_on_siblings,
    every_rule_is_lossless,
)
