"""What a parameter is, by its name: target laws, draft laws, drafted tokens, randomness, and the rest.

Published decoders agree on what a verifier needs and on nothing about what it is called. A name is taken
apart into words; what it talks about (laws or tokens, target or draft) decides.

>>> [role_of(name) for name in ("p", "draft_token_ids", "assistant_logits", "uniform_samples", "generator")]
['target', 'tokens', 'draft logits', 'uniforms', 'rng']
"""

import re

SHORT = {
    "p": "target",
    "ps": "target",
    "q": "draft",
    "qs": "draft",
    "x": "tokens",
    "xs": "tokens",
    "u": "uniforms",
    "us": "uniforms",
    "rs": "uniforms",
    "g": "rng",
    "k": "gamma",
    "n": "gamma",
    "gamma": "gamma",
    "v": "vocab",
}
"""Names of one letter, and the like: the reading that most papers share."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


LAWS = _words(
    "prob probs probability probabilities dist dists distribution distributions law laws row rows pmf pmfs "
    "p q ps qs softmax softmaxed logit logits logprob logprobs lp logp scores"
)
TOKENS = _words(
    "token tokens tok toks id ids drafted drafts candidate candidates proposal proposals proposed guess "
    "guesses sampled seq sequence"
)
TARGET = _words("target tgt p ps t model main large big teacher base verifier oracle true full expensive")
DRAFT = _words(
    "draft drafter drafted q qs d small assistant aux student proposal proposer approx cheap ssm spec "
    "speculative candidate candidates helper"
)
LOGITS = _words("logit logits")
LOGS = _words("logprob logprobs lp logp log")
COUNT = _words("num n len length lengths count max number k size")

ANSWERS = (
    (_words("exponential exponentials expo"), "exponentials"),
    (_words("gumbel gumbels"), "gumbels"),
    (_words("uniform uniforms coin coins rand rands us u randoms numbers draws"), "uniforms"),
    (_words("rng generator gen prng random randomness randomstate rnd rngs"), "rng"),
    (_words("parent parents"), "parent"),
    (_words("seed"), "seed"),
    (_words("vocab vocabulary"), "vocab"),
    (_words("batch"), "batch size"),
    (_words("temperature temp"), "temperature"),
    (_words("device"), "device"),
    (_words("pad padding placeholder"), "pad"),
    (_words("eos stop"), "eos"),
    (_words("out output outputs result emitted"), "out"),
    (_words("prompt prefix context history"), "context"),
    (_words("gamma lookahead"), "gamma"),
)
"""Words that settle what a name means, the first match counts."""


def words_of(name: str) -> list[str]:
    """The words of a name.

    >>> words_of("draftTokenIds_2")
    ['draft', 'token', 'ids']
    """
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]


def role_of(name: str) -> str | None:
    """What a parameter of this name is given, None where the name says nothing."""
    words = words_of(name)
    found = set(words)
    if len("".join(words)) < 3 or "_".join(words) in SHORT:
        return SHORT.get("_".join(words))
    if "top" in found:
        return "top k" if "k" in found else "top p"
    if not found & LAWS and ("new" in found or ("max" in found and not found & DRAFT)):
        return "length"
    if "bonus" in found:
        return "bonus law" if found & LAWS else "bonus token"
    for keys, role in ANSWERS:
        if found & keys:
            return role
    return _law_or_tokens(found)


def _law_or_tokens(found: set[str]) -> str | None:
    if found & LAWS:
        return _side(found)
    if found & COUNT and found & (TOKENS | DRAFT):
        return "gamma"
    if found & TOKENS:
        return "tokens"
    if found & TARGET:
        return "target"
    return "draft" if found & DRAFT else None


def _side(found: set[str]) -> str | None:
    form = " logits" if found & LOGITS else " logs" if found & LOGS else ""
    if found & DRAFT:
        return "draft" + form
    return "target" + form if found & TARGET or form else None


def is_certain(name: str) -> bool:
    """Whether a name says more than one letter about whose laws it holds; p and q mean both in the papers.

    >>> is_certain("p_rows"), is_certain("target_probs")
    (False, True)
    """
    return bool(set(words_of(name)) & (TARGET | DRAFT) - {"p", "q", "ps", "qs"})
