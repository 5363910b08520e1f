"""Compares the logits of Pleat's graphs with those of Hugging Face transformers.

Makes a tiny random model of each family with transformers' own classes, saves it, folds it with
`pleat fold`, exports both with `pleat export`, and runs the exports in ONNX Runtime: once whole, and
once in two steps with the cache of keys and values. Prints a table of the largest absolute
differences; fails above 1e-3, and where transformers reports weights that are missing, left over,
newly initialised or of another shape.

    pip install torch transformers safetensors onnxruntime
    python tools/compare_with_transformers.py [MODEL_DIR|FAMILY ...]

With directories, such as folded ones, or families as the table names them only those are compared.
The environment variable PLEAT names another command than the pleat of this checkout.
"""

import logging
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnxruntime
import torch
import transformers as hf

LIMIT = 1e-3
PLEAT = os.environ.get("PLEAT", Path(__file__).resolve().parent.parent / "pleat")
SIZES = dict(vocab_size=96, hidden_size=32, num_hidden_layers=3, num_attention_heads=4,
             intermediate_size=48, max_position_embeddings=64)
GROUPED = dict(SIZES, num_key_value_heads=2)
LLAMA3 = dict(rope_type="llama3", rope_theta=10000.0, factor=8.0, low_freq_factor=1.0,
              high_freq_factor=4.0, original_max_position_embeddings=16)
YARN = dict(rope_type="yarn", rope_theta=10000.0, factor=4.0, original_max_position_embeddings=16)
LONG = dict(rope_type="longrope", rope_theta=10000.0, short_factor=[1.0, 1.1, 1.3, 1.8],
            long_factor=[1.0, 2.0, 3.0, 4.0], original_max_position_embeddings=32)
LINEAR = dict(full_attention=dict(rope_type="linear", rope_theta=1e6, factor=8.0),
              sliding_attention=dict(rope_type="default", rope_theta=1e4))
EXPERTS = dict(GROUPED, num_experts_per_tok=2, num_experts=4, num_local_experts=4,
               moe_intermediate_size=24, shared_expert_intermediate_size=40)

