#!/usr/bin/env python3
"""Times what an inversion costs per step in libtorch, to hold `pleat invert` against.

usage: time_inversion_torch.py [MODEL.onnx] [--batches 64,128,256] [--threads 2] [--rounds 9]

Runs a BN network from its ONNX file in torch, weights frozen, and differentiates with respect to the
input. Per batch size, taken in turns within each round: a forward pass of ONNX Runtime; torch's
forward pass; torch's forward and backward pass of the cross-entropy; the same with the mismatch of
every normalisation's statistics in the loss, in torch's two memory formats. Prints seconds by the
clock (median, least), least processor seconds of all threads, and three ratios to ONNX Runtime's
forward pass: the median over the rounds by the clock, the least by the clock, the least processor
seconds. Waiting threads of neither library spin, so that processor seconds are work and hold on a busy
machine. Needs torch, onnx and onnxruntime.
"""
import argparse
import os
import statistics
import sys
import time
from pathlib import Path

# OpenMP reads it when torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import helper, numpy_helper
from torch.nn import functional as F

DEMO = Path(__file__).parent / "../cli/src/main/resources/demo/resnet18-fashion-mnist.onnx"


def convolve(x, weight, bias, a):
    top, left, bottom, right = a.get("pads", [0, 0, 0, 0])
    if (top, left) != (bottom, right):
        sys.exit(f"padding {a['pads']} differs between the two ends, expected the same")
    return F.conv2d(x, weight, bias, a["strides"], (top, left), a["dilations"], a["group"])


class Network:
    """Interprets a graph; a normalisation's statistics mismatch is added to `mismatch`."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.nodes = [
            (n.op_type, list(n.input), n.output[0],
             {a.name: helper.get_attribute_value(a) for a in n.attribute})
            for n in model.graph.node
        ]
        self.constants = {
            t.name: torch.from_numpy(numpy_helper.to_array(t).copy())
            for t in model.graph.initializer
        }
        self.input, self.output = model.graph.input[0].name, model.graph.output[0].name

    def normalise(self, x, scale, shift, mean, variance, epsilon):
        if self.match:
            axes = [axis for axis in range(x.dim()) if axis != 1]
            found_variance, found_mean = torch.var_mean(x, axes, correction=0)
            self.mismatch = (self.mismatch + (found_mean - mean).square().sum()
                             + (found_variance - variance).square().sum())
        return F.batch_norm(x, mean, variance, scale, shift, False, 0, epsilon)

    def apply(self, kind, x, a):
        match kind:
            case "Conv":
                return convolve(x[0], x[1], x[2] if len(x) > 2 else None, a)
            case "BatchNormalization":
                return self.normalise(*x, a["epsilon"])
            case "Gemm":
                return F.linear(x[0], x[1] if a.get("transB") else x[1].T, x[2])
            case "MaxPool":
                return F.max_pool2d(x[0], a["kernel_shape"], a["strides"])
            case "Concat":
                return torch.cat(x, a["axis"])
            case "Clip":
                return torch.clamp(x[0], x[1], x[2])
        plain = {
            "Identity": lambda v: v, "Relu": torch.relu, "HardSwish": F.hardswish,
            "HardSigmoid": F.hardsigmoid, "Add": torch.add, "Mul": torch.mul,
            "Flatten": lambda v: torch.flatten(v, 1),
            "GlobalAveragePool": lambda v: v.mean((2, 3), keepdim=True),
        }
        if kind not in plain:
            sys.exit(f"operator {kind} is not one that this script runs")
        return plain[kind](*x)

    def __call__(self, image: torch.Tensor, match: bool) -> torch.Tensor:
        self.match, self.mismatch = match, torch.zeros(())
        values = dict(self.constants)
        values[self.input] = image
        for kind, inputs, output, attributes in self.nodes:
            values[output] = self.apply(kind, [values[name] for name in inputs], attributes)
        return values[self.output]


def forward(network: Network, images: torch.Tensor) -> None:
    with torch.no_grad():
        network(images, False)


def step(network: Network, images: torch.Tensor, labels: torch.Tensor, match: bool) -> torch.Tensor:
    """One forward pass and the gradient of its loss with respect to the images."""
    images = images.detach().requires_grad_()
    logits = network(images, match)
    loss = F.cross_entropy(logits, labels) + network.mismatch
    return torch.autograd.grad(loss, images)[0]


def compare(model: onnx.ModelProto, session, batch: int, rounds: int) -> None:
    random = torch.Generator().manual_seed(1)
    images = torch.randn(batch, 1, 28, 28, generator=random)
    fed = {session.get_inputs()[0].name: images.numpy()}
    network = Network(model)
    (expected,) = session.run(None, fed)
    difference = np.abs(network(images, False).numpy() - expected).max()
    labels = torch.arange(batch) % expected.shape[1]
    last = images.contiguous(memory_format=torch.channels_last)
    turns = {
        "ONNX Runtime forward": lambda: session.run(None, fed),
        "torch forward": lambda: forward(network, images),
        "torch forward + backward": lambda: step(network, images, labels, False),
        "  and statistics": lambda: step(network, images, labels, True),
        "torch forward, channels last": lambda: forward(network, last),
        "torch forward + backward, channels last": lambda: step(network, last, labels, False),
        "  and statistics, channels last": lambda: step(network, last, labels, True),
    }
    for run in turns.values():
        run()
    clock, work = ({name: [] for name in turns} for _ in range(2))
    for _ in range(rounds):
        for name, run in turns.items():
            start, worked = time.perf_counter(), time.process_time()
            run()
            clock[name].append(time.perf_counter() - start)
            work[name].append(time.process_time() - worked)
    print(f"batch {batch} (largest difference of logits {difference:.1e})")
    base, base_work = clock["ONNX Runtime forward"], min(work["ONNX Runtime forward"])
    for name, each in clock.items():
        paired = statistics.median(one / other for one, other in zip(each, base))
        print(f"  {name:40} median {statistics.median(each):.4f} s, least {min(each):.4f} s, "
              f"work {min(work[name]):.4f} s; {paired:.2f} x, {min(each) / min(base):.2f} x, "
              f"{min(work[name]) / base_work:.2f} x", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", type=Path, default=DEMO)
    parser.add_argument("--batches", default="64,128,256")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    threads = onnxruntime.SessionOptions()
    threads.intra_op_num_threads = options.threads
    threads.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(
        str(options.model), threads, providers=["CPUExecutionProvider"])
    model = onnx.load(options.model)
    print(f"{options.model.name}: torch {torch.__version__}, ONNX Runtime "
          f"{onnxruntime.__version__}, {options.threads} threads, {options.rounds} rounds")
    for batch in options.batches.split(","):
        compare(model, session, int(batch), options.rounds)


if __name__ == "__main__":
    main()
