"""Encoder-decoder language models: a text that is written for a source.

The encoder reads the whole source, once. The decoder writes: each of its tokens sees the tokens before it and
all of the source. So with its source given such a model is a model as every other, decoded tokens (B, t) in,
laws (B, V) out, and what verifies drafts need not know that there is a source:

    model.given(sources)      the model of what is written for these sources, one a row
    model.start               the token that every decoded text begins with

>>> from transformers import T5Config, T5ForConditionalGeneration
>>> config = T5Config(vocab_size=11, d_model=8, d_kv=4, d_ff=8, num_layers=1, num_heads=2,
...                   decoder_start_token_id=0)
>>> model = EncoderDecoderLM(T5ForConditionalGeneration(config))
>>> writer = model.given([[5, 6, 7]])
>>> writer([[model.start]]).shape
(1, 11)
>>> reader = writer.session()
>>> reader.extend(torch.tensor([[0, 1, 2]])).shape
torch.Size([1, 3, 11])
>>> reader.rewind(1)                                   # of what was written; the source stays
>>> reader.length
1

Vaswani et al. 2017 (1706.03762); Raffel et al. 2020 (1910.10683), T5, on which Leviathan et al. 2023
(2211.17192) measured.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import torch
from transformers import DynamicCache, EncoderDecoderCache
from transformers.modeling_outputs import BaseModelOutput

from specsim.core.checks import check_tokens

from .causal_session import CausalSession, as_came, as_tokens
from .checks import check_ids
from .columns import Columns, View, check_new
from .masks import input_device, mask, tried
from .plain_session import Warp
from .relative_places import shift, trouble
from .rows_apart import RowsApart
from .transformers_model import at_least_float32, check_length, end_tokens, softmax


class EncoderDecoderLM:
    """A model from a `transformers` encoder-decoder language model, such as a T5.

    model: the network, in evaluation mode from here on. tokenizer: its tokenizer, or None. start: the token
    that decoded texts begin with. max_length: the tokens that a source, or a decoded text, may have, or None.
    """

    order: int | None = None
    homogeneous: bool = False

    def __init__(self, model: Any, tokenizer: Any = None) -> None:
        self.model, self.tokenizer = model.eval(), tokenizer
        self.device = input_device(model)
        self.vocab_size: int = model.config.get_text_config(decoder=True).vocab_size
        self.max_length: int | None = getattr(model.config, "max_position_embeddings", None)

    @cached_property
    def start(self) -> int:
        """The token that decoded texts begin with; ValueError if the model names none."""
        ids = (model.decoder_start_token_id for model in (self.model.generation_config, self.model.config))
        found = next((one for one in ids if one is not None), None)
        if found is None:
            raise ValueError("the model names no decoder_start_token_id; set it in its generation_config")
        return int(found)

    @cached_property
    def eos_token_ids(self) -> tuple[int, ...]:
        """The tokens that end a text; empty if the model names none."""
        return end_tokens(self.model)

    @cached_property
    def trouble_with_views(self) -> str:
        """Why the decoder cannot be told what tokens see; empty if it can. Found out by trying."""
        reading = Reading(self, [[self.start]])
        return trouble(reading.model) or tried(reading.run)

    def given(self, sources: Sequence[Sequence[int]]) -> "Given":
        """The model of what is written for these sources of token ids, one for each row.

        Raises ValueError for sources that are empty, out of the vocabulary or longer than the context.
        """
        for source in sources:
            check_ids(source, self.vocab_size)
            check_length(len(source), self.max_length)
            if not len(source):
                raise ValueError("a source must have at least one token, got none")
        return Given(self, sources)

    def __call__(self, tokens: Any) -> Any:
        """Raises ValueError: only with its source given has the model a law."""
        raise ValueError(
            "an encoder-decoder model has a law only for a source: take model.given([source]), or pass the "
            "source as prompt to specsim.decode.generate"
        )

    def session(self, warp: Warp | None = None, batch: int = 1) -> Any:
        """Raises ValueError, as a call does."""
        return self(())


class Given:
    """The model of what an encoder-decoder model writes for its sources; made by `EncoderDecoderLM.given`."""

    order: int | None = None
    homogeneous: bool = False

    def __init__(self, lm: EncoderDecoderLM, sources: Sequence[Sequence[int]]) -> None:
        self.lm, self.sources = lm, sources
        self.model, self.tokenizer, self.device = lm.model, lm.tokenizer, lm.device
        self.vocab_size, self.max_length = lm.vocab_size, lm.max_length

    @torch.inference_mode()
    def __call__(self, tokens: Any) -> Any:
        """Laws (B, V) after decoded tokens (B, t), t >= 1, a row for each source, without memory."""
        new = as_tokens(tokens)
        check_new(new, Columns(len(self.sources)), 1, ())
        reading = Reading(self.lm, self.sources)
        reading.check(new, new.shape[1])
        return as_came(softmax(reading.logits(new, keep=1))[:, 0], new)

    def session(self, warp: Warp | None = None, batch: int = 1) -> "GivenSession | RowsApart":
        """A new session over what is written, with a cache of its own; ValueError for another batch."""
        if batch != len(self.sources):
            raise ValueError(f"{len(self.sources)} sources need a session of as many rows, got batch={batch}")
        if batch > 1 and self.lm.trouble_with_views:
            return RowsApart([Given(self.lm, [source]).session(warp) for source in self.sources])
        return GivenSession(Reading(self.lm, self.sources), warp or softmax, batch)


class Reading:
    """The decoder, and what it sees of the sources: their states in the encoder, made once, here."""

    @torch.inference_mode()
    def __init__(self, lm: EncoderDecoderLM, sources: Sequence[Sequence[int]]) -> None:
        self._lm, self.device = lm, lm.device
        self.model = lm.model.get_decoder()
        longest = max(map(len, sources))
        ids = [[*source, *[0] * (longest - len(source))] for source in sources]
        there = [[1] * len(source) + [0] * (longest - len(source)) for source in sources]
        self._there = torch.tensor(there, device=self.device)
        found = lm.model.get_encoder()(torch.tensor(ids, device=self.device), attention_mask=self._there)
        self._states = found.last_hidden_state
        self._memory: Any = DynamicCache(config=self.model.config)

    def check(self, tokens: Any, length: int) -> None:
        """ValueError for ids out of range, or if `length` tokens are more than the context holds."""
        check_tokens(tokens, self._lm.vocab_size)
        check_length(length, self._lm.max_length)

    def select(self, rows: Sequence[int]) -> None:
        """Go on with these rows only."""
        kept = torch.tensor(rows)
        self._there, self._states = self._there[kept], self._states[kept]
        self._memory.batch_select_indices(kept)

    def logits(self, tokens: Any, keep: int, cache: Any = None, view: View | None = None) -> torch.Tensor:
        """Logits (B, keep, V) after the last `keep` of decoded tokens (B, m), in float32 or better.

        view: what each token sees, where it is not all before it. Raises ValueError for decoders that cannot
        be told so.
        """
        if view is not None and self._lm.trouble_with_views:
            raise ValueError(
                f"{self.model.config.model_type} cannot read a tree of tokens in one pass: "
                f"{self._lm.trouble_with_views}; draft chains"
            )
        return self.run(tokens, keep, cache, view)

    def run(self, tokens: Any, keep: int, cache: Any, view: View | None) -> torch.Tensor:
        """What `logits` does, without a check."""
        both = None if cache is None else EncoderDecoderCache(cache, self._memory)
        seen = None if view is None else mask(view.seen, self.model) + shift(view, self.model)
        logits = self._lm.model(
            encoder_outputs=BaseModelOutput(last_hidden_state=self._states),
            attention_mask=self._there,
            decoder_input_ids=torch.as_tensor(tokens, dtype=torch.long, device=self.device),
            decoder_attention_mask=seen,
            past_key_values=both,
            use_cache=both is not None,
        ).logits[:, -keep:]
        return at_least_float32(logits)


class GivenSession(CausalSession):
    """A `Session` over what is written; only the cache of the decoder's own tokens is ever taken back."""

    lm: Reading

    def select(self, rows: Sequence[int]) -> None:
        """Go on with these rows, and their sources, only; forget the tree."""
        super().select(rows)
        self.lm.select(rows)
