"""Does our own decoder keep the law of a real pair? Its texts, held against what the target says of them.

A law over 50,000 tokens cannot be walked, but it can be tested: the target reads each finished text in one
plain pass, as if somebody else had written it, and every token is held against the law that it has there.
Rounds are known, so the bets know where in its round each token stood. Evidence multiplies up (see
`sequential`), and a decoder that is exact is suspected with chance alpha at most, whenever one stops.

A pass means something only beside what would have been caught. So the same laws say how fast the bet on each
known mistake would have grown, had the decoder made it. With b the law of a token under the mistake,

    growth = mean over tokens of E_b[log(1 + share (b / target - 1))]

and it would have been found after about log(bets / alpha) / growth tokens.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from math import inf, log
from typing import Any, NamedTuple

import numpy as np

from specsim.core import Draft, rules
from specsim.core.draft import children

from .bets import SHARES, Place, damped
from .game import GAMBLERS
from .generator import verdict
from .measures import Rows, Seen, seen_at
from .mistakes import MISTAKES, Mistake
from .report import Report
from .rows import plain
from .sequential import EProcess
from .teacher import forced

LOOKED_AT = 500
"""Of how many tokens the growth of bets is averaged: it takes as long as the bets themselves."""


@dataclass(frozen=True)
class Found:
    """report: of the sequential test. tokens: after about how many each known mistake would have been found;
    inf where it would make no difference. rounds: that were played."""

    report: Report
    tokens: dict[str, float]
    rounds: int


def check_pair(
    target: Any,
    draft: Any,
    prompts: Sequence[Sequence[int]],
    *,
    max_tokens: int = 2000,
    length: int = 64,
    alpha: float = 1e-6,
    tolerance: float = 1e-5,
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
    rng: np.random.Generator | int | None = None,
    progress: Callable[[EProcess], object] = lambda test: None,
    **how: Any,
) -> Found:
    """The verdict of a sequential test on `specsim.decode.generate` with this pair, and its power.

    target, draft, how: as for `generate`: rule, gamma or shape, and so on. prompts: taken in turn.
    max_tokens: looked at; the last text is finished. length: the most tokens of a text. alpha: chance of a
        false alarm. tolerance: total variation per token by which rounding may move laws from pass to pass.
    progress: called after each text. Raises ValueError as `generate` does.

    >>> from specsim.models import load_pair
    >>> pair = load_pair("toy")
    >>> found = check_pair(pair.target, pair.draft, [[0]], max_tokens=300, rng=0, gamma=2)
    >>> found.report.verdict, found.report.samples, round(found.tokens["bonus from the draft"])
    ('unknown', 320, 463)
    """
    if not prompts:
        raise ValueError("texts are written after prompts: pass at least one, such as [[0]]")
    test, growth, rounds = EProcess(alpha, tolerance=tolerance), Growth(tolerance), 0
    shaping = {"temperature": temperature, "top_k": top_k, "top_p": top_p}
    for text in texts(target, draft, prompts, shaping, max_new_tokens=length, rng=rng, **how):
        test.read(*text)
        growth.add(*text)
        rounds += sum(place.position == 0 for place in text.places)
        progress(test)
        if test.rejected or test.tokens >= max_tokens:
            break
    return Found(verdict(test, "specsim.decode.generate"), growth.until(alpha), rounds)


class Written(NamedTuple):
    """A text: its ids, the laws of target and draft at each of them, and where in their rounds they stood."""

    tokens: tuple[int, ...]
    target: Rows
    draft: Rows
    places: list[Place]


def texts(
    target: Any,
    draft: Any,
    prompts: Sequence[Sequence[int]],
    shaping: dict[str, Any],
    *,
    rng: Any,
    rule: Any = "token",
    **how: Any,
) -> Iterator[Written]:
    """Texts after the prompts in turn, for ever. The draft's laws are those that the decoder worked with."""
    from ..decode import generate, warp

    shaped, rng = warp(**shaping), np.random.default_rng(rng)
    for prompt in cycle(prompts):
        watched = Watched(rules.find(rule))
        made = generate(target, draft, list(prompt), rule=watched, rng=rng, **shaping, **how)
        rows = forced(target, prompt, made.tokens, shaped)
        tokens, drafted, places = iter(made.tokens), list[Rows](), list[Place]()
        for one, round in zip(watched.drafts, made.rounds):
            for law, place in along(one, list(islice(tokens, round.emitted))):
                drafted.append(rows[len(places)] if law is None else law)
                places.append(place)
        yield Written(made.tokens, rows, np.stack(drafted), places)


@dataclass
class Watched:
    """A rule, and what it was shown."""

    rule: rules.Verify
    drafts: list[Draft] = field(default_factory=list)

    def __call__(self, target: Any, draft: Draft) -> Any:
        self.drafts.append(draft)
        return self.rule(target, draft)


def along(draft: Draft, emitted: Sequence[int]) -> Iterator[tuple[Rows | None, Place]]:
    """The law that was drafted from at each emitted token, and its place; at the bonus the law before it.

    >>> draft = Draft(np.array([[1]]), np.array([[[0.25, 0.75]]]), (0,))
    >>> [(row.tolist(), place.position, place.gamma) for row, place in along(draft, [1, 0])]
    [([0.25, 0.75], 0, 1), ([0.25, 0.75], 1, 1)]
    """
    below, ids = children(draft.parent), draft.tokens[0].tolist()
    node, law = 0, None
    for position, token in enumerate(emitted):
        drafting = bool(below[node])
        if drafting:
            row = plain(draft.laws[0, below[node][0] - 1]).astype(float)
            law = row / row.sum()
        yield law, Place(position, position + drafting)
        node = next((child for child in below[node] if ids[child - 1] == token), 0)


@dataclass
class Growth:
    """How fast the bets on known mistakes would grow, from the laws of texts alone."""

    slack: float
    seen: int = 0
    total: dict[str, Rows] = field(default_factory=dict)

    def add(self, tokens: Sequence[int], target: Rows, draft: Rows, places: Sequence[Place]) -> None:
        """A text as `check_pair` reads it."""
        for position, place in enumerate(places[: LOOKED_AT - self.seen]):
            now = seen_at(position, target, draft)
            for name, mistake in MISTAKES.items():
                grown = _growth(mistake, now, place, self.slack)
                self.total[name] = self.total.get(name, np.zeros(len(SHARES))) + grown
            self.seen += 1

    def until(self, alpha: float) -> dict[str, float]:
        """After how many tokens the evidence against each mistake reaches 1 / alpha."""
        needed = log(len(GAMBLERS) * len(MISTAKES) * len(SHARES) / alpha)
        rates = {name: float(total.max()) / self.seen for name, total in self.total.items()}
        return {name: needed / rate if rate > 0 else inf for name, rate in rates.items()}


def _growth(mistake: Mistake, now: Seen, place: Place, slack: float) -> Rows:
    """The expected logarithm of the factor of each share, (shares,), if the token came from the mistake."""
    if not mistake.applies(now):
        return np.zeros(len(SHARES))
    odds, target = mistake.odds(now), now.target[0]
    wrong = (odds.kept + odds.corrected if place.position < place.gamma else odds.bonus)[0]
    ratio = np.divide(wrong, target, out=np.full_like(wrong, 1e300), where=target > 0)
    factors = damped(ratio, slack, np.array(SHARES)[:, None])
    return (wrong * np.log(factors)).sum(-1)
