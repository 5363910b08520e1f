"""Compares folds of a Llama-like directory with other ways to make it smaller, at the same sizes.

Makes a directory for each method and width, from the formulas of the papers, and lets `pleat eval`
read the texts with each, so that all are measured alike. Prints a table of perplexities.

    pip install torch transformers safetensors
    python tools/llm_peers.py MODEL_DIR --width 1280,1088 --text prose.txt --text python.txt \
        [--calibration TEXT] [--context 512] [--seed 0] [--tokens 9984]

Neurons are chosen layer by layer, as many in each:
  magnitude  sum of the squares of a neuron's weights in gate, up and down
  Wanda-sp   2306.11695 for whole neurons: mean over outputs of |down|·root mean square of h
  FLAP       2312.11983: variance of h times the squared norm of down; what the removed neurons give
             on average becomes a bias (mlp_bias)
Layers go where their input and output point the same way:
  ShortGPT   2403.03853: as many layers as the neurons of a width are worth in parameters, rounded,
             by the least 1 - cos(x_l, x_l+1)
Wanda-sp, FLAP and ShortGPT look at --calibration, or else at text that the model writes from its
beginning token. The environment variable PLEAT names another command than the pleat of this checkout.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import torch
import transformers as hf
from safetensors.torch import load_file, save_file

PLEAT = os.environ.get("PLEAT", Path(__file__).resolve().parent.parent / "pleat")
LENGTH = 312


def pleat(*arguments):
    done = subprocess.run([str(PLEAT), *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr.strip())
    return done.stdout


class Statistics:
    """What each layer's down projection reads, and how far each layer turns the stream."""

    def __init__(self, model, tokens):
        layers = model.model.layers
        width = model.config.intermediate_size
        self.count = 0
        self.sum = torch.zeros(len(layers), width, dtype=torch.float64)
        self.squares = torch.zeros(len(layers), width, dtype=torch.float64)
        self.turn = torch.zeros(len(layers), dtype=torch.float64)
        for number, layer in enumerate(layers):
            layer.mlp.down_proj.register_forward_pre_hook(
                lambda module, inputs, number=number: self.neurons(number, inputs[0]))
        for sequence in tokens:
            with torch.no_grad():
                states = model(sequence[None], output_hidden_states=True).hidden_states
            self.count += len(sequence)
            for number in range(len(layers)):
                cosine = torch.cosine_similarity(states[number], states[number + 1], dim=-1)
                self.turn[number] += (1 - cosine).double().sum()

    def neurons(self, number, h):
        h = h.reshape(-1, h.shape[-1]).double()
        self.sum[number] += h.sum(0)
        self.squares[number] += h.square().sum(0)

    def mean(self, number):
        return self.sum[number] / self.count

    def square(self, number):
        return self.squares[number] / self.count


