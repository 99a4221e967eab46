"""Messages are a prompt too: the tokenizer's template turns them into ids, up to where the answer begins."""

from copy import deepcopy

import pytest

from specsim.decode import autoregressive, generate
from specsim.models import load_pair
from specsim.models.transformers_model import CausalLM

PAIR = load_pair("builtin")
ASKED = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "What is a tree?"}]
TEMPLATE = (
    "{% for message in messages %}<{{ message.role }}> {{ message.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)
WRITTEN = "<system> Be brief.\n<user> What is a tree?\n<assistant>"


@pytest.fixture
def chatting():
    tokenizer = deepcopy(PAIR.tokenizer)
    tokenizer.chat_template = TEMPLATE
    return CausalLM(PAIR.target.model, tokenizer)


def test_the_answer_to_messages_continues_what_the_template_makes_of_them(chatting):
    chosen = {"gamma": 3, "max_new_tokens": 10, "rng": 1}
    ids = chatting.tokenizer(WRITTEN, add_special_tokens=False)["input_ids"]
    made = generate(chatting, PAIR.draft, ASKED, **chosen)
    assert made.prompt == tuple(ids)
    assert made.tokens == generate(chatting, PAIR.draft, ids, **chosen).tokens


def test_several_chats_are_answered_side_by_side(chatting):
    chosen = {"max_new_tokens": 10, "rng": [1, 2]}
    together = autoregressive(chatting, [ASKED, ASKED[1:]], **chosen)
    alone = [
        autoregressive(chatting, chat, max_new_tokens=10, rng=rng)
        for chat, rng in ((ASKED, 1), (ASKED[1:], 2))
    ]
    assert [made.tokens for made in together] == [made.tokens for made in alone]


@pytest.mark.parametrize("pair, why", [("builtin", "has none"), ("toy", "has no tokenizer")])
def test_without_a_template_there_is_no_chat(pair, why):
    pair = load_pair(pair)
    with pytest.raises(ValueError, match=why):
        generate(pair.target, pair.draft, ASKED)
