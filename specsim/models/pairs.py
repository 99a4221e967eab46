"""Pairs: a target, a draft for it, and the tokenizer that they share.

`load_pair` knows toy pairs (laws that fit on a line), the pair that comes with the package, and folders or
names of real models:

>>> pair = load_pair("toy")
>>> pair.target(np.zeros((1, 0), int)), pair.draft(np.zeros((1, 0), int))
(array([[0.5, 0.3, 0.2]]), array([[0.2, 0.5, 0.3]]))
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from . import ngram
from .manifest import PAIRS
from .networks import load
from .tables import iid, markov
from .vocabularies import fitted

BUILTIN = Path(__file__).parent / "builtin"
SMOLLM2 = Path(__file__).parent / "smollm2"


@dataclass(frozen=True, eq=False)
class Pair:
    """A target model and a draft model over the same tokens.

    name: how the pair is called in tables. tokenizer: from text to tokens and back, or None.
    Raises ValueError where the vocabularies differ in size.
    """

    target: Any
    draft: Any
    name: str = ""
    tokenizer: Any = None

    def __post_init__(self) -> None:
        if self.target.vocab_size != self.draft.vocab_size:
            raise ValueError(
                "target and draft must share one vocabulary, got sizes "
                f"{self.target.vocab_size} (target) and {self.draft.vocab_size} (draft); "
                "choose a draft with the target's tokenizer, or load both with the tokenizers that they have"
            )

    @property
    def vocab_size(self) -> int:
        """Number of tokens V."""
        return self.target.vocab_size


def load_pair(
    name_or_path: str | Path,
    device: str = "cpu",
    dtype: str = "float32",
    *,
    kernels: str = "plain",
    device_map: Any = None,
) -> Pair:
    """A pair by name, from a folder, or from two models "TARGET,DRAFT".

    Names are those of `pair_names` and the well-known pairs of `specsim.models.manifest`. The target of
    smollm2 is fetched once, by `specsim pairs fetch smollm2`; its drafts come with the package.

    A folder holds `target/` and either `draft/` (both as transformers' save_pretrained writes them) or
    `draft.npz` (an n-gram model). TARGET and DRAFT are model folders, fetched names such as smollm2,
    names on the Hugging Face hub, GGUF or .npz files.
    device, dtype, kernels, device_map: how the networks are loaded, as for `load`.
    A draft with another tokenizer than the target's drafts the tokens that both have, as by
    `specsim.models.vocabularies.token_level`.
    Raises ValueError for unknown names, vocabularies that differ, files that are damaged; FileNotFoundError
    for missing files.
    """
    name = str(name_or_path)
    if name in _TOYS:
        return _TOYS[name]()
    parts = _parts(name)
    how: dict[str, Any] = {"device": device, "dtype": dtype, "kernels": kernels, "device_map": device_map}
    target, draft = (_model(part, how) for part in parts)
    tokenizers = [getattr(model, "tokenizer", None) for model in (target, draft)]
    called = Path(name).name if Path(name).is_dir() else name
    return Pair(target, fitted(draft, target), called, next(filter(None, tokenizers), None))


def load_target(name_or_path: str | Path, **loading: Any) -> Any:
    """The target of a pair, named as for `load_pair`, or a model by itself, named as for `load`.

    loading: as for `load`. Raises what these raise.

    >>> load_target("toy").law
    array([0.5, 0.3, 0.2])
    """
    name = str(name_or_path)
    if name in _TOYS:
        return _TOYS[name]().target
    is_pair = name in _PACKAGED or name.count(",") == 1 or (Path(name) / "target").is_dir()
    return _model(_parts(name)[0] if is_pair else name, loading)


def pair_names() -> tuple[str, ...]:
    """The pairs that `load_pair` knows by name.

    >>> pair_names()[:4]
    ('toy', 'bernoulli', 'regimes', 'builtin')
    >>> pair_names()[4:]
    ('builtin-bigram', 'builtin-unigram', 'smollm2', 'smollm2-bigram', 'smollm2-unigram')
    """
    return (*_TOYS, *_PACKAGED)


def regimes(stay: float = 0.99) -> Pair:
    """A Markov pair with an easy and a hard regime, each of which persists with probability `stay`.

    Tokens 0 and 1 belong to the easy regime, 2 and 3 to the hard one. Both models agree on when the
    regime changes; on the choice within a regime they overlap by 0.9 after an easy token and by 0.38
    after a hard one. Half of the target's tokens are easy, so the overlap averages 0.64; yet rounds begin
    in the hard regime more often than that, and the formula for independent tokens promises too much. At
    stay=0.5 the regime has no memory, and the formula is exact.

    >>> pair = regimes()
    >>> np.minimum(pair.target.transitions, pair.draft.transitions).sum(axis=1)
    array([0.9 , 0.9 , 0.38, 0.38])
    """
    target = _two_regimes(stay, easy=(0.5, 0.5), hard=(0.81, 0.19))
    draft = _two_regimes(stay, easy=(0.6, 0.4), hard=(0.19, 0.81))
    return Pair(target, draft, "regimes")


def _two_regimes(stay: float, easy: tuple[float, float], hard: tuple[float, float]) -> Any:
    after_easy = np.concatenate([stay * np.array(easy), (1 - stay) * np.array(easy)])
    after_hard = np.concatenate([(1 - stay) * np.array(hard), stay * np.array(hard)])
    return markov((after_easy + after_hard) / 2, [after_easy, after_easy, after_hard, after_hard])


def _toy() -> Pair:
    return Pair(iid([0.5, 0.3, 0.2]), iid([0.2, 0.5, 0.3]), "toy")


def _bernoulli() -> Pair:
    return Pair(iid([1 / 3, 2 / 3]), iid([2 / 3, 1 / 3]), "bernoulli")


_TOYS: dict[str, Callable[[], Pair]] = {"toy": _toy, "bernoulli": _bernoulli, "regimes": regimes}
_PACKAGED: dict[str, tuple[str | Path, Path]] = {
    f"{name}{kind}": (target, folder / draft)
    for name, target, folder in (("builtin", BUILTIN / "target", BUILTIN), ("smollm2", "smollm2", SMOLLM2))
    for kind, draft in (("", "draft"), ("-bigram", "bigram.npz"), ("-unigram", "unigram.npz"))
}


def _model(path_or_name: str | Path, loading: dict[str, Any]) -> Any:
    counted = str(path_or_name).endswith(".npz")
    return ngram.load(path_or_name) if counted else load(path_or_name, **loading)


def _parts(name: str) -> tuple[str | Path, str | Path]:
    """Where target and draft of a pair are, or how they are called."""
    if name in _PACKAGED:
        return _PACKAGED[name]
    folder = Path(name)
    if folder.is_dir():
        counted = folder / "draft.npz"
        return folder / "target", counted if counted.is_file() else folder / "draft"
    if name.count(",") == 1:
        target, draft = (part.strip() for part in name.split(","))
        return target, draft
    for pair in PAIRS:
        if pair.name == name and pair.draft is not None:
            return pair.target.name, pair.draft.name
    raise ValueError(
        f"unknown pair {name!r}; the named ones are {', '.join(pair_names())}; otherwise pass a folder "
        'with target/ and draft/ (or draft.npz), or two models as "TARGET,DRAFT"'
    )
