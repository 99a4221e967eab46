"""What surrounds the rule: everything that a generator promises beside the law of one text.

    check_state       every promise that the generator makes, by the options that it takes
    check_seeds       a text is a function of prompt, options and seed, whoever its batch mates are
    check_batch       texts of a batch are independent, and each has the law that it has alone
    check_repeats     a second call owes nothing to the first: prefix caches
    check_logprobs    log-probabilities are those of the law that was asked for
    divergence        why a greedy text differs from plain decoding: forward pass, or verifier

All but the last take a generator as `check_generator_exactly` does, which see. Laws are exact wherever random
numbers are decided, and by comparison of texts where they are seeded.
"""

from .batches import check_batch
from .greedy import Divergence, divergence
from .logprobs import check_logprobs
from .promises import check_state
from .repeats import check_repeats
from .seeds import check_seeds

__all__ = [
    "Divergence",
    "check_batch",
    "check_logprobs",
    "check_repeats",
    "check_seeds",
    "check_state",
    "divergence",
]
