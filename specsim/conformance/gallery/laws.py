"""What an exhibit emits, exactly: the law of its first tokens on its toy, against the target's.

Verifiers are put into a decoder that drafts from the toy, verifies, and goes on from what was emitted; every
draft is listed with its chance, and every call is walked through all its random choices. Generators are
walked as a whole. Batches are two requests side by side, and their law is the joint one.

>>> from specsim.conformance.gallery import GALLERY
>>> law = emitted(GALLERY["M18"], 1)
>>> round(law[0,], 4), round(distance(law, due(GALLERY["M18"], 1)), 4)
(0.4535, 0.3545)
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from specsim.core.draft import Parent, Shape, chain
from specsim.core.grow import every, grow
from specsim.core.grow import score as score_tree
from specsim.theory.strings import add

from .contracts import asked, text_law
from .exhibit import Exhibit
from .reference import Model, score, verify
from .toys import TOYS, Toy

Law = dict[Any, float]
"""Chance of each outcome: a text, two texts, or a crash."""

Text = tuple[int, ...]

Walk = Callable[[Callable[[Any], Any]], Law]
"""From a function of a generator to the exact law of what it returns."""

Call = tuple[float, tuple[Any, ...]]
"""The chance of a draft, and the arguments with which a verifier is called for it."""

TREE: Parent = (0, 0, 1)
"""The draft of the exhibits that take trees: two candidates, and one token after the first."""

MATE: Text = (1,)
"""The prompt of the second request of a batch."""

SHAPING = ("processor", "temperature", "top_k", "top_p")


def emitted(exhibit: Exhibit, length: int = 5, walk: Walk | None = None, toy: Toy | None = None) -> Law:
    """The law of the first `length` tokens that come out of an exhibit on its toy, or on another one.

    walk: how calls are walked, by the engine of the kit unless given. A crash is an outcome too.
    """
    toy = toy or TOYS[exhibit.pair]
    walk = walk or (walked_torch if exhibit.array == "torch" else walked)
    if exhibit.contract == "generator":
        return walk(partial(_text, exhibit, toy, length))
    if exhibit.contract == "batch":
        return _rounds(partial(_batch_round, exhibit, toy, walk), ((), ()), length)
    known: dict[int, Law] = {}

    def after(texts: tuple[Text]) -> Law:
        context = (*toy.prompt, *texts[0])
        if context[-1] not in known:
            known[context[-1]] = grouped(_round(exhibit, toy, walk, context), lambda text: (text,))
        return known[context[-1]]

    return grouped(_rounds(after, ((),), length), lambda texts: texts[0])


def due(exhibit: Exhibit, length: int = 5, toy: Toy | None = None) -> Law:
    """The law that should come out: the target's own, with the options of the exhibit."""
    toy, options = toy or TOYS[exhibit.pair], exhibit.options
    target = asked(toy.target, **{name: options[name] for name in SHAPING if name in options})
    law = text_law(target, toy.prompt, length, options.get("eos"))
    if exhibit.contract != "batch":
        return law
    mate = text_law(target, MATE, length)
    return {(one, two): p * q for (one, p), (two, q) in product(law.items(), mate.items())}


def distance(law: Mapping[Any, float], expected: Mapping[Any, float]) -> float:
    """Total variation: half the sum of |law - expected| over all outcomes."""
    return sum(abs(law.get(key, 0) - expected.get(key, 0)) for key in {*law, *expected}) / 2


def grouped(law: Mapping[Any, float], key: Callable[[Any], Any]) -> Law:
    """The law of a function of the outcome."""
    found: Law = {}
    for outcome, chance in law.items():
        add(found, key(outcome), chance)
    return found


def walked(run: Callable[[Any], Any]) -> Law:
    """The exact law of run(rng), rng a NumPy generator; what seeds itself is run as it is: one outcome."""
    from ..engine import numpy_rng

    law = _explored(lambda: run(numpy_rng()))
    return {run(None): 1.0} if any("seeds a generator itself" in note for note in law.notes) else law.chances


def walked_torch(run: Callable[[Any], Any]) -> Law:
    """The exact law of run(rng), rng a torch generator."""
    import torch  # noqa: F401, before the walk begins: importing it draws random numbers

    from ..engine import torch_rng

    return _explored(lambda: run(torch_rng())).chances


def _explored(function: Callable[[], Any]) -> Any:
    """The law of function(), every branch of it."""
    from ..engine import exact_law

    law = exact_law(function, leaves=10_000_000, seconds=3600)
    if law.unexplored:
        raise RuntimeError(
            f"the law must be complete, but {law.unexplored} was not reached; take a smaller toy"
        )
    return law


