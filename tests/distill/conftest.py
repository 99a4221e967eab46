"""A tiny random target with a tokenizer and a chat template, and lessons of it."""

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from specsim.distill.course import Course
from specsim.distill.lessons import School, collect, tokens_of
from specsim.distill.teacher import Teacher
from specsim.models.transformers_model import CausalLM

WORDS = ["<s>", "</s>", "user", *(f"w{i}" for i in range(30))]
TEMPLATE = "{% for m in messages %}<s> user {{ m['content'] }} </s>{% endfor %}"
TEXT = " ".join(WORDS[3 + i * i % 30] for i in range(1000))


@pytest.fixture(scope="session")
def lm():
    torch.set_num_threads(1)
    torch.manual_seed(2)
    vocabulary = {word: i for i, word in enumerate(WORDS)}
    words = Tokenizer(models.WordLevel(vocabulary, unk_token="user"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, bos_token="<s>", eos_token="</s>")
    tokenizer.chat_template = TEMPLATE
    config = LlamaConfig(
        vocab_size=len(WORDS),
        hidden_size=48,
        intermediate_size=48,
        num_hidden_layers=3,
        num_attention_heads=4,
        max_position_embeddings=64,
        initializer_range=0.3,
        tie_word_embeddings=True,
        bos_token_id=0,
        eos_token_id=1,
    )
    return CausalLM(LlamaForCausalLM(config), tokenizer)


@pytest.fixture(scope="session")
def teacher(lm):
    return Teacher(lm.model)


@pytest.fixture(scope="session")
def text(tmp_path_factory):
    path = tmp_path_factory.mktemp("text") / "text.txt"
    path.write_text(TEXT)
    return path


@pytest.fixture(scope="session")
def school(lm, teacher, text):
    return School(teacher, lm.tokenizer, tokens_of([text], lm.tokenizer), rows=6, length=40)


@pytest.fixture(scope="session")
def course(school, tmp_path_factory):
    folder = tmp_path_factory.mktemp("lessons")
    for _ in collect(school, 4, 0, folder):
        pass
    return Course(tuple(sorted(folder.glob("*.safetensors"))))
