"""A model over the target's tokens, made of one over others: what it says of the tokens that both have.

Let I be the tokens that both vocabularies have. The model reads the text in its own tokens and gives a law d
of its next token; that law restricted to I, d(x) / d(I), is a law over the target's tokens, and drafts drawn
from it are verified as all others. It is kept with chance

    overlap = sum over x in I of min(target(x), draft(x) / draft(I)),

no less than if the draft also proposed what the target cannot emit (`specsim.theory.intersection_overlap`).
However badly the model reads the text, the output is exact: the tokens have the laws that they say.

Between rounds the text is told in the model's tokens as a whole, so that it reads what it was trained to
read. A draft behind it stands token for token, as all its tokens are common ones.

Timor et al. 2025 (2502.05202), token-level intersection.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...core.arrays import Array
from ..plain_session import Warp
from .following import draft_room
from .retelling import Retell, retelling
from .surfaces import in_common, same_tokens
from .token_session import TokenLevelSession, Translation, softmax


@dataclass(frozen=True, eq=False)
class TokenLevel:
    """A model over the target's tokens; made by `token_level` or `fitted`.

    model: the model over others. translation: between its tokens and the target's. tokenizer: the target's.
    """

    model: Any
    translation: Translation
    tokenizer: Any
    order: int | None = None
    homogeneous: bool = False

    @property
    def vocab_size(self) -> int:
        """How many tokens the target has."""
        return self.translation.vocab_size

    @property
    def device(self) -> Any:
        """Where the model is."""
        return self.model.device

    @property
    def deepest(self) -> int:
        """How deep a draft can be behind any text."""
        return draft_room(getattr(self.model, "max_length", None))

    def __call__(self, tokens: Array) -> Array:
        """Laws (B, V) after tokens (B, t), t >= 1, from a session without memory."""
        return self.session(batch=len(tokens)).extend(tokens, keep=1)[:, 0]

    def session(self, warp: Warp | None = None, batch: int = 1) -> "TokenLevelSession":
        """A new session; warp: from logits, -inf for tokens that are not common, to laws."""
        return TokenLevelSession(self.model, self.translation, warp or softmax, batch)


def token_level(model: Any, target: Any) -> TokenLevel:
    """A model over the target's tokens, made of one with another tokenizer; both have a tokenizer.

    Its laws are those of the model, restricted to the tokens that both have. It reads any length of text: of
    one that does not fit into its window it leaves out the beginning. Drafts are no deeper than the quarter
    of that window that this leaves them.
    Raises ValueError where a tokenizer is missing, and where no token is common.

    >>> from specsim.models import load_pair
    >>> pair = load_pair("builtin")                      # the same tokens, so that the text is told as it is
    >>> draft, tokens = token_level(pair.draft, pair.target), pair.tokenizer("A function")["input_ids"]
    >>> bool(np.allclose(draft(np.array([tokens])), pair.draft(np.array([tokens])), atol=1e-6))
    True

    Timor et al. 2025 (2502.05202), token-level intersection.
    """
    tokenizers = [getattr(one, "tokenizer", None) for one in (target, model)]
    if None in tokenizers:
        raise ValueError(
            "to compare vocabularies, target and draft need their tokenizers, and "
            f"{'the target' if tokenizers[0] is None else 'the draft'} has none; load it from its folder"
        )
    return _made(model, target, *in_common(*tokenizers), retelling(*tokenizers))


def fitted(model: Any, target: Any) -> Any:
    """The model itself if it reads the target's tokens, else one made of it that does.

    Vocabularies are compared by what is in them, not by size: networks of one family often have tables of
    different sizes for the same tokens. A model without a tokenizer is taken to read the target's tokens, and
    encoder-decoder models stay what they are.

    >>> from specsim.models import load_pair
    >>> pair = load_pair("builtin")
    >>> fitted(pair.draft, pair.target) is pair.draft
    True
    """
    tokenizers = [getattr(one, "tokenizer", None) for one in (target, model)]
    if None in tokenizers or hasattr(model, "given"):
        return model
    if not same_tokens(*tokenizers):
        return token_level(model, target)
    if model.vocab_size == target.vocab_size:
        return model
    every = np.arange(min(model.vocab_size, target.vocab_size))
    return _made(model, target, every, every, None)


def _made(model: Any, target: Any, ids: np.ndarray, own_ids: np.ndarray, retell: Retell | None) -> TokenLevel:
    there = (ids < target.vocab_size) & (own_ids < model.vocab_size)  # tokenizers may know more than models
    translation = Translation(target.vocab_size, ids[there], own_ids[there], retell)
    return TokenLevel(model, translation, target.tokenizer)
