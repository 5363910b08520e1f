#!/usr/bin/env python3
"""Trains the small networks that tests and docs fold, and writes them as ONNX.

usage: train_test_networks.py IMAGES.idx3-ubyte.gz LABELS.idx1-ubyte.gz OUT_FOLDER \
  [NAME[@SEED[xEPOCHS]][:CLASSES] ...]

NAME: vgg-bn, mobile-bn, lenet5 (all three by default), vgg-small, resnet18, and for docs/paper.md
lenet5-2x, reslenet, mlp1, mlp2, mlp3, mlp3-2x, mlp3-3x. NAME@SEED trains from another seed and writes
NAME-SEED.onnx, NAME:02468 learns and tells apart these classes only and writes NAME-02468.onnx: the
networks that `pleat merge` is measured on. Needs torch, onnx and onnxruntime. IMAGES and LABELS are
the 10,000 images that tools/make_demo_data.py cuts the demo's 2,000 from; the networks learn from the
8,000 behind those, so that the demo's images are a clean test set. Seeds are fixed and one thread
computes: the same machine and versions give the same file.
"""
import gzip
import math
import operator
import re
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import fx, nn

HELD_OUT = 2000
MEAN, STD = 0.286, 0.353
BATCH = 128
USUAL_EPOCHS = 12
EPOCHS = {"vgg-bn": 20, "mobile-bn": 30, "resnet18": 8, "lenet5": 40, "vgg-small": 8}
SEEDS = {"vgg-bn": 11, "mobile-bn": 12, "resnet18": 13, "lenet5": 14, "lenet5-2x": 15,
         "reslenet": 16, "mlp1": 17, "mlp2": 18, "mlp3": 19, "mlp3-2x": 20, "mlp3-3x": 22,
         "vgg-small": 14}
USUAL = ("vgg-bn", "mobile-bn", "lenet5")
USUAL_RATE = 0.1
# Without normalisations the usual rate is too high.
RATES = {"lenet5": 0.05, "lenet5-2x": 0.05}
WANTED = re.compile(r"(?P<name>[a-z0-9-]+)(@(?P<seed>\d+)(x(?P<epochs>\d+))?)?(:(?P<classes>\d+))?")


def normalised(conv: nn.Conv2d, activation: nn.Module) -> nn.Sequential:
    return nn.Sequential(conv, nn.BatchNorm2d(conv.out_channels), activation)


def conv(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)


class VggBn(nn.Module):
    """Stacks of convolutions; the hidden layer reads nine positions of each of the last channels."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        stages, inputs = [], 1
        for width in (32, 48, 96):
            stages += [normalised(conv(inputs, width, 3), nn.ReLU())]
            stages += [normalised(conv(width, width, 3), nn.ReLU()), nn.MaxPool2d(2)]
            inputs = width
        self.features = nn.Sequential(*stages)
        self.flatten = nn.Flatten()
        self.hidden = nn.Sequential(nn.Linear(96 * 9, 128), nn.BatchNorm1d(128), nn.ReLU())
        self.head = nn.Linear(128, classes)

    def forward(self, image):
        return self.head(self.hidden(self.flatten(self.features(image))))


class VggSmall(nn.Module):
    """Stacks of few channels; the head reads nine positions of each of the last."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        stages, inputs = [], 1
        for width in (16, 24, 48):
            stages += [normalised(conv(inputs, width, 3), nn.ReLU())]
            stages += [normalised(conv(width, width, 3), nn.ReLU()), nn.MaxPool2d(2)]
            inputs = width
        self.features = nn.Sequential(*stages)
        self.flatten = nn.Flatten()
        self.head = nn.Linear(48 * 9, classes)

    def forward(self, image):
        return self.head(self.flatten(self.features(image)))


