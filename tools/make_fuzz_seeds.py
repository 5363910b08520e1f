#!/usr/bin/env python3
"""Writes the small models and data that the fuzz module mutates.

    tools/make_fuzz_seeds.py fuzz/src/main/resources/dev/pleat/fuzz/seeds

Needs numpy, onnx, safetensors, tokenizers and pillow. The same versions give the same bytes.
"""

import gzip
import json
import pathlib
import struct
import sys

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper as nh
from PIL import Image
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

rng = np.random.default_rng(20)


def weight(name, *shape, dtype=np.float32):
    fan = int(np.prod(shape[1:])) or 1
    return nh.from_array((rng.standard_normal(shape) / fan**0.5).astype(dtype), name)


def info(name, shape, kind=T.FLOAT):
    return h.make_tensor_value_info(name, kind, shape)


def norm(name, n, dtype=np.float32):
    """The four vectors of a batch normalisation."""
    return [
        nh.from_array((1 + 0.1 * rng.standard_normal(n)).astype(dtype), name + ".g"),
        nh.from_array((0.1 * rng.standard_normal(n)).astype(dtype), name + ".b"),
        nh.from_array((0.1 * rng.standard_normal(n)).astype(dtype), name + ".m"),
        nh.from_array((1 + 0.1 * rng.random(n)).astype(dtype), name + ".v"),
    ]


def model(folder, name, nodes, inputs, outputs, weights, opset=17):
    graph = h.make_graph(nodes, name, inputs, outputs, weights)
    made = h.make_model(graph, opset_imports=[h.make_opsetid("", opset)], ir_version=8)
    onnx.checker.check_model(made)
    onnx.save(made, folder / (name + ".onnx"))
    return made


def bn(x, name, y):
    return h.make_node("BatchNormalization", [x] + [name + s for s in (".g", ".b", ".m", ".v")], [y])


def conv_net(folder, name, kind=T.FLOAT, dtype=np.float32, n=8):
    nodes = [
        h.make_node("Conv", ["x", "w1"], ["c1"], pads=[1, 1, 1, 1]),
        bn("c1", "n1", "b1"),
        h.make_node("Relu", ["b1"], ["r1"]),
        h.make_node("Conv", ["r1", "w2", "c2.b"], ["c2"], pads=[1, 1, 1, 1], group=n),
        h.make_node("Clip", ["c2", "low", "high"], ["r2"]),
        h.make_node("Conv", ["r2", "w3"], ["c3"]),
        h.make_node("Add", ["c3", "r1"], ["s"]),
        h.make_node("GlobalAveragePool", ["s"], ["p"]),
        h.make_node("Flatten", ["p"], ["f"]),
        h.make_node("Gemm", ["f", "fc", "fc.b"], ["y"], transB=1),
    ]
    weights = [
        weight("w1", n, 3, 3, 3, dtype=dtype),
        *norm("n1", n, dtype),
        weight("w2", n, 1, 3, 3, dtype=dtype),
        weight("c2.b", n, dtype=dtype),
        nh.from_array(np.array(0, dtype), "low"),
        nh.from_array(np.array(6, dtype), "high"),
        weight("w3", n, n, 1, 1, dtype=dtype),
        weight("fc", 5, n, dtype=dtype),
        weight("fc.b", 5, dtype=dtype),
    ]
    inputs = [info("x", ["N", 3, 8, 8], kind)]
    return model(folder, name, nodes, inputs, [info("y", ["N", 5], kind)], weights)


def encoder(folder):
    nodes = [
        h.make_node("Gather", ["table", "ids"], ["e"]),
        h.make_node("LayerNormalization", ["e", "ln.g", "ln.b"], ["l"], axis=-1),
        h.make_node("MatMul", ["l", "up"], ["u"]),
        h.make_node("Div", ["u", "root2"], ["d"]),
        h.make_node("Erf", ["d"], ["erf"]),
        h.make_node("Add", ["erf", "one"], ["a"]),
        h.make_node("Mul", ["u", "a"], ["g"]),
        h.make_node("MatMul", ["g", "down"], ["o"]),
        h.make_node("Add", ["e", "o"], ["r"]),
        h.make_node("Shape", ["ids"], ["shape"]),
        h.make_node("Concat", ["shape", "parts"], ["wanted"], axis=0),
        h.make_node("Reshape", ["r", "wanted"], ["heads"]),
        h.make_node("ReduceMean", ["heads"], ["y"], axes=[1], keepdims=0),
    ]
    weights = [
        weight("table", 32, 8),
        weight("ln.g", 8),
        weight("ln.b", 8),
        weight("up", 8, 16),
        nh.from_array(np.array(2**0.5, np.float32), "root2"),
        nh.from_array(np.array(1, np.float32), "one"),
        weight("down", 16, 8),
        nh.from_array(np.array([2, 4], np.int64), "parts"),
    ]
    inputs = [info("ids", ["batch", "length"], T.INT64)]
    model(folder, "encoder", nodes, inputs, [info("y", ["batch", 2, 4])], weights)