FAMILIES = {
    "llama": lambda: hf.LlamaConfig(**GROUPED),
    "llama, tied, biased": lambda: hf.LlamaConfig(
        **GROUPED, tie_word_embeddings=True, attention_bias=True, mlp_bias=True),
    "llama, llama3 rope": lambda: hf.LlamaConfig(**GROUPED, rope_parameters=LLAMA3),
    "llama, yarn": lambda: hf.LlamaConfig(**GROUPED, rope_parameters=YARN),
    "llama, head_dim 16": lambda: hf.LlamaConfig(**GROUPED, head_dim=16),
    "mistral, window 5": lambda: hf.MistralConfig(**GROUPED, sliding_window=5),
    "qwen2": lambda: hf.Qwen2Config(**GROUPED),
    "qwen3": lambda: hf.Qwen3Config(**GROUPED, head_dim=16),
    "gemma": lambda: hf.GemmaConfig(**GROUPED, head_dim=16),
    "gemma2, window 5": lambda: hf.Gemma2Config(
        **GROUPED, head_dim=16, sliding_window=5, query_pre_attn_scalar=24,
        attn_logit_softcapping=2.0, final_logit_softcapping=3.0),
    "gemma3, window 5": lambda: hf.Gemma3TextConfig(
        **dict(GROUPED, num_hidden_layers=7), head_dim=16, sliding_window=5,
        query_pre_attn_scalar=24, rope_parameters=LINEAR),
    "phi3": lambda: hf.Phi3Config(**GROUPED, pad_token_id=0),
    "phi3, partial longrope": lambda: hf.Phi3Config(
        **dict(GROUPED, hidden_size=64), pad_token_id=0, original_max_position_embeddings=32,
        rope_parameters=dict(LONG, partial_rotary_factor=0.5)),
    "smollm (llama)": lambda: hf.LlamaConfig(
        **dict(GROUPED, num_attention_heads=9, num_key_value_heads=3, hidden_size=72),
        tie_word_embeddings=True),
    "opt": lambda: hf.OPTConfig(
        **{k: v for k, v in SIZES.items() if k != "intermediate_size"}, ffn_dim=48,
        word_embed_proj_dim=32),
    "gpt2": lambda: hf.GPT2Config(vocab_size=96, n_embd=32, n_layer=3, n_head=4, n_positions=64),
    "gpt_neox, parallel": lambda: hf.GPTNeoXConfig(**SIZES),
    "gpt_neox, sequential": lambda: hf.GPTNeoXConfig(**SIZES, use_parallel_residual=False),
    "mixtral": lambda: hf.MixtralConfig(**{k: v for k, v in EXPERTS.items() if k in GROUPED
                                           or k in ("num_experts_per_tok", "num_local_experts")}),
    "qwen2_moe": lambda: hf.Qwen2MoeConfig(
        **{k: v for k, v in EXPERTS.items() if k != "num_local_experts"}),
    "qwen3_moe": lambda: hf.Qwen3MoeConfig(
        **{k: v for k, v in EXPERTS.items() if not k.startswith("shared")
           and k != "num_local_experts"}, head_dim=16, norm_topk_prob=True),
    "starcoder2": lambda: hf.Starcoder2Config(**GROUPED),
    "starcoder2, window 5": lambda: hf.Starcoder2Config(**GROUPED, sliding_window=5),
    "stablelm": lambda: hf.StableLmConfig(**GROUPED, use_qkv_bias=True),
    "phi": lambda: hf.PhiConfig(**GROUPED),
    "nemotron": lambda: hf.NemotronConfig(**GROUPED),
    "arcee": lambda: hf.ArceeConfig(**GROUPED),
    "seed_oss": lambda: hf.SeedOssConfig(**GROUPED, head_dim=16),
    "ernie4_5": lambda: hf.Ernie4_5Config(**GROUPED, head_dim=16),
    "helium": lambda: hf.HeliumConfig(**GROUPED, head_dim=8),
    "glm": lambda: hf.GlmConfig(**GROUPED, head_dim=16, pad_token_id=0),
    "glm4": lambda: hf.Glm4Config(**GROUPED, head_dim=16, pad_token_id=0),
    "gpt_neo, window 5": lambda: hf.GPTNeoConfig(
        vocab_size=96, hidden_size=32, num_layers=4, num_heads=4, max_position_embeddings=64,
        attention_types=[[["global", "local"], 2]], window_size=5),
    "electra (hidden states)": lambda: hf.ElectraConfig(**SIZES, embedding_size=32),
    "distilbert (hidden states)": lambda: hf.DistilBertConfig(
        vocab_size=96, dim=32, n_layers=3, n_heads=4, hidden_dim=48, max_position_embeddings=64),
    "bert (hidden states)": lambda: hf.BertConfig(**SIZES),
    "roberta (hidden states)": lambda: hf.RobertaConfig(**SIZES, layer_norm_eps=1e-5),
}


def is_encoder(config):
    return config.model_type in ("bert", "roberta", "electra", "distilbert")


def loader(config):
    return hf.AutoModel if is_encoder(config) else hf.AutoModelForCausalLM


def make(config, folder):
    torch.manual_seed(0)
    model = loader(config).from_config(config)
    with torch.no_grad():
        for parameter in model.parameters():
            # Large enough for attention to be far from uniform, so that positions matter.
            spread = 0.3 if parameter.dim() > 1 else 0.1
            parameter.add_(spread * torch.randn_like(parameter))
    model.save_pretrained(folder)


def feeds(session, batch):
    empty = {}
    for declared in session.get_inputs():
        if declared.name.startswith("past"):
            shape = [batch if d == "batch" else 0 if d == "past" else d for d in declared.shape]
            empty[declared.name] = np.zeros(shape, np.float32)
    return empty


def hidden(session, tokens):
    """The last hidden states of an encoder."""
    inputs = dict(input_ids=tokens,
                  position_ids=np.tile(np.arange(tokens.shape[1]), (len(tokens), 1)))
    return session.run(["hidden_out"], inputs)[0].reshape(*tokens.shape, -1)


