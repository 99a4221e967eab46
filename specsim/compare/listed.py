"""Small pairs: every draft and every text is listed, so theory is exact, for tokens and for bias.

Rounds begin where the target's own text leads: after each state with its share of a long text of the target.
Every rule meets the same beginnings, so what differs is the rule. (Left to itself a rule ends its rounds
where drafting is hard, see `theory.long_run_tokens_per_round`.)

The bias of a round is the total variation of the next height + 1 tokens, the round's own and then the
target's, from the target's. A simulation cannot see a total variation. But theory names the texts that come
out too often, and how often a simulated round leads to one of them is a mean like any other:

    bias = E(A) - T(A),   A = texts with E > T,   E the law that is emitted, T the target's.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from .. import theory
from ..core import Shape, height, rules
from ..models import Pair
from ..shapes import shape_name
from ..simulate import Estimate, run
from ..theory.strings import Law
from .candidates import Candidate
from .options import Options
from .record import Entry, Found, Front, twice

DRAFTS = 5_000
"""The largest number of states and drafts, V^(order + drafted), that is listed."""

ROUNDS = 100_000
"""Rounds that are simulated for each entry, unless the user says otherwise."""

Text = tuple[int, ...]


class Begin(NamedTuple):
    """The last tokens before a round, and their share of a long text of the target."""

    context: Text
    share: float


def can_be_listed(pair: Pair, drafted: int) -> bool:
    """Whether laws depend on few tokens, and drafts are few enough."""
    models = (pair.target, pair.draft)
    if any(getattr(model, "order", None) is None or not model.homogeneous for model in models):
        return False
    return pair.vocab_size ** (max(model.order for model in models) + drafted) <= DRAFTS


def listed(pair: Pair, chosen: Sequence[Candidate], options: Options, progress: bool | None) -> Found:
    """Every candidate, exactly and simulated, with the optimum of each shape."""
    starts = begins(pair)
    bar = tqdm(chosen, unit="rule", delay=2, leave=False, disable=None if progress is None else not progress)
    rounds = options.rounds or ROUNDS
    entries = [
        _entry(rule, pair, shape, starts, rounds, np.random.default_rng((options.seed, i)))
        for i, (rule, shape) in enumerate(bar)
    ]
    return Found(
        contexts="every state of the pair, by its share of a long text of the target",
        bias="total variation of what a round, and then the target, writes from what the target writes",
        entries=entries,
        most={
            shape_name(shape): most(pair, shape, starts)
            for shape in dict.fromkeys(shape for _, shape in chosen)
        },
        fronts=[
            front(pair, shape, starts)
            for shape in dict.fromkeys(shape for rule, shape in chosen if not rule.exact)
        ],
    )


def begins(pair: Pair) -> list[Begin]:
    """The states of the pair with their shares: rounds without a draft begin like the tokens of a text."""
    shares = theory.round_start_law("token", pair, ())
    return [Begin(state, float(share)) for state, share in shares.items()]


def most(pair: Pair, shape: Shape, starts: Sequence[Begin]) -> float:
    """The most tokens per round of any exact verifier."""
    return sum(begin.share * theory.most_tokens(pair, shape, begin.context) for begin in starts)


def front(pair: Pair, shape: Shape, starts: Sequence[Begin]) -> Front:
    """What no verifier of these drafts can cross, whichever contexts it spends its bias after.

    The best for a mean bias is to spend it where it buys most: all edges of all fronts, the steepest first.
    """
    fronts = [theory.most_tokens_by_bias(pair, shape, begin.context) for begin in starts]
    first = [(begin.share * one.tokens[0], 0.0) for begin, one in zip(starts, fronts)]
    edges = [
        (begin.share * gained, begin.share * spent)
        for begin, one in zip(starts, fronts)
        for gained, spent in zip(np.diff(one.tokens), np.diff(one.bias))
    ]
    edges.sort(key=lambda edge: -edge[0] / edge[1])
    tokens, bias = np.cumsum([np.sum(first, axis=0), *edges], axis=0).T
    return Front(shape_name(shape), tokens.tolist(), bias.tolist())


def _entry(
    rule: rules.Rule, pair: Pair, shape: Shape, starts: Sequence[Begin], rounds: int, rng: np.random.Generator
) -> Entry:
    """Tokens per round and bias of a rule: exactly, and from about `rounds` simulated rounds."""
    tokens, bias, each = [], [], max(2, -(-rounds // len(starts)))
    for begin in starts:
        law = theory.output_law(rule, pair, shape, begin.context)
        counts = run(rule, pair, shape, rounds=each, rng=rng, context=begin.context).emitted or {}
        tokens.append(_mean({text: len(text) for text in law}, law, counts))
        bias.append(_bias(law, counts, pair, height(shape) + 1, begin.context))
    shares = np.array([begin.share for begin in starts])
    means = (shares @ np.array(tokens), shares @ np.array(bias))
    noise = (shares**2 @ np.array(some)[:, 1] / each for some in (tokens, bias))
    both = (
        twice(Estimate(float(exact), 0.0), float(mean), float(spread), each * len(starts))
        for (exact, _, mean), spread in zip(means, noise)
    )
    return Entry(rule.name, shape_name(shape), rule.exact, *both)


Mean = tuple[float, float, float]
"""Of some value of a round: its mean and variance by law, and its mean over simulated rounds."""


def _mean(values: Mapping[Text, float], law: Law, counts: dict[Text, int]) -> Mean:
    mean = sum(float(p) * values[text] for text, p in law.items())
    variance = sum(float(p) * (values[text] - mean) ** 2 for text, p in law.items())
    return mean, variance, sum(often * values[text] for text, often in counts.items()) / sum(counts.values())


def _bias(law: Law, counts: dict[Text, int], pair: Pair, length: int, context: Text) -> Mean:
    """The total variation of a law from the target's, and what these counts of a simulation say of it."""
    written = theory.completed(law, pair.target, length, context)
    wanted = theory.string_law(pair.target, length, context)
    excess = {text: float(p - wanted.get(text, 0)) for text, p in written.items()}
    leads = _leads_to({text for text, more in excess.items() if more > 0}, pair, length, context)
    _, variance, seen = _mean(leads, law, counts)
    return sum(more for more in excess.values() if more > 0), variance, seen - leads[()]


def _leads_to(texts: set[Text], pair: Pair, length: int, context: Text) -> dict[Text, float]:
    """After each text of at most this length: the chance that the target goes on to one of `texts`."""
    tokens = range(pair.vocab_size)
    found = {text: float(text in texts) for text in product(tokens, repeat=length)}
    for shorter in reversed(range(length)):
        prefixes = list(product(tokens, repeat=shorter))
        laws = np.asarray(pair.target(np.array([context + text for text in prefixes], dtype=int)), float)
        for text, law in zip(prefixes, laws):
            found[text] = float(law @ [found[(*text, token)] for token in tokens])
    return found
