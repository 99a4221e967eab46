"""However the length of drafts is decided, what comes out has the target's own law."""

from collections import Counter
from fractions import Fraction as F
from itertools import product
from math import prod

import numpy as np
import pytest

from specsim.core import chain, every, grow, law, rules
from specsim.decode import generate, lengths, rounds, warp
from specsim.decode.generation import Round
from specsim.decode.watching import Watch, first
from specsim.models import Pair, iid, markov
from specsim.shapes import fits
from specsim.theory import completed, discard_law
from specsim.theory import string_law as exact_string_law

from .conftest import pair_named
from .enumeration import PROMPT, close, middle, next_law, string_law, warped_model

TABLES = Pair(
    markov([0, 1, 0], [[0.5, 0.3, 0.2], [0.1, 0.1, 0.8], [0.3, 0.3, 0.4]]),
    markov([0, 1, 0], [[0.2, 0.5, 0.3], [0.3, 0.4, 0.3], [0.6, 0.3, 0.1]]),
)
CHAIN_RULES = [one for one in rules.RULES.values() if fits(one, chain(3)) and one.name != "greedy"]


class Enough(Exception):
    """The round that is asked about has been planned."""


class Recorder:
    """A rule that lets another decide, and ends decoding with a certain round."""

    def __init__(self, rule, number):
        self.rule, self.number, self.rounds = rule, number, []

    def __call__(self, target, draft):
        plan = self.rule(target, draft)
        self.rounds.append((draft, plan))
        if len(self.rounds) == self.number:
            raise Enough
        return plan


class Taught:
    """The optimal policy in a text that has taught it something: likely tokens are kept, others are not."""

    most, looks = 3, True

    def pace(self):
        pace = lengths.optimal(self.most, lambda gamma: 1 + 0.1 * gamma).pace()
        for _ in range(60):
            pace.learn(Round(2, 1, 2, 0, 0, 0), [0.5, 0.3], 2)
        return pace


POLICIES = {
    "constant": lengths.constant(3),
    "schedule": lengths.schedule(2, 3),
    "confidence": lengths.confidence(0.35, 3),
    "optimal": Taught(),
}
looking = pytest.mark.parametrize(
    "policy", [POLICIES["confidence"], POLICIES["optimal"]], ids=["confidence", "optimal"]
)


def round_law(pair, rule, policy, sampling, before=()):
    """The law of what a round emits, and the lengths of drafts; before: uniforms of earlier rounds."""
    emitted, drafted, warped = Counter(), set(), warp(**sampling)
    begun = np.array([PROMPT + played(pair, rule, policy, sampling, before)])
    chances, drafts = grow(warped_model(pair.draft, warped), begun, chain(policy.most), every)
    for chance, tokens, laws in zip(chances, drafts.tokens, drafts.laws):
        forced = [*(middle(row, token) for row, token in zip(laws, tokens)), 0.5, 0.5]
        draft, plan = planned(pair, rule, policy, sampling, [*before, forced])
        length = len(draft.parent)
        drafted.add(length)
        assert draft.tokens[0].tolist() == tokens[:length].tolist()
        for kept, row in enumerate(law(plan)[0].tolist()):
            for token, weight in enumerate(row):
                emitted[*tokens[:kept].tolist(), token] += chance * weight
    return emitted, drafted, tuple(begun[0].tolist())


def planned(pair, rule, policy, sampling, uniforms):
    """Draft and plan of the last of these rounds."""
    recorder = Recorder(rule, len(uniforms))
    with pytest.raises(Enough):
        generate(
            pair.target,
            pair.draft,
            PROMPT,
            gamma=policy,
            rule=recorder,
            uniforms=uniforms,
            eos=(),
            **sampling,
        )
    return recorder.rounds[-1]


def played(pair, rule, policy, sampling, uniforms):
    """The tokens that these rounds bring."""
    added = []
    if uniforms:
        with pytest.raises(ValueError, match="do not reach to the end"):
            generate(
                pair.target, pair.draft, PROMPT, gamma=policy, rule=rule, uniforms=uniforms, eos=(),
                on_tokens=lambda row, ids, _: added.extend(ids), **sampling,
            )  # fmt: skip
    return tuple(added)


def is_exact(pair, emitted, begun, length, sampling):
    warped = warp(**sampling)
    found = Counter()
    for tokens, chance in emitted.items():
        for rest, more in string_law(pair.target, length - len(tokens), warped, (*begun, *tokens)).items():
            found[*tokens, *rest] += chance * more
    return close(found, string_law(pair.target, length, warped, begun))


@pytest.mark.theorem("decide-then-draw")
@looking
@pytest.mark.parametrize("rule", CHAIN_RULES, ids=repr)
def test_drafts_may_stop_because_of_what_was_drafted(rule, policy):
    emitted, drafted, begun = round_law(TABLES, rule, policy, {})
    assert len(drafted) > 1
    assert is_exact(TABLES, emitted, begun, 4, {})


@pytest.mark.theorem("decide-then-draw")
@pytest.mark.parametrize("sampling", [{}, {"temperature": 1.3, "top_p": 0.95}], ids=["plain", "warped"])
@looking
def test_networks_may_stop_because_of_what_was_drafted(policy, sampling):
    pair = pair_named("three tokens")
    emitted, drafted, begun = round_law(pair, rules.block, policy, sampling)
    assert len(drafted) > 1
    assert is_exact(pair, emitted, begun, 4, sampling)


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_lengths_may_depend_on_earlier_rounds(policy):
    for seed in range(3):
        before = np.random.default_rng(seed).random((3, policy.most + 2)).tolist()
        emitted, _, begun = round_law(TABLES, rules.token, policy, {}, before)
        assert len(begun) > len(PROMPT) + 2
        assert is_exact(TABLES, emitted, begun, 4, {})


def test_every_uniform_of_a_round_that_stops_early_is_used_for_one_thing():
    """The whole law of a round, from cells of uniforms in which nothing changes, as fractions."""
    pair = Pair(iid([F(3, 8), F(5, 8), F(0)]), iid([F(3, 4), F(1, 4), F(0)]))
    sizes, emitted = (4, 4, 8, 8), Counter()
    for cell in product(*map(range, sizes)):
        row = [(place + 0.5) / size for place, size in zip(cell, sizes)]
        emitted[played(pair, rules.token, lengths.confidence(0.5, 2), {}, [row])] += F(1, prod(sizes))
    assert Counter(completed(emitted, pair.target, 3)) == Counter(exact_string_law(pair.target, 3))


class Discarding(Watch):
    """The mistake: the token because of which drafting stops is not verified."""

    def draft(self, *arguments):
        whole = super().draft(*arguments)
        return first(whole, max(self.depths))

    def _another(self, row, chance):
        before = self.depths[row]
        goes_on = super()._another(row, chance)
        if self.depths[row] < before:
            self.depths[row] -= 1
        return goes_on


@pytest.mark.theorem("discard-is-biased")
def test_it_would_be_noticed_if_the_doubtful_token_were_dropped(monkeypatch):
    monkeypatch.setattr(rounds, "Watch", Discarding)
    policy = lengths.confidence(0.35, 2)
    emitted, _, begun = round_law(TABLES, rules.token, policy, {})
    assert not is_exact(TABLES, emitted, begun, 3, {})
    law = [sum(chance for tokens, chance in emitted.items() if tokens[0] == x) for x in range(3)]
    target, draft = (next_law(model, PROMPT, None) for model in (TABLES.target, TABLES.draft))
    wrong = discard_law(target, draft, {x for x in range(3) if draft[x] < 0.35})
    np.testing.assert_allclose(law, wrong, atol=1e-12)