def step(session, tokens, positions, past):
    inputs = dict(past, input_ids=tokens, position_ids=np.tile(positions, (len(tokens), 1)))
    names = [o.name for o in session.get_outputs()]
    outputs = dict(zip(names, session.run(names, inputs)))
    past = {n.replace("present", "past_key_values"): v for n, v in outputs.items() if n != "logits"}
    return outputs["logits"], past


def pleat(*arguments):
    done = subprocess.run([str(PLEAT), *map(str, arguments), "--force", "-q"],
                          capture_output=True, text=True)
    if done.returncode:
        raise Complaint(done.stderr.strip())


class Complaint(Exception):
    """What is wrong with a directory."""


class Messages(logging.Handler):
    """Keeps what transformers says while it loads."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.texts = []

    def emit(self, record):
        self.texts.append(record.getMessage())


def load(folder, config):
    said = Messages()
    hf.logging.get_logger("transformers").addHandler(said)
    try:
        model, info = loader(config).from_pretrained(
            folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True)
    finally:
        hf.logging.get_logger("transformers").removeHandler(said)
    # The encoders' pooler is part of no fold, and transformers' own files of them lack it too.
    wrong = {kind: [str(key) for key in keys if "pooler" not in str(key)]
             for kind, keys in info.items()}
    wrong = {kind: keys for kind, keys in wrong.items() if keys}
    texts = [t for t in said.texts if re.search("initiali[sz]ed|mismatch|missing|unexpected", t, re.I)
             and "pooler" not in t]
    if wrong or texts:
        raise Complaint(f"transformers reports {wrong} {texts}")
    return model.eval()


def compare(folder):
    export = Path(folder) / "compared.onnx"
    pleat("export", folder, "-o", export)
    config = hf.AutoConfig.from_pretrained(folder)
    model = load(folder, config)
    tokens = np.random.default_rng(0).integers(3, config.get_text_config().vocab_size, (2, 24))
    session = onnxruntime.InferenceSession(str(export))
    with torch.no_grad():
        result = model(torch.tensor(tokens))
    if is_encoder(config):
        expected = result.last_hidden_state.numpy()
        export.unlink()
        return np.abs(expected).max(), np.abs(hidden(session, tokens) - expected).max(), np.nan
    expected = result.logits.numpy()
    whole, _ = step(session, tokens, np.arange(24), feeds(session, 2))
    first, past = step(session, tokens[:, :17], np.arange(17), feeds(session, 2))
    second, _ = step(session, tokens[:, 17:], np.arange(17, 24), past)
    cached = np.concatenate([first, second], 1)
    export.unlink()
    return np.abs(expected).max(), np.abs(whole - expected).max(), np.abs(cached - expected).max()


def main():
    hf.logging.set_verbosity_error()
    hf.logging.disable_progress_bar()
    worst = 0.0
    print(f"transformers {hf.__version__}, torch {torch.__version__}, "
          f"onnxruntime {onnxruntime.__version__}")
    print(f"{'model':<34}{'largest logit':>14}{'whole':>12}{'with cache':>12}")
    with tempfile.TemporaryDirectory() as folder:
        jobs = [(Path(p).name, Path(p)) for p in sys.argv[1:] if p not in FAMILIES]
        if not jobs:
            jobs = [(name, Path(folder) / str(i)) for i, name in enumerate(FAMILIES)
                    if len(sys.argv) == 1 or name in sys.argv]
            for name, path in jobs:
                make(FAMILIES[name](), path)
            jobs += [(f"{name}, folded", path.with_suffix(".folded")) for name, path in jobs]
        for name, path in jobs:
            try:
                if path.suffix == ".folded":
                    pleat("fold", path.with_suffix(""), "-o", path, "--channels", 0.5,
                          "--round", 1, "--repair", "none")
                size, whole, cached = compare(path)
            except Complaint as complaint:
                worst = float("inf")
                print(f"{name:<34}{complaint}")
                continue
            worst = max(worst, whole, 0 if np.isnan(cached) else cached)
            print(f"{name:<34}{size:>14.3f}{whole:>12.1e}{cached:>12.1e}", flush=True)
    sys.exit(0 if worst <= LIMIT else 1)


if __name__ == "__main__":
    main()