def written(model, start, tokens, seed):
    """Text that the model writes from its beginning token, as Pleat lets it."""
    torch.manual_seed(seed)
    begun = torch.full((max(1, tokens // LENGTH), 1), start)
    with torch.no_grad():
        return list(model.generate(begun, do_sample=True, temperature=1.0, top_k=0, top_p=1.0,
                                   min_length=LENGTH, max_length=LENGTH, pad_token_id=0))


def read(file, folder, tokens):
    ids = hf.AutoTokenizer.from_pretrained(folder)(Path(file).read_text())["input_ids"]
    return list(torch.tensor(ids[:tokens]).split(LENGTH))


def blocks(weights):
    """The names of gate, up and down of each layer."""
    names = [n for n in weights if re.search(r"\.mlp\.down_proj\.weight$", n)]
    names.sort(key=lambda n: int(re.search(r"layers\.(\d+)\.", n)[1]))
    return [[n.replace("down_proj", p) for p in ("gate_proj", "up_proj", "down_proj")]
            for n in names]


def scores(method, number, gate, up, down, statistics):
    if method == "magnitude":
        return gate.square().sum(1) + up.square().sum(1) + down.square().sum(0)
    if method == "Wanda-sp":
        return (down.abs() * statistics.square(number).sqrt()).mean(0)
    variance = statistics.square(number) - statistics.mean(number).square()
    return variance * down.square().sum(0)


def narrower(method, weights, config, width, statistics):
    weights, config = dict(weights), dict(config, intermediate_size=width)
    for number, names in enumerate(blocks(weights)):
        gate, up, down = (weights[n].double() for n in names)
        ranked = scores(method, number, gate, up, down, statistics).argsort(descending=True)
        kept, gone = ranked[:width].sort()[0], ranked[width:]
        stored = weights[names[0]].dtype
        if method == "FLAP":
            config["mlp_bias"] = True
            for name, length in zip(names, (width, width, len(down))):
                weights[name.replace(".weight", ".bias")] = torch.zeros(length, dtype=stored)
            bias = down[:, gone] @ statistics.mean(number)[gone]
            weights[names[2].replace(".weight", ".bias")] = bias.to(stored)
        for name, narrow in zip(names, (gate[kept], up[kept], down[:, kept])):
            weights[name] = narrow.to(stored).contiguous()
    return weights, config


def shorter(weights, config, count, statistics):
    gone = sorted(statistics.turn.argsort()[:count].tolist())
    left = {}
    for name, tensor in weights.items():
        found = re.search(r"layers\.(\d+)\.", name)
        number = int(found[1]) if found else -1
        if number not in gone:
            now = number - sum(g < number for g in gone)
            left[name.replace(f"layers.{number}.", f"layers.{now}.", 1)] = tensor
    return left, dict(config, num_hidden_layers=config["num_hidden_layers"] - count), gone


def parameters(weights):
    return sum(tensor.numel() for tensor in weights.values())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--width", required=True)
    parser.add_argument("--text", action="append", required=True)
    parser.add_argument("--calibration")
    parser.add_argument("--context", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tokens", type=int, default=9984)
    options = parser.parse_args()
    hf.logging.set_verbosity_error()
    hf.logging.disable_progress_bar()
    widths = [int(w) for w in options.width.split(",")]
    weights = load_file(options.model / "model.safetensors")
    config = json.loads((options.model / "config.json").read_text())
    model = hf.AutoModelForCausalLM.from_pretrained(options.model, dtype=torch.float32).eval()
    tokens = (read(options.calibration, options.model, options.tokens) if options.calibration
              else written(model, model.generation_config.bos_token_id, options.tokens,
                           options.seed))
    statistics = Statistics(model, tokens)
    dense = parameters(weights)
    context = ["--context", options.context] if options.context else []

    def measure(folder):
        return [json.loads(pleat("eval", folder, "--text", text, "--json", "-q", *context))
                ["perplexity"] for text in options.text]

    def row(name, size, folder):
        figures = "".join(f" {p:.2f} |" for p in measure(folder))
        print(f"| {name} | {1 - size / dense:.1%} |{figures}", flush=True)

    print("| what | parameters removed |" + "".join(f" {Path(t).stem} |" for t in options.text))
    print("|---|---|" + "---|" * len(options.text))
    row("dense", dense, options.model)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "model"

        def write(made, fields):
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(options.model, folder)
            save_file(made, folder / "model.safetensors", {"format": "pt"})
            (folder / "config.json").write_text(json.dumps(fields, indent=2))

        for width in widths:
            removed = 0
            for method in ("magnitude", "Wanda-sp", "FLAP"):
                made, fields = narrower(method, weights, config, width, statistics)
                write(made, fields)
                removed = max(removed, dense - parameters(made))
                row(f"{method}, {width} neurons", parameters(made), folder)
            layer = dense - parameters(shorter(weights, config, 1, statistics)[0])
            count = min(max(1, round(removed / layer)), config["num_hidden_layers"] - 1)
            made, fields, gone = shorter(weights, config, count, statistics)
            write(made, fields)
            row(f"ShortGPT, without layers {', '.join(map(str, gone))}", parameters(made), folder)
            pleat("fold", options.model, "-o", folder, "--force", "--width", f"mlp={width}",
                  "--seed", options.seed, "-q")
            size = parameters(load_file(folder / "model.safetensors"))
            row(f"**fold, {width} neurons**", size, folder)


if __name__ == "__main__":
    main()
