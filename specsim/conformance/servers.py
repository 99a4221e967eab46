"""Sampling tests of servers over HTTP: vLLM, SGLang, llama.cpp. See docs/conformance/servers.md.

A server writes texts with speculation on; a teacher, the same server or one that runs the target alone, says
how likely each token was. Servers list the N likeliest tokens only, so the tokens are lumped: those on the
list by their id modulo CELLS, all others in one cell with the mass that is left. The law of the cells is
known, and an exact decoder has it.

>>> tokens, laws = lumped([7, 9], [{7: 0.5, 8: 0.25}, {7: 1.0}])
>>> tokens.tolist(), laws[:, [7, 8, CELLS]].tolist()
([7, 1021], [[0.5, 0.25, 0.25], [1.0, 0.0, 0.0]])
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from math import exp
from typing import Any, Protocol
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import numpy as np

from .generator import verdict
from .report import Report
from .sequential import EProcess

CELLS = 1021
"""How many cells share the listed tokens."""

PLAIN = {"temperature": 1.0, "top_p": 1.0, "min_p": 0.0}
"""Sampling from the model's own law: what the listed chances are about."""

Listed = Mapping[int, float]
"""The likeliest tokens with their chances."""


class Server(Protocol):
    """Someone who writes and someone who judges: prompt and tokens are ids."""

    def write(self, prompt: Sequence[int], max_new_tokens: int, seed: int) -> list[int]:
        """New tokens, drawn from the model's own law; the end token included if it came."""

    def likely(self, prompt: Sequence[int], tokens: Sequence[int]) -> list[Listed]:
        """For each token the chances of the likeliest ones at its place."""


def check_server(
    server: Server,
    teacher: Server | None = None,
    *,
    prompts: Sequence[Sequence[int]],
    max_tokens: int = 20_000,
    max_new_tokens: int = 32,
    alpha: float = 1e-6,
    tolerance: float = 1e-3,
    seed: int = 0,
    test: EProcess | None = None,
) -> Report:
    """Whether a server with speculation writes by its model's own law, as far as samples tell.

    teacher: gives the chances; the server itself unless another is given, best one without speculation.
    tolerance: total variation per token by which its chances may be off: half-precision servers need 1e-3 to
        1e-2, since batching changes their arithmetic. test: an EProcess to go on with. Others as for
        check_generator.
    """
    judge = server if teacher is None else teacher
    test = test or EProcess(alpha, tolerance=tolerance)
    for number, prompt in enumerate(cycle(prompts)):
        if test.tokens >= max_tokens or test.rejected:
            break
        tokens = server.write(prompt, max_new_tokens, seed + number)
        if tokens:
            test.read(*lumped(tokens, judge.likely(prompt, tokens)))
    return verdict(test, type(server).__name__, f"laws as {type(judge).__name__} lists them")


def lumped(tokens: Sequence[int], listed: Sequence[Listed]) -> tuple[np.ndarray, np.ndarray]:
    """Cells (n,) of the tokens, and the laws (n, CELLS + 1) of the cells; the last cell holds the unlisted.

    Raises ValueError where a list holds more than chance 1.
    """
    laws = np.zeros((len(tokens), CELLS + 1))
    for law, chances in zip(laws, listed):
        for token, chance in chances.items():
            law[token % CELLS] += chance
        law[CELLS] = max(0.0, 1 - law.sum())
    if (laws.sum(-1) > 1 + 1e-3).any():
        most = laws.sum(-1).max()
        raise ValueError(f"listed chances must sum to at most 1, got {most:.4g}; pass log-probabilities")
    cells = [token % CELLS if token in chances else CELLS for token, chances in zip(tokens, listed)]
    return np.array(cells), laws / laws.sum(-1, keepdims=True)


@dataclass(frozen=True)
class VLLM:
    """A vLLM server: /v1/completions with ids, prompt_logprobs as the teacher.

    url: such as "http://localhost:8000". model: the served name. top: how many chances per token; the
    server's --max-logprobs must allow it. options: further entries of each request.
    """

    url: str
    model: str
    top: int = 20
    options: Mapping[str, Any] = field(default_factory=dict)

    def write(self, prompt: Sequence[int], max_new_tokens: int, seed: int) -> list[int]:
        """New tokens."""
        asked = {"max_tokens": max_new_tokens, "seed": seed, "return_token_ids": True, "ignore_eos": True}
        choice = self._ask(prompt, {**asked, "top_k": -1, "repetition_penalty": 1.0})
        if choice.get("token_ids") is None:
            raise ValueError(
                f"{self.url} returned no token_ids; vLLM 0.10.2 and later do, on return_token_ids"
            )
        return [int(token) for token in choice["token_ids"]]

    def likely(self, prompt: Sequence[int], tokens: Sequence[int]) -> list[Listed]:
        """Chances at each token, from one pass over the whole text."""
        choice = self._ask([*prompt, *tokens], {"max_tokens": 1, "prompt_logprobs": self.top})
        rows = choice["prompt_logprobs"][len(prompt) :]
        return [{int(token): exp(entry["logprob"]) for token, entry in row.items()} for row in rows]

    def _ask(self, prompt: Sequence[int], asked: Mapping[str, Any]) -> Any:
        body = {"model": self.model, "prompt": list(prompt), **PLAIN, **asked, **self.options}
        return post(f"{self.url}/v1/completions", body)["choices"][0]


