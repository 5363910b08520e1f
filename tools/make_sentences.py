#!/usr/bin/env python3
"""Cuts texts into sentences and writes them as inputs of a sentence encoder.

usage: make_sentences.py TOKENIZER.json OUT.npz COUNT TEXT...

Takes COUNT sentences spread evenly over each text, at most 32 tokens each, and writes input_ids,
attention_mask and token_type_ids as an .npz that `pleat eval --inputs` reads. The committed file:

    python tools/make_sentences.py all-minilm-l6-v2-tokenizer.json \
        onnx/src/test/resources/sentences/sentences.npz 50 tinystories-sample.txt persuasion.txt

Needs tokenizers and numpy.
"""
import re
import sys
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

TOKENS = 32


def sentences(text, count):
    found = [s.strip() for s in re.split(r"(?<=[.!?])\s+", " ".join(text.split()))]
    found = [s for s in found if len(s.split()) > 3]
    return [found[i * len(found) // count] for i in range(count)]


def main():
    tokenizer, out, count, *texts = sys.argv[1:]
    encoder = Tokenizer.from_file(tokenizer)
    encoder.enable_truncation(TOKENS)
    encoder.enable_padding(length=TOKENS)
    chosen = [s for text in texts for s in sentences(Path(text).read_text(), int(count))]
    encoded = encoder.encode_batch(chosen)
    np.savez_compressed(
        out,
        input_ids=np.array([e.ids for e in encoded], dtype=np.int64),
        attention_mask=np.array([e.attention_mask for e in encoded], dtype=np.int64),
        token_type_ids=np.array([e.type_ids for e in encoded], dtype=np.int64),
    )
    print(f"{len(chosen)} sentences")


main()