class SqueezeExcite(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.squeeze = nn.Sequential(nn.Conv2d(width, width // 4, 1), nn.ReLU())
        self.excite = nn.Sequential(nn.Conv2d(width // 4, width, 1), nn.Hardsigmoid())

    def forward(self, x):
        return x * self.excite(self.squeeze(self.pool(x)))


class InvertedResidual(nn.Module):
    def __init__(self, inputs, wide, outputs, kernel, stride, activation, gate=False) -> None:
        super().__init__()
        self.expand = normalised(conv(inputs, wide, 1), activation())
        self.depthwise = normalised(conv(wide, wide, kernel, stride, wide), activation())
        self.gate = SqueezeExcite(wide) if gate else nn.Identity()
        self.project = normalised(conv(wide, outputs, 1), nn.Identity())
        self.residual = inputs == outputs and stride == 1

    def forward(self, x):
        y = self.project(self.gate(self.depthwise(self.expand(x))))
        return x + y if self.residual else y


class DenseLayer(nn.Module):
    """Normalises everything that is there, and puts its own channels behind it."""

    def __init__(self, inputs: int, growth: int) -> None:
        super().__init__()
        self.norm = nn.Sequential(nn.BatchNorm2d(inputs), nn.ReLU())
        self.conv = conv(inputs, growth, 3)

    def forward(self, x):
        return torch.cat([x, self.conv(self.norm(x))], 1)


class MobileBn(nn.Module):
    """Inverted residuals with ReLU6 and HardSwish, one squeeze-excite gate, one dense block."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.stem = normalised(conv(1, 32, 3, 2), nn.Hardswish())
        self.block1 = InvertedResidual(32, 128, 32, 3, 1, nn.ReLU6)
        self.block2 = InvertedResidual(32, 128, 64, 3, 2, nn.Hardswish, gate=True)
        self.block3 = InvertedResidual(64, 256, 64, 5, 1, nn.Hardswish)
        self.dense = nn.Sequential(DenseLayer(64, 32), DenseLayer(96, 32))
        self.transition = nn.Sequential(nn.BatchNorm2d(128), nn.ReLU(), conv(128, 96, 1))
        self.last = nn.Sequential(nn.BatchNorm2d(96), nn.ReLU6(), conv(96, 192, 1))
        self.pool = nn.Sequential(
            nn.BatchNorm2d(192), nn.Hardswish(), nn.AdaptiveAvgPool2d(1), nn.Flatten()
        )
        self.head = nn.Linear(192, classes)

    def forward(self, image):
        x = self.block3(self.block2(self.block1(self.stem(image))))
        return self.head(self.pool(self.last(self.transition(self.dense(x)))))


class BasicBlock(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.first = normalised(conv(inputs, outputs, 3, stride), nn.ReLU())
        self.second = normalised(conv(outputs, outputs, 3), nn.Identity())
        same = inputs == outputs and stride == 1
        self.shortcut = nn.Identity() if same else normalised(
            conv(inputs, outputs, 1, stride), nn.Identity())
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.relu(self.second(self.first(x)) + self.shortcut(x))


class ResNet18(nn.Module):
    """The demo's shape: CIFAR layout, a strided stem, base width 32."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        blocks, inputs = [], 32
        for width, stride in ((32, 1), (64, 2), (128, 2), (256, 2)):
            blocks += [BasicBlock(inputs, width, stride), BasicBlock(width, width, 1)]
            inputs = width
        self.stem = normalised(conv(1, 32, 3, 2), nn.ReLU())
        self.blocks = nn.Sequential(*blocks)
        self.pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.head = nn.Linear(256, classes)

    def forward(self, image):
        return self.head(self.pool(self.blocks(self.stem(image))))


def head(inputs: int, classes: int, *widths: int) -> nn.Sequential:
    layers = []
    for width in widths:
        layers += [nn.Linear(inputs, width), nn.ReLU()]
        inputs = width
    return nn.Sequential(*layers, nn.Linear(inputs, classes))


class LeNet5(nn.Module):
    """Two convolutions and three linear layers with ReLU, nothing normalised."""

    def __init__(self, classes: int, first: int, second: int, hidden: int, last: int) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, first, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(first, second, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        )
        self.head = head(25 * second, classes, hidden, last)

    def forward(self, image):
        return self.head(self.features(image))


class ResLeNet(nn.Module):
    """LeNet5 with normalisations and a strided shortcut around both of its convolutions."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, 8, 1)
        self.first = nn.Sequential(
            normalised(nn.Conv2d(8, 32, 5, padding=2), nn.ReLU()), nn.MaxPool2d(2))
        self.second = normalised(nn.Conv2d(32, 32, 5), nn.Identity())
        self.shortcut = normalised(nn.Conv2d(8, 32, 5, 3, 2), nn.Identity())
        self.tail = nn.Sequential(nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())
        self.head = head(25 * 32, classes, 128, 84)

    def forward(self, image):
        x = self.stem(image)
        return self.head(self.tail(self.second(self.first(x)) + self.shortcut(x)))


class Mlp(nn.Module):
    """Hidden layers, each normalised before its ReLU."""

    def __init__(self, classes: int, *widths: int) -> None:
        super().__init__()
        layers, inputs = [nn.Flatten()], 28 * 28
        for width in widths:
            layers += [nn.Linear(inputs, width), nn.BatchNorm1d(width), nn.ReLU()]
            inputs = width
        self.layers = nn.Sequential(*layers, nn.Linear(inputs, classes))

    def forward(self, image):
        return self.layers(image)


NETWORKS = {
    "vgg-bn": VggBn, "mobile-bn": MobileBn, "resnet18": ResNet18, "reslenet": ResLeNet,
    "vgg-small": VggSmall,
    "lenet5": lambda classes: LeNet5(classes, 6, 16, 120, 84),
    # The widths that the folding paper's code gives it (twice its smallest).
    "lenet5-2x": lambda classes: LeNet5(classes, 16, 64, 512, 256),
    "mlp1": lambda classes: Mlp(classes, 128), "mlp2": lambda classes: Mlp(classes, 256, 128),
    "mlp3": lambda classes: Mlp(classes, 512, 256, 128),
    "mlp3-2x": lambda classes: Mlp(classes, 1024, 512, 256),
    "mlp3-3x": lambda classes: Mlp(classes, 1536, 768, 384),
}


def augment(images: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    """Flips half of the images and shifts each by up to two pixels."""
    count, size = len(images), images.shape[-1]
    flipped = torch.rand(count, 1, 1, 1, generator=random) < 0.5
    images = torch.where(flipped, images.flip(3), images)
    padded = nn.functional.pad(images, (2, 2, 2, 2), value=-MEAN / STD)
    offsets = torch.randint(0, 5, (2, count, 1), generator=random)
    rows, columns = offsets + torch.arange(size)
    which = torch.arange(count)[:, None, None]
    return padded[:, 0][which, rows[:, :, None], columns[:, None, :]][:, None]


def accuracy(logits: np.ndarray, labels: np.ndarray) -> float:
    return 100 * float((logits.argmax(1) == labels).mean())


def torch_logits(network: nn.Module, images: torch.Tensor) -> np.ndarray:
    network.eval()
    with torch.no_grad():
        return torch.cat([network(part) for part in images.split(500)]).numpy()


def train(name: str, seed: int, epochs: int, images: torch.Tensor, labels: torch.Tensor,
          classes: int) -> nn.Module:
    torch.manual_seed(seed)
    random = torch.Generator().manual_seed(seed)
    network = NETWORKS[name](classes).to(memory_format=torch.channels_last)
    rounds = len(images) // BATCH
    decayed = [p for p in network.parameters() if p.dim() > 1]
    others = [p for p in network.parameters() if p.dim() == 1]
    optimizer = torch.optim.SGD(
        [{"params": decayed, "weight_decay": 1e-3}, {"params": others, "weight_decay": 0}],
        lr=RATES.get(name, USUAL_RATE), momentum=0.9, nesterov=True,
    )
    steps, warm = epochs * rounds, rounds
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda s: (s + 1) / warm if s < warm
        else 0.5 * (1 + math.cos(math.pi * (s - warm) / (steps - warm))),
    )
    started = time.time()
    for epoch in range(epochs):
        network.train()
        order, total = torch.randperm(len(images), generator=random), 0.0
        for step in range(rounds):
            chosen = order[step * BATCH : (step + 1) * BATCH]
            # Shifted and flipped images are of no use to a layer that reads every pixel by itself.
            batch = images[chosen] if name.startswith("mlp") else augment(images[chosen], random)
            batch = batch.to(memory_format=torch.channels_last)
            loss = nn.functional.cross_entropy(network(batch), labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
        print(f"{name}: epoch {epoch + 1}/{epochs}, loss {total / rounds:.3f}, "
              f"{time.time() - started:.0f} s", flush=True)
    return network.eval()


class Exporter:
    """Writes the traced network node by node, so that every normalisation stays one."""

    def __init__(self, network: nn.Module) -> None:
        self.modules = dict(network.named_modules())
        self.nodes, self.initializers, self.values = [], [], {}

    def constant(self, name: str, array) -> str:
        if isinstance(array, torch.Tensor):
            array = array.detach().contiguous().numpy()
        self.initializers.append(numpy_helper.from_array(array, name))
        return name

    def weights(self, name: str, *fields: str) -> list[str]:
        module = self.modules[name]
        tensors = [(field, getattr(module, field)) for field in fields]
        return [self.constant(f"{name}.{field}", t) for field, t in tensors if t is not None]

    def module(self, name: str) -> tuple[str, list[str], dict]:
        """The operator of a module, its constant inputs and its attributes."""
        match self.modules[name]:
            case nn.Conv2d() as c:
                return "Conv", self.weights(name, "weight", "bias"), dict(
                    kernel_shape=list(c.kernel_size), strides=list(c.stride),
                    pads=list(c.padding) * 2, dilations=list(c.dilation), group=c.groups)
            case nn.BatchNorm2d() | nn.BatchNorm1d() as b:
                fields = self.weights(name, "weight", "bias", "running_mean", "running_var")
                return "BatchNormalization", fields, dict(epsilon=b.eps)
            case nn.Linear():
                return "Gemm", self.weights(name, "weight", "bias"), dict(transB=1)
            case nn.MaxPool2d() as p:
                side = [p.kernel_size] * 2
                return "MaxPool", [], dict(kernel_shape=side, strides=side)
            case nn.ReLU6():
                low = self.constant(f"{name}.min", np.float32(0))
                return "Clip", [low, self.constant(f"{name}.max", np.float32(6))], {}
            case nn.Hardsigmoid():
                return "HardSigmoid", [], dict(alpha=1 / 6, beta=0.5)
            case nn.Flatten():
                return "Flatten", [], dict(axis=1)
            case other:
                plain = {nn.ReLU: "Relu", nn.Hardswish: "HardSwish",
                         nn.AdaptiveAvgPool2d: "GlobalAveragePool"}
                return plain[type(other)], [], {}

    def function(self, target) -> tuple[str, dict]:
        return {operator.add: ("Add", {}), operator.mul: ("Mul", {}),
                torch.cat: ("Concat", dict(axis=1))}[target]

    def add(self, node: fx.Node) -> None:
        inputs = [self.values[source.name] for source in node.all_input_nodes]
        if node.op == "call_module":
            if isinstance(self.modules[node.target], nn.Identity):
                self.values[node.name] = inputs[0]
                return
            kind, constants, attributes = self.module(node.target)
            label, inputs = node.target, inputs + constants
        else:
            kind, attributes = self.function(node.target)
            label = node.name
        output = "/" + label.replace(".", "/")
        self.nodes.append(helper.make_node(kind, inputs, [output], output, **attributes))
        self.values[node.name] = output

    def model(self, graph: fx.Graph, name: str, classes: int) -> onnx.ModelProto:
        for node in graph.nodes:
            match node.op:
                case "placeholder":
                    self.values[node.name] = node.name
                case "output":
                    self.nodes[-1].output[0] = "logits"
                case _:
                    self.add(node)
        image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 1, 28, 28])
        logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", classes])
        body = helper.make_graph(self.nodes, name, [image], [logits], self.initializers)
        return helper.make_model(
            body, producer_name="train_test_networks.py", ir_version=8,
            opset_imports=[helper.make_opsetid("", 17)])


def export(name: str, network: nn.Module, classes: int, target: Path) -> None:
    # Leaves are torch's own modules, so SqueezeExcite and its like are traced through.
    graph = fx.Tracer().trace(network)
    model = Exporter(network).model(graph, name, classes)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, target)


def read_idx(path: Path) -> np.ndarray:
    content = gzip.decompress(path.read_bytes())
    axes = content[3]
    shape = np.frombuffer(content, ">u4", axes, 4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * axes).reshape(shape)


def main() -> None:
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    images, labels, folder = (Path(argument) for argument in sys.argv[1:4])
    wanted = [WANTED.fullmatch(argument) for argument in sys.argv[4:] or USUAL]
    if unknown := [a for a, w in zip(sys.argv[4:], wanted) if not w or w["name"] not in NETWORKS]:
        sys.exit(f"no network {unknown[0]}, expected one of {', '.join(NETWORKS)}")
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    images = torch.from_numpy((read_idx(images)[:, None] / np.float32(255) - MEAN) / STD).float()
    labels = read_idx(labels).astype(np.int64)
    folder.mkdir(parents=True, exist_ok=True)
    for choice in wanted:
        name, seed, epochs, classes = choice.group("name", "seed", "epochs", "classes")
        numbers = [int(digit) for digit in classes or "0123456789"]
        own = np.isin(labels, numbers)
        known = torch.from_numpy(np.searchsorted(numbers, labels[own]))
        tested = own[:HELD_OUT].sum()
        network = train(name, int(seed or SEEDS[name]), int(epochs or EPOCHS.get(name, USUAL_EPOCHS)),
                        images[own][tested:], known[tested:], len(numbers))
        target = folder / ("-".join(part for part in (name, seed, classes) if part) + ".onnx")
        export(name, network, len(numbers), target)
        held_out, truth = images[own][:tested], known[:tested].numpy()
        expected = torch_logits(network, held_out)
        session = onnxruntime.InferenceSession(str(target), providers=["CPUExecutionProvider"])
        (found,) = session.run(["logits"], {"image": held_out.numpy()})
        print(f"{target.name}: {target.stat().st_size:,} bytes, accuracy "
              f"{accuracy(expected, truth):.2f} % (torch) and {accuracy(found, truth):.2f} % "
              f"(ONNX Runtime), largest difference of logits {np.abs(expected - found).max():.1e}")


if __name__ == "__main__":
    main()