@dataclass(frozen=True)
class SGLang:
    """An SGLang server: /generate with ids, its input log-probabilities as the teacher.

    url: such as "http://localhost:30000". top: how many chances per token. options: further sampling
    parameters.
    """

    url: str
    top: int = 20
    options: Mapping[str, Any] = field(default_factory=dict)

    def write(self, prompt: Sequence[int], max_new_tokens: int, seed: int) -> list[int]:
        """New tokens. The seed is not sent: the server draws from its own generator."""
        found = self._ask(prompt, {"max_new_tokens": max_new_tokens, "ignore_eos": True}, {})
        return [int(token) for token in found["output_ids"]]

    def likely(self, prompt: Sequence[int], tokens: Sequence[int]) -> list[Listed]:
        """Chances at each token, from one pass over the whole text."""
        asked = {"return_logprob": True, "logprob_start_len": 0, "top_logprobs_num": self.top}
        found = self._ask([*prompt, *tokens], {"max_new_tokens": 1}, asked)
        rows = found["meta_info"]["input_top_logprobs"][-len(tokens) :]
        return [{int(entry[1]): exp(entry[0]) for entry in row} for row in rows]

    def _ask(self, ids: Sequence[int], sampling: Mapping[str, Any], asked: Mapping[str, Any]) -> Any:
        params = {**PLAIN, "top_k": -1, **sampling, **self.options}
        return post(f"{self.url}/generate", {"input_ids": list(ids), "sampling_params": params, **asked})


@dataclass(frozen=True)
class LlamaCpp:
    """A llama.cpp server: /completion with ids, n_probs of one-token requests as the teacher.

    url: such as "http://localhost:8080". eos: the end token, which the server does not return: it is added
    where a text ended with it. top: how many chances per token. options: further entries of each request.
    """

    url: str
    eos: int | None = None
    top: int = 20
    options: Mapping[str, Any] = field(default_factory=dict)

    def write(self, prompt: Sequence[int], max_new_tokens: int, seed: int) -> list[int]:
        """New tokens, the end token included."""
        found = self._ask(prompt, {"n_predict": max_new_tokens, "seed": seed, "return_tokens": True})
        tokens = [int(token) for token in found["tokens"]]
        if found.get("stop_type") == "eos" and (not tokens or tokens[-1] != self.eos):
            if self.eos is None:
                raise ValueError("a text ended with the end token, which counts as well; pass its id as eos")
            tokens.append(self.eos)
        return tokens

    def likely(self, prompt: Sequence[int], tokens: Sequence[int]) -> list[Listed]:
        """Chances at each token, one request per token; the server's cache keeps that cheap."""
        return [self._next([*prompt, *tokens[:end]]) for end in range(len(tokens))]

    def _next(self, text: Sequence[int]) -> Listed:
        found = self._ask(text, {"n_predict": 1, "n_probs": self.top, "post_sampling_probs": False})
        (row,) = found["completion_probabilities"][:1]
        return {int(entry["id"]): exp(entry["logprob"]) for entry in row["top_logprobs"]}

    def _ask(self, prompt: Sequence[int], asked: Mapping[str, Any]) -> Any:
        off = {"top_k": 0, "repeat_penalty": 1.0, "samplers": ["temperature"]}
        return post(
            f"{self.url}/completion", {"prompt": list(prompt), **PLAIN, **off, **asked, **self.options}
        )


def post(url: str, body: Mapping[str, Any], seconds: float = 300.0) -> Any:
    """The JSON answer to a JSON request. ConnectionError, with the server's words, where there is none."""
    request = Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urlopen(request, timeout=seconds) as answer:
            return json.load(answer)
    except HTTPError as refused:
        words = refused.read(500).decode(errors="replace")
        raise ConnectionError(f"{url} answered {refused.code}: {words}") from None
    except URLError as missing:
        raise ConnectionError(f"no server answers at {url}: {missing.reason}; is it running?") from None