def sequence(folder):
    nodes = [
        h.make_node("Conv", ["x", "w1", "b1"], ["c1"], pads=[1, 1]),
        h.make_node("PRelu", ["c1", "slope"], ["r1"]),
        h.make_node("Split", ["r1", "sizes"], ["left", "right"], axis=1),
        h.make_node("Sigmoid", ["right"], ["gate"]),
        h.make_node("Mul", ["left", "gate"], ["m"]),
        h.make_node("Slice", ["m", "from", "to", "axis"], ["s"]),
        h.make_node("Concat", ["s", "m"], ["j"], axis=1),
        h.make_node("ConvTranspose", ["j", "w2"], ["t"], strides=[2]),
        h.make_node("Transpose", ["t"], ["p"], perm=[0, 2, 1]),
        h.make_node("MatMul", ["p", "w3"], ["y"]),
    ]
    weights = [
        weight("w1", 12, 2, 3),
        weight("b1", 12),
        weight("slope", 12, 1),
        nh.from_array(np.array([6, 6], np.int64), "sizes"),
        nh.from_array(np.array([2], np.int64), "from"),
        nh.from_array(np.array([6], np.int64), "to"),
        nh.from_array(np.array([1], np.int64), "axis"),
        weight("w2", 10, 6, 2),
        weight("w3", 6, 3),
    ]
    model(folder, "sequence", nodes, [info("x", [1, 2, 10])], [info("y", [1, 20, 3])], weights)


def conditional(folder):
    body = h.make_graph(
        [h.make_node("MatMul", ["r", "inner"], ["then"])],
        "then",
        [],
        [info("then", ["N", 4])],
        [weight("inner", 8, 4)],
    )
    other = h.make_graph(
        [h.make_node("MatMul", ["r", "outer"], ["else"])], "else", [], [info("else", ["N", 4])]
    )
    nodes = [
        h.make_node("Gemm", ["x", "w1", "b1"], ["h"]),
        h.make_node("Relu", ["h"], ["g"]),
        h.make_node("MatMul", ["g", "w2"], ["r"]),
        h.make_node("If", ["cond"], ["y"], then_branch=body, else_branch=other),
    ]
    weights = [weight("w1", 6, 10), weight("b1", 10), weight("w2", 10, 8), weight("outer", 8, 4)]
    inputs = [info("x", ["N", 6]), info("cond", [], T.BOOL)]
    model(folder, "conditional", nodes, inputs, [info("y", ["N", 4])], weights)


def outside(folder):
    made = conv_net(folder, "outside", n=40)
    path = folder / "outside.onnx"
    path.unlink()
    onnx.save(made, path, save_as_external_data=True, location="outside.bin", size_threshold=64)


def directory(folder):
    folder.mkdir()
    hidden, inner, vocabulary = 16, 24, 96
    config = {
        "model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": hidden,
        "intermediate_size": inner, "vocab_size": vocabulary, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "rms_norm_eps": 1e-5,
        "max_position_embeddings": 64, "rope_theta": 10000.0, "tie_word_embeddings": False,
        "bos_token_id": 1, "eos_token_id": 2, "hidden_act": "silu", "torch_dtype": "float32",
    }
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    (folder / "generation_config.json").write_text('{"bos_token_id": 1, "eos_token_id": 2}\n')

    def array(*shape):
        return (rng.standard_normal(shape) / shape[-1] ** 0.5).astype(np.float32)

    parts = [{"model.embed_tokens.weight": array(vocabulary, hidden)}, {}]
    for layer, part in enumerate(parts):
        at = f"model.layers.{layer}."
        for name, out in (("q", hidden), ("k", hidden // 2), ("v", hidden // 2), ("o", hidden)):
            part[f"{at}self_attn.{name}_proj.weight"] = array(out, hidden)
        part[at + "mlp.gate_proj.weight"] = array(inner, hidden)
        part[at + "mlp.up_proj.weight"] = array(inner, hidden)
        part[at + "mlp.down_proj.weight"] = array(hidden, inner)
        part[at + "input_layernorm.weight"] = np.ones(hidden, np.float32)
        part[at + "post_attention_layernorm.weight"] = np.ones(hidden, np.float32)
    parts[1]["model.norm.weight"] = np.ones(hidden, np.float32)
    parts[1]["lm_head.weight"] = array(vocabulary, hidden)
    index = {"metadata": {"total_size": 0}, "weight_map": {}}
    for number, part in enumerate(parts, 1):
        name = f"model-0000{number}-of-00002.safetensors"
        save_file(part, folder / name, metadata={"format": "pt"})
        index["metadata"]["total_size"] += sum(a.nbytes for a in part.values())
        index["weight_map"].update({tensor: name for tensor in part})
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=1) + "\n")

    text = "Once upon a time there was a small model that ate too much. " * 4
    (folder / "text.txt").write_text(text)
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, special_tokens=["<unk>", "<s>", "</s>"], show_progress=False
    )
    tokenizer.train_from_iterator([text], trainer)
    tokenizer.save(str(folder / "tokenizer.json"))


def data(folder):
    pixels = rng.integers(0, 256, (12, 8, 8, 3), np.uint8)
    np.save(folder / "images.npy", rng.standard_normal((12, 3, 8, 8)).astype(np.float32))
    np.savez(folder / "arrays.npz", x=rng.standard_normal((12, 3, 8, 8)).astype(np.float32))
    np.savez_compressed(folder / "ids.npz", ids=rng.integers(0, 32, (12, 6)))
    plain = pixels[:, :, :, 0]
    idx = struct.pack(">IIII", 0x803, *plain.shape) + plain.tobytes()
    (folder / "images.idx3-ubyte").write_bytes(idx)
    (folder / "images.idx3-ubyte.gz").write_bytes(gzip.compress(idx, mtime=0))
    (folder / "labels.idx1-ubyte").write_bytes(
        struct.pack(">II", 0x801, 12) + bytes(i % 5 for i in range(12))
    )
    for kind in ("png", "jpg", "bmp", "gif"):
        for i in range(2):
            target = folder / f"pictures/class{i}"
            target.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels[i]).save(target / f"{i}.{kind}")


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    conv_net(folder, "convolutions")
    conv_net(folder, "half", T.FLOAT16, np.float16)
    encoder(folder)
    sequence(folder)
    conditional(folder)
    outside(folder)
    directory(folder / "llama")
    data(folder)


main()
