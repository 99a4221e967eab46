"""Models that read other tokens than the target.

A draft is of use if it can say something about the target's next token; it need not have been trained on the
target's tokens. What both vocabularies share is text.

    surfaces       what each token stands for, in bytes, and which tokens two vocabularies have in common
    retelling      a text in one tokenizer's ids, told in another's
    following      a session that reads such a retelling while the text grows
    token_level    a model over the target's tokens, made of one over others

Timor et al. 2025 (2502.05202).
"""

from .token_level import TokenLevel, fitted, token_level

__all__ = ["TokenLevel", "fitted", "token_level"]