def _text(exhibit: Exhibit, toy: Toy, length: int, rng: Any) -> Text:
    """The text alone: without the log-probabilities, where those were asked for."""
    options = {name: value for name, value in exhibit.options.items() if name != "seed"}
    made = exhibit.run(toy.target, toy.draft, toy.prompt, length, rng, gamma=toy.gamma, **options)
    return tuple(made[0] if options.get("logprobs") else made)


def _rounds(after: Callable[[Any], Law], begin: Any, length: int) -> Law:
    """The law of texts of this length, round after round; `after` is the law of what a round adds."""
    done: Law = {}
    todo: Law = {begin: 1.0}
    while todo:
        texts = min(todo, key=lambda pair: sum(map(len, pair)))
        chance = todo.pop(texts)
        for new, p in after(texts).items():
            if not _is_texts(new):
                add(done, new, chance * p)
                continue
            longer = tuple((*text, *more)[:length] for text, more in zip(texts, new))
            add(done if all(len(text) == length for text in longer) else todo, longer, chance * p)
    return done


def _is_texts(outcome: Any) -> bool:
    """Whether this is what a round adds to one or two texts, and not a crash."""
    return isinstance(outcome, tuple) and all(isinstance(text, tuple) for text in outcome)


def _round(exhibit: Exhibit, toy: Toy, walk: Walk, context: Text) -> Law:
    """What one round adds after a context."""
    found: Law = {}
    for chance, arguments in _calls(exhibit, toy, walk, context):
        for new, p in walk(partial(_verified, exhibit, arguments)).items():
            add(found, new, chance * p)
    return found


def _batch_round(exhibit: Exhibit, toy: Toy, walk: Walk, texts: tuple[Text, ...]) -> Law:
    """What one round adds to two requests."""
    prompts = (toy.prompt, MATE)
    both = [list(_calls(exhibit, toy, walk, (*prompt, *text))) for prompt, text in zip(prompts, texts)]
    found: Law = {}
    for (one, mine), (two, mates) in product(*both):
        arguments = tuple(np.stack(pair) for pair in zip(mine, mates))
        for new, p in walk(partial(_verified, exhibit, arguments)).items():
            add(found, new, one * two * p)
    return found


def _verified(exhibit: Exhibit, arguments: tuple[Any, ...], rng: Any) -> Any:
    """What the verifier emits, called with copies of these arguments."""
    run: Callable[..., Any] = verify if exhibit.contract == "drafter" else exhibit.run
    fresh = [np.array(given) if isinstance(given, np.ndarray) else given for given in arguments]
    if exhibit.array == "torch":
        from torch import as_tensor

        fresh = list(map(as_tensor, fresh))
    made = run(*fresh, rng)
    return tuple(map(tuple, made)) if exhibit.contract == "batch" else tuple(map(int, made))


def _calls(exhibit: Exhibit, toy: Toy, walk: Walk, context: Text) -> Iterator[Call]:
    """Every draft after a context."""
    if exhibit.contract == "drafter":
        yield from _drafted(exhibit, toy, walk, context)
        return
    parent = TREE if exhibit.contract == "tree" else chain(toy.gamma)
    start = np.array([context])
    chances, draft = grow(_many(toy.draft), start, Shape(parent, exhibit.how), every)
    targets = score_tree(_many(toy.target), np.repeat(start, len(chances), axis=0), draft)
    for chance, *given in zip(chances, targets, draft.laws, draft.tokens):
        yield float(chance), (*given, parent) if exhibit.contract == "tree" else tuple(given)


def _drafted(exhibit: Exhibit, toy: Toy, walk: Walk, context: Text) -> Iterator[Call]:
    """Every chain that a drafter draws; the verifier is told the declared laws."""
    declared = exhibit.declared or toy.draft
    drafts: Law = {(): 1.0}
    for _ in range(toy.gamma):
        drafts = {
            (*tokens, token): chance * p
            for tokens, chance in drafts.items()
            for token, p in walk(partial(exhibit.run, (*context, *tokens))).items()
        }
    for tokens, chance in drafts.items():
        laws = [declared((*context, *tokens[:i])) for i in range(len(tokens))]
        yield chance, (np.array(score(toy.target, context, tokens)), np.array(laws), np.array(tokens))


def _many(model: Model) -> Callable[[np.ndarray], np.ndarray]:
    return lambda tokens: np.stack([model(tuple(row)) for row in tokens.tolist()])
