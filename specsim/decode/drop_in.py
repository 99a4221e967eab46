"""Speculative decoding from within `transformers`: what `model.generate` takes as `custom_generate`.

The library reads its own arguments, prepares processors and stopping criteria from them, and hands all of it
to this function, which decodes at the pace of a draft and returns what `generate` returns: prompts and what
was added to them, filled up with padding.

>>> import torch
>>> from specsim.models import load_pair
>>> pair = load_pair("builtin")
>>> ids = torch.tensor([[5, 17, 4]])
>>> settings = {"do_sample": False, "repetition_penalty": 1.2, "max_new_tokens": 12}
>>> plain = pair.target.model.generate(ids, **settings)
>>> made = pair.target.model.generate(
...     ids, custom_generate=speculative_generate, draft=pair.draft, gamma=3, **settings)
>>> torch.equal(plain, made)
True

Drawn texts are not those that transformers would draw, but have the same law; they repeat themselves after
the same `torch.manual_seed`. The library does not hand on `streamer` and `tokenizer`: to end at a text pass
`stopping_criteria=[StopStringCriteria(tokenizer, texts)]`, to stream use `specsim.decode.generate`.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from transformers import PreTrainedModel
from transformers.generation import logits_process

from ..core.draft import AnyShape
from ..core.rules import Verify
from ..models.loading import as_model
from .lengths import Lengths
from .naming import find_draft
from .speculative import generate

READ = {"attention_mask", "position_ids", "past_key_values", "use_cache", "logits_to_keep", "encoder_outputs"}
"""What the library adds to the arguments of its user that says nothing beyond the ids."""


def speculative_generate(
    model: Any,
    input_ids: torch.Tensor,
    logits_processor: Any,
    stopping_criteria: Any,
    generation_config: Any,
    draft: Any = None,
    gamma: int | Lengths | None = None,
    shape: AnyShape | str | None = None,
    rule: str | Verify = "token",
    inputs_tensor: torch.Tensor | None = None,
    **rest: Any,
) -> torch.Tensor:
    """Tokens (B, t) of prompts (B, s) and what is added to them, for `model.generate(custom_generate=...)`.

    draft: a network of transformers, or whatever `specsim.decode.generate` takes, or a name such as
        "lookup:3" (see `naming`). gamma, shape, rule: as there. All else comes from `model.generate`.
    Prompts may be padded in front, with an attention_mask; criteria see them without padding. Raises
    ValueError for searches with beams, for outputs other than ids, for inputs other than texts, for
    processors that remember what they saw.
    """
    _check_config(generation_config)
    _check_inputs(draft, rest)
    _check_processors(logits_processor)
    target, has_sources = as_model(model), model.config.is_encoder_decoder
    if has_sources and input_ids.shape[1] > 1:
        raise ValueError("a text for a source begins with its start token alone, not with decoder_input_ids")
    given = _given(input_ids, inputs_tensor, rest.get("attention_mask"), has_sources)
    made = generate(
        target,
        _as_draft(draft, target),
        given,
        gamma=gamma,
        shape=shape,
        rule=rule,
        max_new_tokens=generation_config.max_length - input_ids.shape[1],
        temperature=1.0 if generation_config.do_sample else 0.0,
        processors=_processors(logits_processor, input_ids, given) if len(logits_processor) else None,
        eos=(),
        stop=stopping_criteria,
        rng=torch.randint(2**62, (len(given),)).tolist(),
    )
    return _filled(input_ids, [one.tokens for one in made], generation_config)


def _as_draft(draft: Any, target: Any) -> Any:
    if isinstance(draft, str):
        return find_draft(draft, target)
    return as_model(draft) if isinstance(draft, PreTrainedModel) else draft


def _given(ids: torch.Tensor, sources: Any, mask: Any, has_sources: bool) -> list[list[int]]:
    """The prompts, or the sources, without padding; several texts may be wanted of each source."""
    if has_sources:
        ids = sources.repeat_interleave(len(ids) // len(sources), dim=0)
    there = torch.ones_like(ids) if mask is None else mask
    if not has_sources and not bool(there[:, -1].all()):
        raise ValueError("prompts must be padded in front; load the tokenizer with padding_side='left'")
    return [row[own > 0].tolist() for row, own in zip(ids, there)]


def _processors(processor: Any, ids: torch.Tensor, given: Sequence[list[int]]) -> Any:
    """For each text the processor, which the library made for all rows with their padding.

    It may look at rows by number. So it is shown as many copies of a text as there are rows, and the one in
    the text's own row counts.
    """
    rows = len(ids)
    paddings = [row[None, : max(0, len(row) - len(own))] for row, own in zip(ids, given)]

    def processed(i: int, written: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
        padded = torch.cat([paddings[i], written], dim=1)
        return processor(padded.repeat(rows, 1), logits.repeat(rows, 1))[i : i + 1]

    return [partial(processed, i) for i in range(rows)]


def _filled(ids: torch.Tensor, added: Sequence[Sequence[int]], config: Any) -> torch.Tensor:
    """Prompts and what was added, with padding behind."""
    longest, padding = max(map(len, added)), _padding(config)
    ends = [[*tokens, *[padding] * (longest - len(tokens))] for tokens in added]
    return torch.cat([ids, torch.tensor(ends, dtype=ids.dtype, device=ids.device)], dim=1)


def _padding(config: Any) -> int:
    """The token that fills rows up; the library sets it to an end token where there is none."""
    return 0 if config.pad_token_id is None else int(config.pad_token_id)


def _check_config(config: Any) -> None:
    if config.get_generation_mode() not in ("greedy_search", "sample"):
        raise ValueError(
            f"specsim samples, or decodes greedily; it has no {config.get_generation_mode().value}"
        )
    if config.return_dict_in_generate:
        raise ValueError(
            "specsim returns ids only here, not return_dict_in_generate=True; rounds and log-probabilities "
            "are in what specsim.decode.generate returns"
        )


def _check_inputs(draft: Any, rest: dict[str, Any]) -> None:
    if draft is None:
        raise ValueError("say what drafts: draft=a smaller model with the same tokenizer, or draft='lookup'")
    if unread := sorted(name for name, value in rest.items() if value is not None and name not in READ):
        raise ValueError(f"specsim decodes texts from their ids alone, and cannot use {', '.join(unread)}")


REMEMBER = (
    logits_process.UnbatchedClassifierFreeGuidanceLogitsProcessor,
    logits_process.SynthIDTextWatermarkLogitsProcessor,
)


def _check_processors(processors: Sequence[Any]) -> None:
    for one in processors:
        if isinstance(one, REMEMBER):
            raise ValueError(
                f"{type(one).__name__} remembers what it was shown, and drafted tokens are taken back"
            )
