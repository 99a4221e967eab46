"""Several drafts at one position: the optimum's value, and verification of eight drafts.

The value of the optimum by a scan of prefixes, against the linear programme over sets of drafts (`scipy`,
HiGHS) and against POT's network simplex on the whole transport problem, V^k drafts to V tokens, where that is
installed (`pip install pot`); on sizes that they can run, and alone on a large vocabulary. Then rules on 8
siblings of one position, float32 on the CPU, from laws to the token drawn, against one draft by `token`.

Claims: under 50 ms at V = 151,936 with k = 2, 4, 8, and under 1 s for different drafts, which take an
integral; eight drafts in no more than eight times the time of one.
"""

from importlib.util import find_spec
from itertools import product

import numpy as np
import torch
from common import RATIO, Contender, microseconds, ratio_of, save, settle_memory, show, take_turns

from specsim.core import Draft, draw, rules, siblings
from specsim.theory import optimal_acceptance, optimal_rule

SIZES = ((10, 2), (30, 2), (100, 2), (10, 3))
VOCABULARY, DRAFTS = 151_936, 8


def laws(vocabulary: int) -> np.ndarray:
    """Target and draft: softmax of normal logits, the draft's with noise of the same size added."""
    rng = np.random.default_rng(vocabulary)
    target = 2 * rng.normal(size=vocabulary)
    weights = np.exp([target, target + rng.normal(size=vocabulary)])
    return weights / weights.sum(axis=-1, keepdims=True)


def optimum(vocabulary: int, k: int) -> dict[str, Contender]:
    """The same value by each contender."""
    target, draft = laws(vocabulary)

    def once(compute) -> Contender:
        return lambda: float(compute() is not None)

    found = {
        "prefix scan": once(lambda: optimal_acceptance(target, draft, k)),
        "scipy linprog": once(lambda: optimal_rule(target, draft, k)),
    }
    if find_spec("ot"):
        import ot

        def transport() -> float:
            drafts = np.array(list(product(range(vocabulary), repeat=k)))
            missed = 1.0 - (drafts[:, :, None] == np.arange(vocabulary)).any(axis=1)
            return ot.emd2(draft[drafts].prod(axis=1), target, missed, numItermax=10_000_000)

        assert abs(1 - transport() - optimal_acceptance(target, draft, k)) < 1e-9
        found["POT"] = once(transport)
    return found


def verification() -> dict[str, Contender]:
    """One draft by `token`, and eight by each rule that takes siblings of one law."""
    target, law = (torch.from_numpy(row).float() for row in laws(VOCABULARY))
    rng = np.random.default_rng(1)
    generator = torch.Generator().manual_seed(1)
    tokens = torch.multinomial(law, DRAFTS, replacement=True, generator=generator)[None]

    def verify(rule: str, count: int) -> Contender:
        rows = target.expand(1, count + 1, -1).contiguous()
        drafted = Draft(tokens[:, :count], law.expand(1, count, -1).contiguous(), siblings(count))

        def once() -> float:
            draw(rules.get(rule).kernel(rows, drafted), torch.from_numpy(rng.random((1, 2))))
            return 1

        return once

    eight = {
        f"{rule}, {DRAFTS} drafts": verify(rule, DRAFTS) for rule in ("token", "naive_tree", "hub", "k_seq")
    }
    return {"token, 1 draft": verify("token", 1)} | eight


def main() -> None:
    torch.set_num_threads(1)
    settle_memory()
    results, claims = {}, {}
    for vocabulary, k in SIZES:
        title = f"Optimum, V = {vocabulary}, k = {k}"
        results[title] = take_turns(optimum(vocabulary, k), "scipy linprog", turns=3)
        show(title, results[title], microseconds("optimum") | RATIO)
    target, draft = laws(VOCABULARY)
    scans = {f"k = {k}": lambda k=k: float(optimal_acceptance(target, draft, k) > 0) for k in (2, 4, 8)}
    results["scan"] = take_turns(scans, "k = 2", turns=15)
    show(f"Optimum, V = {VOCABULARY:,}", results["scan"], microseconds("optimum"))
    claims["optimum under 50 ms at V = 151,936"] = all(one.seconds < 0.05 for one in results["scan"])
    different = {
        f"k = {k}, different": lambda k=k: float(optimal_acceptance(target, draft, k, replacement=False) > 0)
        for k in (2, 4, 8)
    }
    results["different"] = take_turns(different, "k = 2, different", turns=5)
    show(f"Optimum without replacement, V = {VOCABULARY:,}", results["different"], microseconds("optimum"))
    claims["different drafts under 1 s"] = all(one.seconds < 1 for one in results["different"])
    results["verification"] = take_turns(verification(), "token, 1 draft", turns=30)
    show(f"Verification, V = {VOCABULARY:,}", results["verification"], microseconds("round") | RATIO)
    slower = 1 / ratio_of(results["verification"], f"token, {DRAFTS} drafts")
    claims[f"eight drafts by recursive rejection in no more than 8 times one, {slower:.1f} times"] = (
        slower <= 8
    )
    save("bench_multidraft", results, claims)


if __name__ == "__main__":
    main()
