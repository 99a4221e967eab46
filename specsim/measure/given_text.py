"""How would speculative decoding have written this text?

Exact verification writes texts of the target's own law, whatever is drafted. So turn the question round: take
a text of the target, and ask where the rounds that wrote it began and ended. With r(x) = draft(x) / target(x)
at its tokens x_1, x_2, ..., a round that begins before x_1 kept at least k drafted tokens with chance

    token    min(1, r(x_1)) min(1, r(x_2)) ... min(1, r(x_k))
    block    the smallest of 1, r(x_1), r(x_1) r(x_2), ..., r(x_1) ... r(x_k)
    match    draft(x_1) ... draft(x_k)

given the whole text, whatever came before. (A drafted token is x and kept with chance min(target(x),
draft(x)); that x comes out at all has the chance target(x).) The places where rounds begin are therefore a
Markov chain along the text, and the expected number of rounds is a sum over its places. It is exact: no
acceptance is taken to be independent of another, rounds begin where they do begin, and the last ones are as
short as the end of the text makes them. All that it takes is one reading of the text by both models.

>>> survival = survivals("token", np.array([0.5, 0.25, 0.5]), np.array([0.25, 0.5, 0.5]), gamma=2)
>>> survival.tolist()
[[0.5, 0.5], [1.0, 0.0], [0.0, 0.0]]
>>> float(expected_rounds(survival))       # one round of three tokens, or of one and two, at even odds
1.5

Leviathan et al. 2023 (2211.17192), Appendix A.1, for token; for block from Sun et al. 2024 (2403.10444),
Algorithm 2: their weight of a path, times draft over target, is that minimum.
"""

from collections.abc import Sequence

import numpy as np

RULES = ("token", "block", "match")
"""The rules whose rounds follow from the text."""


def survivals(rule: str, target: np.ndarray, draft: np.ndarray, gamma: int) -> np.ndarray:
    """Chance, given the text, that a round which begins before token s keeps at least k drafted tokens.

    target, draft: (T,) what each model gave the token that came, given all before it. A target of 0, to which
    rounding may have brought a token at the edge of top-p, counts as 1.
    Returns (T, gamma), column k - 1 for k. No round keeps the last token: it is where the text was cut.
    Raises ValueError for rules whose rounds depend on more than that.

    >>> survivals("match", np.array([0.5, 0.5]), np.array([0.25, 0.5]), gamma=1).tolist()
    [[0.25], [0.0]]
    """
    check_rule(rule)
    gain = draft if rule == "match" else draft / np.where(target > 0, target, 1)
    if rule == "token":
        gain = np.minimum(gain, 1)
    reached = np.multiply.accumulate(_windows(gain, gamma), axis=1)
    return np.minimum(np.minimum.accumulate(reached, axis=1), 1) if rule == "block" else reached


def copied_survivals(text: np.ndarray, copies: Sequence[Sequence[int]], gamma: int) -> np.ndarray:
    """The same for tokens that are chosen, not drawn: they are kept as far as they stand in the text.

    text: (T,). copies: what is proposed before each token, nothing or at least gamma tokens. It holds for
    every exact rule.

    >>> copied_survivals(np.array([7, 8, 9]), [[7, 9], [], [9, 9]], gamma=2).tolist()
    [[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]]
    """
    kept = np.zeros((len(text), gamma))
    for s, tokens in enumerate(copies):
        for k, (token, came) in enumerate(zip(tokens[:gamma], text[s:-1])):
            if token != came:
                break
            kept[s, k] = 1
    return kept


def beginnings(survival: np.ndarray) -> np.ndarray:
    """Chance (T,) that a round begins before each token of the text, given the text.

        begins(s') = sum over s + k + 1 = s' of begins(s) P(k kept from s),   begins(0) = 1

    >>> beginnings(np.array([[0.5], [0.5], [0]])).tolist()
    [1.0, 0.5, 0.75]
    """
    size, ends = len(survival), _endings(survival)
    begins = np.zeros(size + ends.shape[1], ends.dtype)
    begins[0] = begins[0] + 1
    for s in range(size):
        begins[s + 1 : s + 1 + ends.shape[1]] += begins[s] * ends[s]
    return begins[:size]


def expected_rounds(survival: np.ndarray) -> float:
    """Expected number of rounds that write the text: the sum of `beginnings`.

    >>> float(expected_rounds(np.zeros((5, 3))))           # nothing is kept
    5.0
    """
    return beginnings(survival).sum()


def positions(survival: np.ndarray, proposed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Expected numbers of rounds that draft and reach position i, and that keep it, (gamma,) each.

    proposed: (T,) how many tokens a round that begins there drafts. Position i is reached if i - 1 are kept.

    >>> positions(np.array([[0.5], [0.5], [0]]), np.array([1, 1, 0]))
    (array([1.5]), array([0.75]))
    """
    begins, gamma = beginnings(survival)[:, None], survival.shape[1]
    reached = np.concatenate([np.ones_like(begins), survival[:, :-1]], axis=1)
    asked = np.arange(gamma) < proposed[:, None]
    return (begins * reached * asked).sum(axis=0), (begins * survival).sum(axis=0)


def slow_rounds(survivals: Sequence[np.ndarray]) -> float:
    """Expected rounds until the last of several texts is written, side by side, each at its own pace.

        sum over n of (1 - product over texts of P(rounds <= n))

    >>> slow_rounds([np.array([[0.5], [0]]), np.array([[0.5], [0]])])      # each 1 or 2 rounds
    1.75
    """
    longest = max(map(len, survivals))
    late = [_late(one, longest) for one in survivals]
    return float((1 - np.prod([1 - one for one in late], axis=0)).sum())


def windows(survival: np.ndarray) -> np.ndarray:
    """Expected tokens of a round that begins before each token from which gamma more can be drafted.

    >>> windows(np.array([[0.5], [0.25], [0]])).tolist()
    [1.5, 1.25]
    """
    whole = max(1, len(survival) - survival.shape[1])
    return 1 + survival[:whole].sum(axis=1)


def check_rule(rule: str) -> None:
    """ValueError for rules whose rounds depend on more than the chances of the text's tokens."""
    if rule not in RULES:
        raise ValueError(
            f"a text says how rounds of {', '.join(RULES)} wrote it, got {rule!r}; for others use "
            "specsim study"
        )


def _windows(gain: np.ndarray, gamma: int) -> np.ndarray:
    """The gains at gamma tokens from each on, (T, gamma); none at the last token and beyond."""
    filled = np.concatenate([gain[:-1], np.zeros(gamma, gain.dtype)])
    return np.lib.stride_tricks.sliding_window_view(filled, gamma)[: len(gain)]


def _endings(survival: np.ndarray) -> np.ndarray:
    """The chance of exactly 0, ..., gamma kept, (T, gamma + 1)."""
    none = np.zeros_like(survival[:, :1])
    return np.concatenate([none + 1, survival], axis=1) - np.concatenate([survival, none], axis=1)


def _late(survival: np.ndarray, longest: int) -> np.ndarray:
    """P(rounds > n), (longest,): the law of how far the text has come, carried from round to round."""
    size, ends = len(survival), _endings(survival)
    law, late = np.zeros(size), np.zeros(longest)
    law[0] = 1
    for n in range(longest):
        late[n] = law.sum()
        after = np.zeros(size + ends.shape[1])
        for k in range(ends.shape[1]):
            after[1 + k : 1 + k + size] += law * ends[:, k]
        law = after[:size]
    return late
