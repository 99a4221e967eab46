"""Are the library's own draws right? What exact_law takes for granted, measured in seconds.

exact_law decides uniforms on the lattice that lattice.py states, and takes categorical draws and races as
ideal. The libraries are not always: half types round uniforms to 1 or to 0, races in half types pick tokens
of probability zero, a float32 running sum misplaces mass on large vocabularies. Where a line is marked, a
decoder that passes exactly still inherits that error from the library.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .lattice import LATTICES

FALSE_ALARM = 1e-6


@dataclass(frozen=True)
class Finding:
    """One primitive: what was measured, and whether it is off."""

    primitive: str
    fact: str
    off: bool

    def __str__(self) -> str:
        return f"{'OFF' if self.off else 'ok ':<4}{self.primitive:<34}{self.fact}"


@dataclass(frozen=True)
class Audit:
    """All findings; str() is a table."""

    findings: tuple[Finding, ...]

    @property
    def off(self) -> tuple[Finding, ...]:
        """The primitives that are off."""
        return tuple(finding for finding in self.findings if finding.off)

    def __str__(self) -> str:
        return "\n".join(str(finding) for finding in self.findings)


def audit(vocab: int = 151_936, draws: int = 200, seed: int = 0) -> Audit:
    """Measure the draws of numpy.random and, where it is loaded, of torch on the CPU.

    vocab: tokens of the categorical draws; draws: how many of these, and a thousand times as many uniforms.

    >>> report = audit(vocab=100, draws=10)
    >>> report.findings[0].primitive, report.findings[0].off
    ('numpy random float64', False)
    """
    import sys

    findings = list(_numpy(vocab, draws, seed))
    if "torch" in sys.modules:
        findings += _torch(vocab, draws, seed)
    return Audit(tuple(findings))


def _numpy(vocab: int, draws: int, seed: int) -> Iterator[Finding]:
    rng = np.random.default_rng(seed)
    for kind in ("float64", "float32"):
        yield _uniform(f"numpy random {kind}", kind, rng.random(1000 * draws, dtype=kind).astype(float))
    law = _law(vocab)
    yield _running_sum("numpy cumsum, float64", np.cumsum(law), law)
    yield _running_sum("numpy cumsum, float32", np.cumsum(law.astype(np.float32)), law)
    yield _categorical("numpy choice", [int(rng.choice(vocab, p=law)) for _ in range(draws)], law)


def _torch(vocab: int, draws: int, seed: int) -> Iterator[Finding]:
    import torch

    generator = torch.Generator().manual_seed(seed)
    law = _law(vocab)
    for kind in (torch.float64, torch.float32, torch.float16, torch.bfloat16):
        name = str(kind).removeprefix("torch.")
        numbers = torch.rand(1000 * draws, dtype=kind, generator=generator)
        yield _uniform(f"torch rand {name}", name, numbers.double().numpy())
        weights = torch.from_numpy(law).to(kind)
        picks = [int(torch.multinomial(weights, 1, generator=generator)) for _ in range(draws)]
        yield _categorical(f"torch multinomial {name}", picks, law)
        yield _race(f"torch exponential race {name}", weights, draws, law, generator)
    yield _running_sum("torch cumsum, float32", torch.from_numpy(law).float().cumsum(0).numpy(), law)


def _law(vocab: int) -> np.ndarray:
    """A long-tailed law of which every other token is impossible."""
    weights = 1.0 / np.arange(1, vocab + 1)
    weights[1::2] = 0
    return weights / weights.sum()


def _uniform(name: str, kind: str, numbers: np.ndarray) -> Finding:
    """Zeros as often as the lattice says, and never 1."""
    lattice = LATTICES[kind]
    zeros = int((numbers == 0).sum())
    chance = next(k for k in range(lattice.points) if lattice.value(k) > 0) / lattice.points
    ones = int((numbers >= 1).sum())
    fact = f"0 with chance {chance:.2g} (seen {zeros} in {len(numbers)}), 1 seen {ones} times"
    return Finding(name, fact, ones > 0 or chance > 1e-6 or not _likely(zeros, len(numbers), chance))


def _categorical(name: str, picks: list[int], law: np.ndarray) -> Finding:
    """No impossible token, and the rarer half of the mass as often as it should be."""
    impossible = sum(law[pick] == 0 for pick in picks)
    rare = np.argsort(-law)[np.searchsorted(np.cumsum(np.sort(law)[::-1]), 0.5) + 1 :]
    share = law[rare].sum()
    seen = int(np.isin(picks, rare).sum())
    expected = f"rare tokens {seen}, expected {share * len(picks):.0f}"
    fact = f"{impossible} impossible tokens in {len(picks)} draws; {expected}"
    return Finding(name, fact, impossible > 0 or not _likely(seen, len(picks), share))


def _race(name: str, weights: Any, draws: int, law: np.ndarray, generator: Any) -> Finding:
    import torch

    noise = torch.empty_like(weights)
    picks = [int((weights / noise.exponential_(generator=generator)).argmax()) for _ in range(draws)]
    return _categorical(name, picks, law)


def _running_sum(name: str, running: np.ndarray, law: np.ndarray) -> Finding:
    """Inverse sampling from a running sum: the law that its steps are, against the law that was meant."""
    steps = np.diff(np.concatenate([[0.0], running.astype(float)]))
    distance = 0.5 * np.abs(steps / steps.sum() - law).sum()
    return Finding(name, f"the law of its steps is {distance:.1e} off in total variation", distance > 1e-6)


def _likely(seen: int, draws: int, chance: float) -> bool:
    """Whether a binomial count is not among the rarest FALSE_ALARM."""
    from scipy.stats import binom

    tails = (binom.cdf(seen, draws, chance), binom.sf(seen - 1, draws, chance))
    return bool(min(tails) > FALSE_ALARM / 2)
