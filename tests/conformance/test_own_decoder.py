"""specsim's own decoder passes its own kit: every exact rule, on chains and trees, and whole texts.

Small here; with more tokens, longer drafts and every way to choose siblings under the profile `explore`.
"""

import numpy as np
import pytest
from hypothesis import settings

from specsim.conformance import check, check_generator_exactly
from specsim.conformance.state import check_batch, check_repeats, check_seeds, check_state
from specsim.core import Draft, Shape, draw, paths, rules, siblings, tree
from specsim.core.rules import greedy
from specsim.decode import generate, prompt_lookup

DEEP = settings.get_current_profile_name() == "explore"
RULES = [rule for rule in rules.RULES.values() if rule is not greedy]
"""greedy is exact for point masses only, and checked in whole texts at temperature 0."""
SIZES = (
    {"gammas": (0, 1, 2, 3), "vocab": (2, 3, 4)}
    if DEEP
    else {"gammas": (1, 2), "vocab": (2,), "search": False}
)
SECONDS = 250 if DEEP else 60
TREES = [
    (rule, how) for rule in RULES if not rule.chains_only for how in (rule.how if DEEP else rule.how[-1:])
]
WAYS = [("token", "chain:2"), ("block", "chain:3"), ("traversal", "tree:2,1"), ("k_seq", "siblings:2")]


def on_trees(rule):
    """A rule and its draw as a verifier of trees."""

    def verify(target, draft, tokens, parent, rng):
        ids, parent = np.array(tokens, dtype=int), tuple(parent)
        plan = rule(
            target[None], Draft(ids[None], np.reshape(draft, (1, len(ids), target.shape[-1])), parent)
        )
        (node,), (last,) = draw(plan, rng.random((1, 2)))
        return [*(int(ids[kept - 1]) for kept in paths(parent)[int(node)]), int(last)]

    return verify


def on_chains(rule):
    """The same for chains."""
    verify = on_trees(rule)
    return lambda target, draft, tokens, rng: verify(target, draft, tokens, range(len(tokens)), rng)


def passes(report):
    """Exact to the last digits."""
    assert report.verdict == "exact", str(report)
    assert report.tv < 1e-12


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_is_exact_on_chains(rule):
    passes(check(on_chains(rule), contract="chain", array="numpy", seconds=SECONDS, **SIZES))


@pytest.mark.parametrize("rule, how", TREES, ids=lambda one: getattr(one, "name", one))
def test_a_rule_is_exact_on_trees(rule, how):
    shapes = (siblings(2, how), tree(2, 1, how=how), Shape((0, 0, 1), how))[: 3 if DEEP else 1]
    sizes = {"shapes": shapes, "vocab": (2, 3) if DEEP else (2,), "seconds": SECONDS, "search": DEEP}
    passes(check(on_trees(rule), contract="tree", array="numpy", **sizes))


def test_a_lossy_rule_is_not():
    verify = on_chains(rules.get("lossy:typical"))
    assert check(verify, contract="chain", gammas=(1,), vocab=(2,), search=False).verdict == "lossy"


class Table:
    """A callable of the kit as a model of specsim."""

    order, homogeneous = None, True

    def __init__(self, law, vocab_size):
        self.law, self.vocab_size = law, vocab_size

    def __call__(self, tokens):
        return self.law(tokens)


def decoder(rule="token", shape="chain:2", lookup=False):
    """specsim's generate against the contract of generators."""

    def run(target, draft, prompt, max_new_tokens, rng=None, *, eos=(), seed=None, logprobs=False, **warp):
        if isinstance(seed, list):
            raise TypeError("a batch has one seed, and text i the generator default_rng([seed, i])")
        batch = not np.isscalar(prompt[0])
        size = len(target(prompt[0] if batch else prompt))
        made = generate(
            Table(target, size),
            prompt_lookup(2) if lookup else Table(draft, size),
            [list(row) for row in prompt] if batch else list(prompt),
            rule=rule,
            shape=shape,
            max_new_tokens=max_new_tokens,
            eos=eos,
            rng=rng if seed is None else seed,
            logprobs=logprobs,
            **warp,
        )
        texts = [
            (list(one.tokens), list(one.logprobs)) if logprobs else list(one.tokens)
            for one in (made if batch else [made])
        ]
        return texts if batch else texts[0]

    return run


@pytest.mark.parametrize("rule, shape", WAYS)
def test_texts_are_exact(rule, shape):
    passes(check_generator_exactly(decoder(rule, shape), vocab=(2,), lengths=(1, 2, 3, 4) if DEEP else (3,)))


@pytest.mark.parametrize("shape", ["chain:2", "tree:2,1"])
def test_greedy_texts_are_exact(shape):
    report = check_generator_exactly(decoder("greedy", shape), lengths=(4,), temperature=0.0)
    assert (report.verdict, report.tv) == ("exact", 0)


def test_looking_up_in_the_prompt_is_exact():
    passes(check_generator_exactly(decoder(lookup=True), lengths=(3,)))


@pytest.mark.parametrize("rule, shape", WAYS if DEEP else WAYS[1:2])
def test_all_options_are_kept(rule, shape):
    promises = ("eos", "temperature", "top_k", "top_p", "logprobs", "batch")
    passes(check_state(decoder(rule, shape), promises=promises))


@pytest.mark.parametrize("rule, shape", WAYS if DEEP else WAYS[:1])
def test_batches_are_independent(rule, shape):
    passes(check_batch(decoder(rule, shape)))


def test_a_second_call_owes_nothing_to_the_first():
    passes(check_repeats(decoder()))


def test_seeds_are_replayed():
    report = check_seeds(decoder())
    assert (report.verdict, report.diagnosis) == ("unknown", None)
