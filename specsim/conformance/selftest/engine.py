"""The engine against formulas, and against a million real draws."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from ..engine import exact_law, numpy_rng
from ..gallery.controls import verifies_the_block
from ..gallery.reference import owed, verify
from .lines import Line

CASES = 200
CLOSE = 1e-12
DRAWS = 250_000
CHUNKS = 4
FALSE_ALARM = 1e-6

Case = tuple[np.ndarray, np.ndarray, tuple[int, ...]]


def _in_tensors_of_numpy(target: Any, draft: Any, tokens: Any, rng: Any) -> list[int]:
    """All coins at once, and a search in the running sum."""
    places = np.arange(len(tokens))
    ratios = target[places, list(tokens)] / draft[places, list(tokens)]
    refused = np.flatnonzero(~(rng.random(len(tokens)) < ratios))
    stop = int(refused[0]) if len(refused) else len(tokens)
    running = np.cumsum(owed(target[stop], draft[stop]) if len(refused) else target[-1])
    return [*tokens[:stop], int(np.searchsorted(running / running[-1], rng.random(), side="right"))]


def _by_a_race(target: Any, draft: Any, tokens: Any, rng: Any) -> list[int]:
    """Coins as logarithms, and a race of exponentials for the last token."""
    for i, token in enumerate(tokens):
        if np.log(target[i, token]) - np.log(draft[i, token]) <= np.log(rng.random()):
            rest = owed(target[i], draft[i])
            return [*tokens[:i], int((rest / rng.exponential(size=len(rest))).argmax())]
    return [*tokens, int((target[-1] / rng.exponential(size=target.shape[1])).argmax())]


VERIFIERS = (verify, _in_tensors_of_numpy, _by_a_race)


def random_cases(count: int, seed: int) -> Iterator[Case]:
    """Random laws with drafted tokens: 2 to 5 tokens, 0 to 3 drafted."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        size, gamma = int(rng.integers(2, 6)), int(rng.integers(0, 4))
        target, draft = rng.dirichlet(np.full(size, 0.7), gamma + 1), rng.dirichlet(np.full(size, 0.7), gamma)
        yield target, draft, tuple(int(rng.choice(size, p=row)) for row in draft)


def closed_form(target: np.ndarray, draft: np.ndarray, tokens: tuple[int, ...]) -> dict[Any, float]:
    """The law that token-wise verification has for a draft.

        P(tokens[:i], y) = prod_{j < i} a_j (1 - a_i) (target_i(y) - draft_i(y))_+ / sum

    with a = min(1, target / draft) at the drafted token.
    """
    law: dict[Any, float] = {}
    reached = 1.0
    for i, token in enumerate(tokens):
        keep = min(1.0, target[i, token] / draft[i, token])
        rest = np.maximum(target[i] - draft[i], 0)
        law |= {
            (*tokens[:i], y): reached * (1 - keep) * w / rest.sum() for y, w in enumerate(rest) if keep < 1
        }
        reached *= keep
    for y, chance in enumerate(target[-1]):
        law[*tokens, y] = law.get((*tokens, y), 0.0) + reached * chance
    return law


def formulas(count: int = CASES) -> list[Line]:
    """How far exact laws are from the formula, three ways of writing the same rule."""
    far = 0.0
    for number, case in enumerate(random_cases(count, seed=3)):
        run = VERIFIERS[number % len(VERIFIERS)]
        law = exact_law(partial(_emitted, run, case)).chances
        far = max(far, _far(law, closed_form(*case)))
    words = f"largest error against formulas, {count} random cases"
    return [Line("engine", words, f"{far:.2g}", f"{CLOSE:.0e}", bool(far <= CLOSE))]


def _emitted(run: Callable[..., Any], case: Case) -> Any:
    return run(*case, numpy_rng())


def _far(law: Mapping[Any, float], due: Mapping[Any, float]) -> float:
    return max(abs(law.get(key, 0.0) - due.get(key, 0.0)) for key in {*law, *due})


def counts(chunk: int, draws: int = DRAWS) -> Counter[Any]:
    """What real random numbers make of one verifier, which keeps no token but by the whole block."""
    case = _drawn_case()
    rng = np.random.default_rng([17, chunk])
    return Counter(tuple(map(int, verifies_the_block(*case, rng))) for _ in range(draws))


def _drawn_case() -> Case:
    return next(case for case in random_cases(50, seed=5) if len(case[2]) == 2 and len(case[0][0]) == 4)


def draw_lines(counted: Counter[Any]) -> list[Line]:
    """Pearson's test of real draws against the exact law, rare outcomes pooled."""
    from scipy.stats import chi2

    case = _drawn_case()
    law = exact_law(lambda: verifies_the_block(*case, numpy_rng())).chances
    total = counted.total()
    common = [key for key, chance in law.items() if chance * total >= 5]
    seen = np.array([counted[key] for key in common] + [total - sum(counted[key] for key in common)])
    due = np.array([law[key] * total for key in common])
    due = np.append(due, max(total - due.sum(), 1e-9))
    statistic = float(((seen - due) ** 2 / due).sum())
    chance = float(chi2.sf(statistic, len(due) - 1))
    foreign = sum(number for key, number in counted.items() if law.get(key, 0.0) == 0)
    words = f"{total:,} real draws against the exact law, chance of so much difference"
    return [Line("draws", words, f"{chance:.2g}", f"{FALSE_ALARM:.0e}", chance > FALSE_ALARM and not foreign)]
