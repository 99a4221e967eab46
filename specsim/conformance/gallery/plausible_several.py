"""Further slips: with batches, and with several candidates for one position."""

from typing import Any

from .exhibit import exhibit
from .reference import Rows, below, draw, owed, verify

SLIP = "plausible"


@exhibit(
    "X18",
    "correction",
    SLIP,
    contract="batch",
    pair="two",
    seen_by="a batch: rows that keep different numbers",
)
def cuts_the_batch_to_its_shortest_row(target: Rows, draft: Rows, tokens: Rows, rng: Any) -> list[list[int]]:
    """All rows of a batch keep as many tokens as the one that keeps fewest, then all draw from the target.

    A row that had kept more forgets a token that it accepted and draws that position anew.
    """
    rounds = [verify(*row, rng) for row in zip(target, draft, tokens)]
    kept = min(len(emitted) for emitted in rounds) - 1
    return [
        emitted if len(emitted) == kept + 1 else [*emitted[:kept], draw(rows[kept], rng)]
        for emitted, rows in zip(rounds, target)
    ]


@exhibit("X19", "randomness", SLIP, contract="batch", pair="two", seen_by="the joint law of two requests")
def one_coin_for_all_requests(target: Rows, draft: Rows, tokens: Rows, rng: Any) -> list[list[int]]:
    """One coin per position is thrown for all requests of the batch.

    Each request alone has the target's law. Together they rise and fall: a hundred answers are no sample.
    """
    coins = [rng.random() for _ in tokens[0]]
    return [_verified(*row, coins, rng) for row in zip(target, draft, tokens)]


def _verified(target: Rows, draft: Rows, tokens: Any, coins: list[Any], rng: Any) -> list[int]:
    for i, token in enumerate(tokens):
        if coins[i] * draft[i][token] >= target[i][token]:
            return [*tokens[:i], draw(owed(target[i], draft[i]), rng)]
    return [*tokens, draw(target[-1], rng)]


@exhibit("X20", "row", SLIP, contract="tree", seen_by="a tree whose nodes have laws of their own")
def tests_a_candidate_at_its_own_node(
    target: Rows, draft: Rows, tokens: Any, parent: Any, rng: Any
) -> list[int]:
    """A candidate is tested against the target's law at its own node instead of at its parent's."""
    kept: list[int] = []
    node, left = 0, target[0]
    while candidates := below(parent, node):
        for j in candidates:
            if rng.random() * draft[j][tokens[j]] < target[j + 1][tokens[j]]:
                kept, node, left = [*kept, tokens[j]], j + 1, target[j + 1]
                break
            left = owed(left, draft[j])
            left = left / left.sum()
        else:
            break
    return [*kept, draw(left, rng)]


@exhibit("X21", "siblings", SLIP, contract="tree", seen_by="two candidates for one position")
def residual_between_siblings_not_renormalised(
    target: Rows, draft: Rows, tokens: Any, parent: Any, rng: Any
) -> list[int]:
    """What is left after a rejection is not divided by its sum before the next candidate is tested."""
    kept: list[int] = []
    node, left = 0, target[0]
    while candidates := below(parent, node):
        for j in candidates:
            if rng.random() * draft[j][tokens[j]] < left[tokens[j]]:
                kept, node, left = [*kept, tokens[j]], j + 1, target[j + 1]
                break
            left = owed(left, draft[j])
        else:
            break
    return [*kept, draw(left, rng)]


@exhibit("X22", "randomness", SLIP, contract="tree", seen_by="two candidates for one position")
def one_coin_for_all_siblings(target: Rows, draft: Rows, tokens: Any, parent: Any, rng: Any) -> list[int]:
    """All candidates of a position are tested with one coin, which a first rejection shows to be high."""
    kept: list[int] = []
    node, left = 0, target[0]
    while candidates := below(parent, node):
        coin = rng.random()
        for j in candidates:
            if coin * draft[j][tokens[j]] < left[tokens[j]]:
                kept, node, left = [*kept, tokens[j]], j + 1, target[j + 1]
                break
            left = owed(left, draft[j])
            left = left / left.sum()
        else:
            break
    return [*kept, draw(left, rng)]


@exhibit("X23", "siblings", SLIP, contract="tree", seen_by="two candidates for one position")
def last_correction_forgets_the_first_candidate(
    target: Rows, draft: Rows, tokens: Any, parent: Any, rng: Any
) -> list[int]:
    """The tests are right, but when all candidates fail the token comes from the target's own law."""
    kept: list[int] = []
    node, left = 0, target[0]
    while candidates := below(parent, node):
        for j in candidates:
            if rng.random() * draft[j][tokens[j]] < left[tokens[j]]:
                kept, node, left = [*kept, tokens[j]], j + 1, target[j + 1]
                break
            left = owed(left, draft[j])
            left = left / left.sum()
        else:
            break
    return [*kept, draw(target[node], rng)]
