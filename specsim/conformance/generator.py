"""Does this text generator keep the target's law? The front door for whole generators.

The exact law first: a generator that takes its models is walked over a small pair, several rounds long. What
cannot be walked (a compiled engine, a large network, a server) is sampled: the target reads what came out,
and each token is held against the law that it gives ("teacher forcing"). Without laws, a second generator
that is known to be right takes their place.

>>> from specsim.conformance.gallery.toys import TOYS
>>> toy = TOYS["small"]
>>> def generate(prompt, max_new_tokens, rng):                    # not the target: the draft
...     text = list(prompt)
...     for _ in range(max_new_tokens):
...         text.append(int(rng.choice(3, p=toy.draft(tuple(text)))))
...     return text[len(prompt):]
>>> rng = np.random.default_rng(0)
>>> report = check_generator(generate, toy.target, toy.draft, prompts=[(0,)], rng=rng)
>>> report.verdict, report.method
('lossy', 'sampled')
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import cycle
from typing import Any, TypeVar

import numpy as np

from .report import Diagnosis, Report
from .roles import role_of
from .rows import plain
from .sequential import EProcess
from .teacher import forced, shaped
from .two_sample import SwapTest

Generate = Callable[..., Any]
Test = TypeVar("Test", EProcess, SwapTest)
NOTHING = (
    "there is nothing to hold the texts against: pass target, a callable from a context to the law of the "
    "next token, or reference, a generator that is known to be right"
)


def check_generator(
    generate: Generate,
    target: Any = None,
    draft: Any = None,
    *,
    prompts: Sequence[Sequence[int]] | None = None,
    reference: Generate | None = None,
    max_tokens: int = 20_000,
    max_new_tokens: int = 24,
    alpha: float = 1e-6,
    tolerance: float = 1e-6,
    gamma: int | None = None,
    eos: int | None = None,
    options: Mapping[str, Any] | None = None,
    rng: Any = None,
    exactly: bool = True,
    seconds: float = 60.0,
    test: EProcess | SwapTest | None = None,
) -> Report:
    """The verdict on a generator: by exact law where it can be walked, else by sampling.

    generate: (target, draft, prompt, max_new_tokens, rng, **options) -> new tokens, or, with models of its
    own,
        (prompt, max_new_tokens, rng, **options) -> new tokens.
    target, draft: models as `teacher.forced` takes them. Each token has to have the target's law, with those
        options applied that shape it: processor, temperature, top_k, top_p. draft only sharpens the test.
    reference: where there is no target: a generator, called like `generate`, that is known to be right.
    prompts: taken in turn. max_tokens: looked at in all, at most; max_new_tokens: asked for per text.
    alpha: chance of a false alarm, whenever one stops. tolerance: total variation per token that the laws may
        be off by. gamma: drafted tokens per round, if known. eos: the id that ends a text.
    options: keywords handed on to generate, as gallery.contracts says. rng: seed or generator handed on.
    exactly, seconds: try the exact law first, where generate takes models, for at most so long.
    test: an EProcess to go on with, or with a reference a SwapTest.
    Returns a Report; sampling alone never says "exact". Raises ValueError where generate cannot be called, or
    there is nothing to hold its texts against.
    """
    given = dict(options or {})
    if exactly and takes_models(generate):
        found = _exactly(generate, given, seconds, prompts is None)
        if found is not None:
            return found
    ask = _asking(generate, target, draft, rng, given)
    texts = _texts(ask, prompts, max_new_tokens, given.get("eos", eos), max_tokens)
    subject = getattr(generate, "__qualname__", type(generate).__name__)
    if target is not None:
        fresh = EProcess(alpha, tolerance=tolerance, gamma=gamma)
        return _forced(texts, shaped(target, given), draft, _gone_on_with(test, fresh), subject)
    if reference is None:
        raise ValueError(NOTHING)
    peer = _asking(reference, target, draft, rng, given)
    return _compared(texts, peer, _gone_on_with(test, SwapTest(alpha)), max_new_tokens, subject)


def _gone_on_with(test: Any, fresh: Test) -> Test:
    """The test that was passed, or a fresh one of the kind that is needed."""
    if test is not None and not isinstance(test, type(fresh)):
        raise ValueError(
            "an EProcess goes on with laws of a target, a SwapTest with texts of a reference: "
            f"{type(fresh).__name__} is needed, got {type(test).__name__}"
        )
    return fresh if test is None else test


def takes_models(generate: Generate) -> bool:
    """Whether a generator takes its models as arguments: it names a target, or wants five things.

    >>> takes_models(lambda target, draft, prompt, n, rng: None), takes_models(lambda prompt, n, rng: None)
    (True, False)
    """
    try:
        parameters = inspect.signature(generate).parameters.values()
    except (TypeError, ValueError):
        return False
    needed = [one for one in parameters if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD]
    return len(needed) >= 5 or any(role_of(one.name) == "target" for one in needed)


def _exactly(generate: Generate, options: Mapping[str, Any], seconds: float, alone: bool) -> Report | None:
    """The exact verdict; None where sampling may know more. alone: there is nothing to sample."""
    from . import check_generator_exactly

    try:
        found = check_generator_exactly(generate, seconds=seconds, **options)
    except ValueError:
        if alone:
            raise
        return None
    return found if alone or found.verdict != "unknown" else None


def _asking(
    generate: Generate, target: Any, draft: Any, rng: Any, options: Mapping[str, Any]
) -> Callable[[Sequence[int], int], Any]:
    """generate as a function of (prompt, max_new_tokens)."""
    source = rng if not isinstance(rng, int | None) else np.random.default_rng(rng)
    if takes_models(generate):
        return lambda prompt, count: generate(target, draft, prompt, count, source, **options)
    return lambda prompt, count: generate(prompt, count, source, **options)


Written = tuple[tuple[int, ...], list[int], Diagnosis | None]
"""A prompt, the tokens after it, and what is wrong with them whatever the law."""


def _texts(
    ask: Callable[[Sequence[int], int], Any],
    prompts: Sequence[Sequence[int]] | None,
    count: int,
    eos: int | None,
    most: int,
) -> Iterator[Written]:
    """Texts after the prompts in turn, until there are `most` tokens or one text is wrong in itself."""
    if not prompts:
        raise ValueError("a generator that is sampled needs prompts: pass prompts=[[id, ...], ...]")
    seen = 0
    for prompt in cycle(tuple(prompt) for prompt in prompts):
        try:
            tokens = [int(token) for token in plain(ask(prompt, count)).reshape(-1)]
        except TypeError as wrong:
            if seen == 0:
                raise ValueError(
                    f"generate is called as (prompt, max_new_tokens, rng) -> new tokens: {wrong}"
                ) from wrong
            raise
        except Exception as crash:
            words = f"It raised {type(crash).__name__}: {crash}"
            yield prompt, [], Diagnosis("crash", words, f"Try the prompt {prompt} with {count} tokens.")
            return
        wrong_end = _ending(tokens, count, eos)
        yield prompt, tokens, wrong_end
        seen += max(len(tokens), 1)
        if wrong_end is not None or seen >= most:
            return


def _ending(tokens: list[int], count: int, eos: int | None) -> Diagnosis | None:
    """What is wrong with where a text ends."""
    if len(tokens) > count:
        words = f"A text of {len(tokens)} tokens came where at most {count} were asked for."
        return Diagnosis("stopping", words, "Cut the last round at the limit.")
    if eos is not None and eos in tokens[:-1]:
        return Diagnosis(
            "stopping", "Tokens came after the end token.", "Cut a round at the end token in it."
        )
    return None


def _forced(texts: Iterator[Written], target: Any, draft: Any, test: EProcess, subject: str) -> Report:
    """Each token against the law that the target gives it."""
    for prompt, tokens, fault in texts:
        if fault is not None:
            return Report("lossy", "sampled", diagnosis=fault, samples=test.tokens, subject=subject)
        if not tokens:
            continue
        rows = forced(target, prompt, tokens)
        test.read(tokens, rows, None if draft is None else forced(draft, prompt, tokens))
        if test.rejected:
            break
    return verdict(test, subject)


def _compared(
    texts: Iterator[Written],
    reference: Callable[[Sequence[int], int], Any],
    test: SwapTest,
    count: int,
    subject: str,
) -> Report:
    """Each text against one of the reference."""
    for prompt, tokens, fault in texts:
        if fault is not None:
            return Report("lossy", "sampled", diagnosis=fault, samples=test.tokens, subject=subject)
        if test.update(tokens, reference(prompt, count), prompt).rejected:
            break
    return verdict(
        test, subject, "held against texts of the reference generator; laws would need fewer tokens"
    )


def verdict(test: EProcess | SwapTest, subject: str = "", *notes: str) -> Report:
    """What a sequential test says by now."""
    return Report(
        "lossy" if test.rejected else "unknown",
        "sampled",
        diagnosis=_diagnosis(test),
        samples=test.tokens,
        evalue=min(test.peak, 1e300),
        detectable=None if test.rejected else test.caught(),
        notes=(f"false alarms: at most {test.alpha:g}, whenever one stops", *notes),
        subject=subject,
    )


def _diagnosis(test: EProcess | SwapTest) -> Diagnosis | None:
    if not isinstance(test, EProcess):
        return None
    if test.impossible:
        words = "A token came to which the target gives no chance."
        return Diagnosis(
            "state", words, "Apply the same filters to the target wherever a token may come from."
        )
    return test.suspect
