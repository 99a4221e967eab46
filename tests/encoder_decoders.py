"""Tiny encoder-decoder networks with random weights, in float64."""

import torch
from transformers import (
    BartConfig,
    BartForConditionalGeneration,
    MT5Config,
    MT5ForConditionalGeneration,
    T5Config,
    T5ForConditionalGeneration,
    UMT5Config,
    UMT5ForConditionalGeneration,
)

from specsim.models.encoder_decoder import EncoderDecoderLM

IDS = {"pad_token_id": 0, "eos_token_id": 2, "decoder_start_token_id": 0}


def t5(seed, vocabulary=7, layers=1, kind=(T5Config, T5ForConditionalGeneration), **settings):
    """Distances are told apart up to 8, so that a wrong one shows."""
    torch.manual_seed(seed)
    config = kind[0](
        vocab_size=vocabulary,
        d_model=8,
        d_kv=4,
        d_ff=8,
        num_layers=1,
        num_decoder_layers=layers,
        num_heads=2,
        relative_attention_num_buckets=16,
        relative_attention_max_distance=32,
        initializer_factor=1.5,
        **IDS | settings,
    )
    return EncoderDecoderLM(kind[1](config).double())


def mt5(seed, layers=1):
    return t5(seed, layers=layers, kind=(MT5Config, MT5ForConditionalGeneration))


def umt5(seed, layers=1):
    return t5(seed, layers=layers, kind=(UMT5Config, UMT5ForConditionalGeneration))


def bart(seed):
    torch.manual_seed(seed)
    config = BartConfig(
        vocab_size=7,
        d_model=8,
        encoder_layers=1,
        decoder_layers=2,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=8,
        decoder_ffn_dim=8,
        max_position_embeddings=16,
        init_std=0.7,
        bos_token_id=1,
        forced_eos_token_id=None,
        **IDS,
    )
    return EncoderDecoderLM(BartForConditionalGeneration(config).double())


NETWORKS = {
    "t5": lambda: t5(1, layers=2),
    "mt5": lambda: mt5(1),
    "umt5": lambda: umt5(1, 2),
    "bart": lambda: bart(1),
}
