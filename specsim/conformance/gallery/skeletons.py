"""Files for students to fill in: each has one or two holes, written `...`, and is graded by its exact law."""

ACCEPTANCE = '''
"""Which chance keeps a drafted token?

The draft drew `token` from the law draft[i]; it must come out with the law target[i]. Tokens that the draft
likes less than the target are too rare already, so keep all of them. Of the others keep only a share.
Replace the dots. Leviathan et al. 2023 (2211.17192), section 2.3.
"""

import numpy as np


def verify(target, draft, tokens, rng):
    for i, token in enumerate(tokens):
        keep = ...
        if rng.random() >= keep:
            rest = np.maximum(target[i] - draft[i], 0)
            return [*tokens[:i], rng.choice(len(rest), p=rest / rest.sum())]
    return [*tokens, rng.choice(len(target[-1]), p=target[-1])]
'''

CORRECTION = '''
"""Which law has the token after a rejection?

Drafted tokens are kept with chance min(1, target / draft), so each token x has come out with probability
min(target(x), draft(x)) before anything is corrected. What is still owed? Replace the dots by weights (V,),
which need not sum to 1. Leviathan et al. 2023 (2211.17192), appendix A.1.
"""

import numpy as np


def verify(target, draft, tokens, rng):
    for i, token in enumerate(tokens):
        if rng.random() * draft[i][token] >= target[i][token]:
            rest = ...
            return [*tokens[:i], rng.choice(len(rest), p=rest / rest.sum())]
    return [*tokens, rng.choice(len(target[-1]), p=target[-1])]
'''

BONUS = '''
"""What follows a draft that was kept in full?

The target was evaluated along the whole draft: row i of `target` is the law after i drafted tokens. Replace
the dots by the law of one more token, which costs nothing. Chen et al. 2023 (2302.01318), Algorithm 2.
"""

import numpy as np


def verify(target, draft, tokens, rng):
    for i, token in enumerate(tokens):
        if rng.random() * draft[i][token] >= target[i][token]:
            rest = np.maximum(target[i] - draft[i], 0)
            return [*tokens[:i], rng.choice(len(rest), p=rest / rest.sum())]
    law = ...
    return [*tokens, rng.choice(len(law), p=law)]
'''

CHOSEN = '''
"""What if the draft was not drawn at all?

Prompt look-up and greedy drafts propose a token without chance, so there is no law of the draft. Find the
chance to keep `token`, and the weights (V,) of the correction, from target[i] alone.
"""

import numpy as np


def verify(target, tokens, rng):
    for i, token in enumerate(tokens):
        keep = ...
        if rng.random() >= keep:
            rest = ...
            return [*tokens[:i], rng.choice(len(rest), p=rest / rest.sum())]
    return [*tokens, rng.choice(len(target[-1]), p=target[-1])]
'''

SIBLINGS = '''
"""Two candidates for one position: what does the target owe after the first was rejected?

The tree hangs below node 0; token j is node j + 1 and hangs below node parent[j]; target[node] is the law
after that node, draft[j] the law that token j was drawn from. The candidates of a node are tried in turn.
Replace the dots by the law (V,), summing to 1, that the next one has to be tested against.
Miao et al. 2024 (2305.09781).
"""

import numpy as np


def verify(target, draft, tokens, parent, rng):
    kept, node, left = [], 0, target[0]
    while candidates := [j for j, above in enumerate(parent) if above == node]:
        for j in candidates:
            if rng.random() * draft[j][tokens[j]] < left[tokens[j]]:
                kept, node, left = [*kept, tokens[j]], j + 1, target[j + 1]
                break
            left = ...
        else:
            break
    return [*kept, rng.choice(len(left), p=left)]
'''

DISTINCT = '''
"""Candidates without replacement: which law was the second one drawn from?

Each node has one candidate or two. The first is drawn from `law`, the second from what is left of it when the
first is taken out. You are given the first one's law alone. Replace the dots. Jeon et al. 2024 (2402.14160).
"""

import numpy as np


def second_law(law, taken):
    """The law (V,) of the second candidate, summing to 1, when the first was the token `taken`.

    Where nothing is left of the law, the second is drawn uniformly from all other tokens.
    """
    ...


def verify(target, draft, tokens, parent, rng):
    kept, node, left = [], 0, target[0]
    while candidates := [j for j, above in enumerate(parent) if above == node]:
        law = draft[candidates[0]]
        for j in candidates:
            if rng.random() * law[tokens[j]] < left[tokens[j]]:
                kept, node, left = [*kept, tokens[j]], j + 1, target[j + 1]
                break
            rest = np.maximum(left - law, 0)
            left = rest / rest.sum()
            law = second_law(law, tokens[j])
        else:
            break
    return [*kept, rng.choice(len(left), p=left)]
'''

BLOCK = '''
"""Decide on the whole block together, and keep at least as many tokens.

weight[i] is the chance that a prefix of i tokens is still in play: weight[0] = 1, and each token multiplies
it by target / draft there, never above 1. From the last prefix to the first, prefix i is kept with chance

    excess / (excess + 1 - weight[i]),   excess = sum of what the target owes there,

and then followed by a token drawn from what is owed. Replace the dots: the next weight, and what the target
owes after i tokens. Sun et al. 2024 (2403.10444), Algorithm 2.
"""

import numpy as np


def verify(target, draft, tokens, rng):
    weight = [1.0]
    for i, token in enumerate(tokens):
        weight.append(...)
    if rng.random() < weight[-1]:
        return [*tokens, rng.choice(len(target[-1]), p=target[-1])]
    for i in reversed(range(len(tokens))):
        rest = ...
        excess = rest.sum()
        if rng.random() * (excess + (1 - weight[i])) < excess:
            return [*tokens[:i], rng.choice(len(rest), p=rest / excess)]
    return [rng.choice(len(target[0]), p=target[0])]  # rounding alone leads here
'''

DRAFTER = '''
"""Which law must a drafter declare?

This one draws two tokens from `model` and proposes the likelier of both. What is the law of its proposal?
Replace the dots by the probability that token x is proposed.
"""

import numpy as np


def model(context):
    return np.array([0.5, 0.3, 0.2] if context[-1] == 0 else [0.1, 0.6, 0.3])


def draw(context, rng):
    law = model(context)
    one, two = (rng.choice(3, p=law) for _ in range(2))
    return one if law[one] >= law[two] else two


def declared(context):
    law = model(context)
    return np.array([... for x in range(3)])
'''

WHOLE = '''
"""All of it, from nothing: a verifier that emits the target's law.

target (n + 1, V): row i is the target's law after i drafted tokens; draft (n, V): the law that tokens[i] was
drawn from. Return the kept tokens and one more. Use rng.random() and rng.choice(V, p=law), nothing else.
"""

import numpy as np


def verify(target, draft, tokens, rng):
    ...
'''
