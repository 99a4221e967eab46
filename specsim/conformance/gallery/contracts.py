"""What foreign code is called with, and what each option of a generator means, exactly.

    chain      verify(target, draft, tokens, rng) -> emitted tokens: the kept ones, then one more
    batch      the same with a leading axis on all arrays; a list of lists comes back, or rows padded with -1
    tree       verify(target, draft, tokens, parent, rng), target by node, draft the law of each token
    generator  generate(target, draft, prompt, max_new_tokens, rng, **options) -> new tokens
    drafter    draw(context, rng) -> token, with declared(context) -> law (V,)

A model is a callable from a context, a tuple of tokens, to the law (V,) of the next token. Options of a
generator change the law of the text, never by whom a token is proposed:

    gamma           how many tokens a round drafts, at most; the law of the text does not depend on it
    processor       a function (context, law) -> law, applied at every position before anything else; its
                    context is all that precedes the position: prompt, new tokens, drafted ones of the round
    temperature     then law ** (1 / temperature), normalised; 0 puts all mass on the most likely token, the
                    lowest id among equals
    top_k, top_p    then only the top_k most likely tokens, then only the fewest whose mass reaches top_p,
                    equals of the last one included
    eos             the text ends with its first token eos, which is part of it, wherever in a round it stands
    max_new_tokens  the text has exactly so many tokens, unless eos ends it before; never more
    seed            in place of rng: the text is a function of prompt, options and seed, whatever ran before
    prompt          may be a list of prompts: a list of texts comes back, and `seed` is a list then. Each text
                    is the one that its prompt and seed give alone, whoever its batch mates are
    logprobs        True: (tokens, logprobs) comes back, logprobs[i] the log of the law that was asked for,
                    all other options applied, at tokens[i] after everything before it; no matter whether
                    that token was kept, a correction or a bonus

`asked` is that law, and `text_law` the law of the whole text:

>>> coin = lambda context: np.array([0.8, 0.2])
>>> asked(coin, temperature=0.5)((0,)).round(4)
array([0.9412, 0.0588])
>>> {text: round(chance, 2) for text, chance in text_law(coin, (0,), 2, eos=1).items()}
{(1,): 0.2, (0, 1): 0.16, (0, 0): 0.64}
"""

from collections.abc import Callable, Sequence

import numpy as np

from specsim.decode.sampling import warp

from .reference import Model

Processor = Callable[[tuple[int, ...], np.ndarray], np.ndarray]
"""From a context and the model's law after it to the law that is to be used."""


def asked(
    model: Model,
    processor: Processor | None = None,
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
) -> Model:
    """The model whose law is the one asked for: processor, temperature, top_k, top_p, in this order.

    >>> asked(lambda context: np.array([0.4, 0.4, 0.2]), temperature=0)(())
    array([1., 0., 0.])
    """
    shaped = warp(temperature, top_k, top_p)

    def law(context: tuple[int, ...]) -> np.ndarray:
        given = model(context)
        if processor is not None:
            given = processor(context, given)
        if (temperature, top_k, top_p) == (1, 0, 1):
            return given
        with np.errstate(divide="ignore"):
            return shaped(np.log(given))

    return law


def text_law(
    model: Model, prompt: Sequence[int], max_new_tokens: int, eos: int | None = None
) -> dict[tuple[int, ...], float]:
    """The law of the text that a model writes after a prompt: what a generator has to return.

    model: with the options already applied, see `asked`. Returns the chance of each possible text.
    """
    done: dict[tuple[int, ...], float] = {}
    open_: dict[tuple[int, ...], float] = {(): 1.0}
    for _ in range(max_new_tokens):
        longer = {
            (*text, token): chance * float(p)
            for text, chance in open_.items()
            for token, p in enumerate(model((*prompt, *text)))
            if p > 0
        }
        done |= {text: chance for text, chance in longer.items() if text[-1] == eos}
        open_ = {text: chance for text, chance in longer.items() if text[-1] != eos}
    return done | open_


def no_repeats(context: tuple[int, ...], law: np.ndarray) -> np.ndarray:
    """A processor that forbids the last token of the context: a grammar of one rule, with state.

    >>> no_repeats((1, 0), np.array([0.5, 0.3, 0.2]))
    array([0. , 0.6, 0.4])
    """
    rest = np.array(law)
    rest[context[-1]] = 0
    return rest / rest.sum()
