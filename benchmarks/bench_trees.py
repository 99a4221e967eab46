"""Trees: the programme for the best one against its recurrence in plain Python, and what the largest cases
take.

The peer is Algorithm 1 of Sequoia (Chen et al. 2024, 2402.12374) written down as loops over lists. Both
find the same value. Traversal verification is timed against `token` on the same tree, at an LLM's vocabulary.

Claims: the programme at least 15 times faster than the loops at 256 nodes; 1,024 nodes in 1 s, with free
depth and with depth 10 and 16 children; the 262,144 most probable texts in 1 s; traversal within 2 times
`token`.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from common import RATIO, Contender, microseconds, ratio_of, save, settle_memory, show, take_turns

from specsim.core import Draft, draw, rules, tree
from specsim.theory import best_first_tree, most_accepted, optimal_tree

NODES, CHILDREN, VOCABULARY = 256, 16, 50_257
ACCEPTANCES = (0.6 * 0.4 ** np.arange(CHILDREN)).tolist()


def recurrence(acceptances: list[float], nodes: int) -> float:
    """The most tokens of a tree: T[n][b] = max over m of T[n - m][b - 1] + p_b max over j of T[m][j]."""
    size, minus = nodes + 1, float("-inf")
    table = [[minus] * (len(acceptances) + 1) for _ in range(size + 1)]
    best = [minus, 1.0]
    table[1][0] = 1.0
    for n in range(2, size + 1):
        for b, acceptance in enumerate(acceptances, 1):
            for m in range(1, n):
                table[n][b] = max(table[n][b], table[n - m][b - 1] + acceptance * best[m])
        best.append(max(table[n]))
    return best[size]


def searches() -> dict[str, Contender]:
    """All find the value of the best tree of 256 nodes."""
    assert abs(recurrence(ACCEPTANCES, NODES) - optimal_tree(ACCEPTANCES, NODES)[1]) < 1e-12
    return {
        "loops": once(lambda: recurrence(ACCEPTANCES, NODES)),
        "optimal_tree": once(lambda: optimal_tree(ACCEPTANCES, NODES)),
        "best_first_tree": once(lambda: best_first_tree(ACCEPTANCES, NODES)),
    }


def large() -> dict[str, Contender]:
    """1,024 nodes, and many texts."""
    zipf = np.arange(1, 51) ** -1.5
    law = zipf / zipf.sum()
    return {
        "optimal_tree, free depth": once(lambda: optimal_tree(ACCEPTANCES, 1024)),
        "optimal_tree, depth 10": once(lambda: optimal_tree(ACCEPTANCES, 1024, depth=10)),
        "best_first_tree": once(lambda: best_first_tree(ACCEPTANCES, 1024)),
        "most_accepted, 262,144 texts": once(lambda: most_accepted(law, 262_144)),
    }


def verifications(rng: np.random.Generator) -> dict[str, Contender]:
    """One round on a tree of 14 nodes, plan and draw."""
    parent = tree(2, 2, 2)
    target = rng.dirichlet(np.full(VOCABULARY, 0.1), size=(1, len(parent) + 1)).astype(np.float32)
    laws = rng.dirichlet(np.full(VOCABULARY, 0.1), size=(1, len(parent))).astype(np.float32)
    draft = Draft(laws.argmax(axis=-1), laws, parent)

    def round_of(name: str) -> Contender:
        return once(lambda: draw(rules.get(name).kernel(target, draft), rng.random((1, 2))))

    return {name: round_of(name) for name in ("token", "traversal")}


def once(call: Callable[[], Any]) -> Contender:
    """One call is one unit."""

    def contender() -> float:
        call()
        return 1.0

    return contender


def main() -> None:
    """Run all of it and check the claims."""
    settle_memory()
    small = take_turns(searches(), "loops", turns=20)
    whole = take_turns(large(), "best_first_tree", turns=5)
    rounds = take_turns(verifications(np.random.default_rng(0)), "token", turns=30)
    show(f"The best tree of {NODES} nodes, {CHILDREN} children", small, microseconds("search") | RATIO)
    show("Large cases", whole, microseconds("call"))
    show(f"A tree of 14 nodes, {VOCABULARY:,} tokens", rounds, microseconds("round") | RATIO)
    claims = {
        "256 nodes at least 15 times faster than loops": ratio_of(small, "optimal_tree") >= 15,
        "traversal within 2 times token": ratio_of(rounds, "traversal") >= 1 / 2,
    }
    claims |= {f"{one.name} in 1 s": one.seconds < 1 for one in whole}
    save("trees", {"searches": small, "large": whole, "rounds": rounds}, claims)


if __name__ == "__main__":
    main()
