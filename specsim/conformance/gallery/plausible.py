"""Further ways to get a chain wrong: slips of a hand that ports the algorithm, seen or not."""

from typing import Any

import numpy as np

from .exhibit import exhibit
from .reference import Rows, draw, owed, verify

SLIP = "plausible"


@exhibit("X01", "randomness", SLIP, seen_by="two drafted tokens")
def one_coin_for_the_block(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """One coin is thrown per round and tests all tokens of the block.

    Given that it passed the first test it is low, and so the second is too easy. The first token is right.
    """
    coin = rng.random()
    for i, token in enumerate(tokens):
        if coin * draft[i][token] >= target[i][token]:
            return [*tokens[:i], draw(owed(target[i], draft[i]), rng)]
    return [*tokens, draw(target[-1], rng)]


@exhibit("X02", "randomness", SLIP)
def correction_with_the_coin(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """The coin that rejected a token also draws the correction, by inverting the residual's cumulative sum.

    A coin that rejected is high, and so high ids get too much.
    """
    for i, token in enumerate(tokens):
        coin = rng.random()
        if coin * draft[i][token] >= target[i][token]:
            rest = owed(target[i], draft[i])
            return [*tokens[:i], sum(bool(coin >= edge) for edge in np.cumsum(rest / rest.sum())[:-1])]
    return [*tokens, draw(target[-1], rng)]


@exhibit("X03", "correction", SLIP, seen_by="two drafted tokens whose laws differ")
def correction_by_the_draft_row_before(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """The correction subtracts the draft's law of the position before."""
    for i, token in enumerate(tokens):
        if rng.random() * draft[i][token] >= target[i][token]:
            return [*tokens[:i], draw(owed(target[i], draft[max(i - 1, 0)]), rng)]
    return [*tokens, draw(target[-1], rng)]


@exhibit("X04", "row", SLIP, seen_by="two drafted tokens whose laws differ")
def draft_rows_one_late(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """Each drafted token is held against the draft's law of the next position."""
    return verify(target, [*draft[1:], *draft[-1:]], tokens, rng)


@exhibit("X05", "acceptance", SLIP)
def emits_the_rejected_token_too(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """The rejected token is emitted, and the correction behind it: an index one too high."""
    for i, token in enumerate(tokens):
        if rng.random() * draft[i][token] >= target[i][token]:
            return [*tokens[: i + 1], draw(owed(target[i], draft[i]), rng)]
    return [*tokens, draw(target[-1], rng)]


@exhibit("X06", "bonus", SLIP, seen_by="the token after a correction")
def bonus_after_a_rejection(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """A token from the last row of the target is appended to every round, also after a correction."""
    for i, token in enumerate(tokens):
        if rng.random() * draft[i][token] >= target[i][token]:
            return [*tokens[:i], draw(owed(target[i], draft[i]), rng), draw(target[-1], rng)]
    return [*tokens, draw(target[-1], rng)]


@exhibit("X07", "correction", SLIP)
def correction_not_renormalised(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """The residual is inverted as if it summed to 1; what lies beyond its sum falls on the last token."""
    for i, token in enumerate(tokens):
        if rng.random() * draft[i][token] >= target[i][token]:
            key = rng.random()
            edges = np.cumsum(owed(target[i], draft[i]))[:-1]
            return [*tokens[:i], sum(bool(key >= edge) for edge in edges)]
    return [*tokens, draw(target[-1], rng)]


@exhibit("X08", "correction", SLIP, seen_by="three tokens of which two are owed")
def correction_filtered_once_more(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """A filter that belongs to the target is applied to the residual: of two owed tokens only one is left."""
    for i, token in enumerate(tokens):
        if rng.random() * draft[i][token] >= target[i][token]:
            rest = owed(target[i], draft[i])
            return [*tokens[:i], draw(np.where(rest > rest.max() / 2, rest, 0), rng)]
    return [*tokens, draw(target[-1], rng)]


@exhibit("X09", "bonus", SLIP, seen_by="tokens after a draft that was kept in full")
def bonus_from_a_residual(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """The bonus token comes from (target - draft)_+ too, the draft's last row subtracted."""
    for i, token in enumerate(tokens):
        if rng.random() * draft[i][token] >= target[i][token]:
            return [*tokens[:i], draw(owed(target[i], draft[i]), rng)]
    return [*tokens, draw(owed(target[-1], draft[-1]) if len(tokens) else target[-1], rng)]


@exhibit("X10", "arithmetic", SLIP)
def ratio_of_two_digits(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """The chance to keep a token is rounded to two digits before the coin is thrown.

    The bias is below one percent, and real.
    """
    for i, token in enumerate(tokens):
        if rng.random() >= round(float(target[i][token] / draft[i][token]), 2):
            return [*tokens[:i], draw(owed(target[i], draft[i]), rng)]
    return [*tokens, draw(target[-1], rng)]


@exhibit("X11", "acceptance", SLIP)
def keeps_everything(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """Every drafted token is kept, and a bonus from the target makes it look verified."""
    return [*tokens, draw(target[-1], rng)]


@exhibit("X12", "correction", SLIP)
def correction_of_a_point_mass(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """The test is that of a drawn token, the correction that of a chosen one: the target without it.

    Each half is right in its own algorithm.
    """
    for i, token in enumerate(tokens):
        if rng.random() * draft[i][token] >= target[i][token]:
            rest = np.array(target[i])
            rest[token] = 0
            return [*tokens[:i], draw(rest, rng)]
    return [*tokens, draw(target[-1], rng)]


@exhibit("X13", "randomness", SLIP, seen_by="the same call twice")
def seeds_itself_in_every_round(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """The verifier makes a generator of its own with a fixed seed, anew in every call.

    Each round throws the same coins: given the draft nothing is random any more.
    """
    return verify(target, draft, tokens, np.random.default_rng(0))


@exhibit("X14", "arithmetic", SLIP)
def smooths_the_target(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """A thousandth is added to all probabilities of the target against zeros."""
    smooth = [(law + 1e-3) / (law + 1e-3).sum() for law in target]
    return verify(smooth, draft, tokens, rng)


@exhibit("X15", "arithmetic", SLIP)
def compares_in_half_precision(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """Laws are cast to float16 to save memory; the draft was drawn before that."""
    target, draft = (np.asarray(rows, np.float16).astype(float) for rows in (target, draft))
    return verify(target, draft, tokens, rng)


@exhibit("X16", "acceptance", SLIP)
def caps_the_ratio_below_one(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """A token is kept with chance target / (target + draft), which is never 1.

    It looks like a fair choice between both laws. Barker's rule for Markov chains has this form.
    """
    for i, token in enumerate(tokens):
        if rng.random() * (target[i][token] + draft[i][token]) >= target[i][token]:
            return [*tokens[:i], draw(owed(target[i], draft[i]), rng)]
    return [*tokens, draw(target[-1], rng)]


@exhibit("X17", "acceptance", SLIP)
def subtracts_before_the_test(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """The residual takes the place of the target's law before the token is tested, and the test reads it.

    What the target grants, the draft's share of it has been taken from already.
    """
    for i, token in enumerate(tokens):
        rest = owed(target[i], draft[i])
        if rng.random() * draft[i][token] >= rest[token]:
            return [*tokens[:i], draw(rest, rng)]
    return [*tokens, draw(target[-1], rng)]
