"""Encoder–decoder base models of a few thousand random weights, with a tokenizer learnt from given texts."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    BartConfig,
    BartForConditionalGeneration,
    PreTrainedTokenizerFast,
    T5Config,
    T5ForConditionalGeneration,
)

Kind = Literal["t5", "bart"]


def write_tiny_seq2seq(folder: Path, texts: Sequence[str], kind: Kind, *, seed: int = 0) -> Path:
    """As T5's own, the tokenizer knows no lines and closes every text with its end token."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))  # noqa: S106
    tokenizer.normalizer = normalizers.Replace("\n", " ")
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    special = ["<pad>", "</s>", "<unk>"]
    tokenizer.train_from_iterator(
        texts, trainers.BpeTrainer(vocab_size=200, special_tokens=special, show_progress=False)
    )
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    wrapped = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="</s>", pad_token="<pad>")  # noqa: S106
    torch.manual_seed(seed)
    model = tiny_t5(len(wrapped)) if kind == "t5" else tiny_bart(len(wrapped))
    model.generation_config.min_length = 30  # as of a base that was made for summaries
    model.save_pretrained(folder)
    wrapped.save_pretrained(folder)
    return folder


def tiny_t5(n_tokens: int) -> T5ForConditionalGeneration:
    return T5ForConditionalGeneration(
        T5Config(
            vocab_size=n_tokens,
            d_model=32,
            d_kv=8,
            d_ff=64,
            num_layers=2,
            num_heads=4,
            dropout_rate=0.0,
            decoder_start_token_id=0,
        )
    )


def tiny_bart(n_tokens: int) -> BartForConditionalGeneration:
    return BartForConditionalGeneration(
        BartConfig(
            vocab_size=n_tokens,
            d_model=32,
            encoder_layers=2,
            decoder_layers=2,
            encoder_attention_heads=4,
            decoder_attention_heads=4,
            encoder_ffn_dim=64,
            decoder_ffn_dim=64,
            dropout=0.0,
            init_std=0.3,  # wide enough that an adapter of a random model can learn
            pad_token_id=0,
            bos_token_id=1,
            eos_token_id=1,
            decoder_start_token_id=1,  # BART begins with its end token
            forced_eos_token_id=1,
        )
    )
