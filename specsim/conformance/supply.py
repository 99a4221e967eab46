"""What each role of a verifier's parameters is given, in the arrays that it likes.

Every call gets arrays of its own: a verifier that writes into its arguments spoils nothing but its own round.
Random numbers that are arguments (uniforms, exponential or Gumbel noise) are drawn from the same generator
that decides everything else, so the law over them is exact as well.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import engine
from .cases import Drafted

ARRAYS = ("numpy", "torch", "torch64", "list")
"""Kinds of arrays: NumPy float64, torch float32 and float64, nested lists."""


@dataclass(frozen=True)
class Style:
    """In what form arguments are handed over.

    array: of the laws, one of ARRAYS. tokens: "array", or "list" for a plain list. rng: "numpy", "torch",
    "python" (a random.Random) or "uniforms" (no generator but numbers). uniforms: shape of random arguments,
    see SHAPES. bonus_row: whether `target` ends with the row after the last drafted token. batched: whether
    all arrays have a leading axis.
    """

    array: str = "numpy"
    tokens: str = "array"
    rng: str = "numpy"
    uniforms: str = "gamma + 1"
    bonus_row: bool = True
    batched: bool = False

    def __str__(self) -> str:
        return f"{self.array} arrays" + (", tokens as a list" if self.tokens == "list" else "")


SHAPES: dict[str, Callable[[int], tuple[int, ...]]] = {
    "gamma + 1": lambda gamma: (gamma + 1,),
    "gamma": lambda gamma: (gamma,),
    "gamma + 2": lambda gamma: (gamma + 2,),
    "2 (gamma + 1)": lambda gamma: (2 * gamma + 2,),
    "2 by gamma + 1": lambda gamma: (2, gamma + 1),
    "gamma + 1 by 2": lambda gamma: (gamma + 1, 2),
    "one": lambda gamma: (),
    "function": lambda gamma: (),
}
"""Shapes in which uniforms may be wanted, with a leading axis for a batch; or a function that returns one."""


@dataclass
class Supply:
    """The arguments of one call. batch: one draft per request, a single one unless the style is batched."""

    batch: Sequence[Drafted]
    style: Style
    context: tuple[int, ...] = ()
    made: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.source = engine.numpy_rng()

    def __call__(self, role: str) -> Any:
        """The value for a role, the same object if it is asked for twice."""
        if role in ("uniforms", "exponentials", "gumbels"):
            return self._noise(role)
        if role not in self.made:
            self.made[role] = self._make(role)
        return self.made[role]

    def is_changed(self, role: str) -> bool:
        """Whether an argument is no longer what was handed over."""
        if role.split(" ")[0] not in ("target", "draft", "tokens"):
            return False
        return not np.array_equal(np.asarray(self.made[role]), np.asarray(self._make(role)), equal_nan=True)

    def _make(self, role: str) -> Any:
        side, *form = role.split(" ")
        if side in ("target", "draft"):
            return self.rows(_in_form(self.laws(side), "".join(form)))
        return MAKERS[role](self)

    def laws(self, side: str, whole: bool = False) -> np.ndarray:
        """Target or draft laws of the batch, or of its one request."""
        rows = np.stack([getattr(one, side) for one in self.batch])
        if side == "target" and not (whole or self.style.bonus_row):
            rows = rows[:, :-1]
        return rows if self.style.batched else rows[0]

    def rows(self, rows: np.ndarray) -> Any:
        """A fresh array of the style's kind."""
        return as_array(rows, self.style.array)

    def tokens(self) -> Any:
        """The drafted tokens, as integers."""
        return self._integers([one.tokens for one in self.batch])

    def buffer(self) -> Any:
        """An array of negative ids for the emitted tokens to be written to."""
        return self._integers([(*(-1 for _ in one.tokens), -1) for one in self.batch])

    def bonus(self) -> Any:
        """A token drawn from each request's last target row."""
        drawn = [self.source.choice(one.target.shape[-1], p=one.target[-1]) for one in self.batch]
        return self._integers([drawn]) if self.style.batched else int(drawn[0])

    def _integers(self, rows: Sequence[Sequence[int]]) -> Any:
        found: Any = [list(map(int, row)) for row in rows]
        found = found if self.style.batched else found[0]
        if self.style.tokens == "list" or self.style.array == "list":
            return found
        return _long(found) if self.style.array.startswith("torch") else np.array(found, dtype=np.int64)

    def _noise(self, role: str) -> Any:
        """Fresh noise for each argument that asks for some."""
        if role == "uniforms" and self.style.uniforms == "function":
            return self.source.random
        gamma, vocab = len(self.batch[0].tokens), self.batch[0].target.shape[-1]
        shape = SHAPES[self.style.uniforms](gamma) if role == "uniforms" else (gamma + 1, vocab)
        lead = (len(self.batch),) if self.style.batched else ()
        return self._drawn(role, (*lead, *shape))

    def _drawn(self, role: str, shape: tuple[int, ...]) -> Any:
        if self.style.array.startswith("torch"):
            return _torch_noise(role, shape, self.style.array)
        draw = {
            "uniforms": self.source.random,
            "exponentials": self.source.exponential,
            "gumbels": self.source.gumbel,
        }
        return draw[role](size=shape or None)

    def rng(self) -> Any:
        """A generator of the kind that the style asks for."""
        if self.style.rng == "torch":
            return engine.torch_rng()
        if self.style.rng == "uniforms":
            return self("uniforms")
        return random.Random() if self.style.rng == "python" else self.source


MAKERS: dict[str, Callable[[Supply], Any]] = {
    "tokens": Supply.tokens,
    "rng": Supply.rng,
    "out": Supply.buffer,
    "bonus token": Supply.bonus,
    "bonus law": lambda s: s.rows(s.laws("target", whole=True)[..., -1, :]),
    "parent": lambda s: s.batch[0].parent,
    "gamma": lambda s: len(s.batch[0].tokens),
    "length": lambda s: len(s.batch[0].tokens) + 1,
    "vocab": lambda s: s.batch[0].target.shape[-1],
    "batch size": lambda s: len(s.batch),
    "seed": lambda s: 0,
    "temperature": lambda s: 1.0,
    "top k": lambda s: 0,
    "top p": lambda s: 1.0,
    "device": lambda s: "cpu",
    "pad": lambda s: -1,
    "eos": lambda s: None,
    "context": lambda s: list(s.context),
}


def _in_form(rows: np.ndarray, form: str) -> np.ndarray:
    if not form:
        return rows
    with np.errstate(divide="ignore"):
        return np.log(rows)


def as_array(rows: np.ndarray, kind: str) -> Any:
    """Rows as a fresh array of one of ARRAYS."""
    if kind == "list":
        return rows.tolist()
    if kind == "numpy":
        return rows.copy()
    import torch

    dtype = torch.float64 if kind == "torch64" else torch.float32
    return torch.tensor(rows.tolist(), dtype=dtype).reshape(rows.shape)


def _long(rows: Sequence[Any]) -> Any:
    import torch

    return torch.tensor(rows, dtype=torch.int64)


def _torch_noise(role: str, shape: tuple[int, ...], kind: str) -> Any:
    import torch

    dtype = torch.float64 if kind == "torch64" else torch.float32
    if role == "uniforms":
        return torch.rand(shape, dtype=dtype)
    noise = torch.empty(shape, dtype=dtype).exponential_()
    return noise if role == "exponentials" else -noise.log()
