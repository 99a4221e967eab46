"""Temperature 0, top_k = 1 and the rule `greedy` write the target's most likely text, whatever is drafted."""

import numpy as np
import pytest

from specsim.core import rules
from specsim.decode import autoregressive, generate

PROMPT = [1, 0, 1]


def most_likely(model, length):
    text = list(PROMPT)
    for _ in range(length):
        text.append(int(np.argmax(model(np.array([text]))[0])))
    return tuple(text[len(PROMPT) :])


EXACT = [rule for rule in rules.RULES.values() if rule.exact]
SETTINGS = {
    "temperature 0": {"temperature": 0},
    "top_k 1": {"top_k": 1},
    "tiny top_p": {"top_p": 1e-9},
    "rule greedy": {"rule": "greedy"},
    "a tree": {"shape": "tree:2,2:distinct", "temperature": 0},
}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
@pytest.mark.parametrize("gamma", [1, 3])
def test_speculation_does_not_change_the_most_likely_text(tieless, settings, gamma):
    target, draft = tieless.target, tieless.draft
    chosen = {"gamma": gamma} | settings if "shape" not in settings else settings
    made = generate(target, draft, PROMPT, max_new_tokens=20, rng=1, eos=(), **chosen)
    assert made.tokens == most_likely(target, 20)


@pytest.mark.parametrize("rule", EXACT, ids=repr)
def test_at_temperature_0_every_exact_rule_is_greedy(networks, rule):
    made = generate(
        networks.target, networks.draft, PROMPT, rule=rule, temperature=0, max_new_tokens=20, eos=()
    )
    assert made.tokens == most_likely(networks.target, 20)


def test_plain_greedy_is_the_most_likely_text(pair):
    made = autoregressive(pair.target, PROMPT, temperature=0, max_new_tokens=20, eos=())
    assert made.tokens == most_likely(pair.target, 20)
