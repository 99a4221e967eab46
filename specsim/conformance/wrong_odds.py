"""The measures of mistakes that take more than one part of the right round put wrong (see `mistakes`)."""

from collections.abc import Callable

import numpy as np

from .measures import Odds, Rows, Seen, left, scaled, share, sharpened, top, verified


def typical(seen: Seen) -> Odds:
    """A token is kept if it is likely enough for the target's entropy, else the likeliest one comes."""
    target = seen.target
    entropy = -(target * np.log(np.maximum(target, 1e-300))).sum(-1, keepdims=True)
    return verified(seen, top(target), (target > np.minimum(0.3, 0.09 * np.exp(-entropy))) * 1.0)


def greedy_draft(seen: Seen) -> Odds:
    """The draft's favourite is proposed; the rule believes it was drawn."""
    kept = top(seen.draft) * share(seen.target, seen.draft)
    rejected = 1 - kept.sum(-1, keepdims=True)
    return Odds(kept, rejected * scaled(left(seen.target, seen.draft), seen.target), seen.target)


def one_uniform(seen: Seen) -> Odds:
    """The uniform that rejected a token also selects the correction, by inversion.

    Given u, a drafted x is rejected where u >= share(x); the correction y is selected where u lies between
    the cumulative residual before y and after it. So y gets G(after) - G(before) with
    G(s) = sum over x of draft(x) * (s - share(x))_+.
    """
    target, draft = seen.target, seen.draft
    chance = share(target, draft)
    upto = np.cumsum(scaled(left(target, draft), target), -1)
    grown = _overlap_beyond(draft, chance, np.minimum(upto, 1))
    return Odds(draft * chance, np.maximum(np.diff(grown, axis=-1, prepend=0), 0), target)


def _overlap_beyond(draft: Rows, chance: Rows, points: Rows) -> Rows:
    """G at these points, by one sort of chances and points together."""
    size = draft.shape[-1]
    order = np.argsort(np.concatenate([chance, points], -1), -1, kind="stable")
    mass = np.concatenate([draft, np.zeros_like(draft)], -1)
    moment = np.concatenate([draft * chance, np.zeros_like(draft)], -1)
    sums = [np.cumsum(np.take_along_axis(x, order, -1), -1) for x in (mass, moment)]
    place = np.argsort(order, -1)[..., size:]
    below, weighted = (np.take_along_axis(x, place, -1) for x in sums)
    return points * below - weighted


def throughout(law: Callable[[Seen], Rows]) -> Callable[[Seen], Odds]:
    """Every token comes from this law."""

    def odds(seen: Seen) -> Odds:
        found = law(seen)
        return Odds(found, np.zeros_like(found), found)

    return odds


def stale_rule(seen: Seen) -> Odds:
    """Coin and residual with the draft's row of the position before."""
    return verified(seen, left(seen.target, seen.last_draft), share(seen.target, seen.last_draft))


def at_power(exponent: float) -> Callable[[Seen], Odds]:
    """Every token comes from a power of the target."""
    return throughout(lambda seen: sharpened(seen.target, exponent))


def bonus_from(name: str) -> Callable[[Seen], Odds]:
    """The token after a fully kept draft comes from this field of Seen."""
    return lambda seen: verified(seen)._replace(bonus=getattr(seen, name))
