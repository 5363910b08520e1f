"""Makes the torch models of the coverage run: random weights, seeded, nothing that collapses."""
import zlib

import torch
from torch import nn

from coverage_parts.catalog import HARD, TIMM, TORCHVISION_LIMIT, TORCHVISION_SKIPPED
from coverage_parts.transformer_configs import TRANSFORMERS


class First(nn.Module):
    """Returns tensors only, in the order in which the model's output holds them."""

    def __init__(self, model: nn.Module, names: list[str], fixed: dict | None = None) -> None:
        super().__init__()
        self.model, self.names, self.fixed = model, names, fixed or {}

    def forward(self, *inputs):
        result = self.model(**dict(zip(self.names, inputs, strict=True)), **self.fixed)
        return tensors(result)


class Plain(nn.Module):
    """The same for a model that takes its inputs by position."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, *inputs):
        return tensors(self.model(*inputs))


class Listed(nn.Module):
    """A detector: takes one image [3,H,W] in a list, as torchvision wants it."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, image):
        return tuple(self.model([image])[0].values())


def tensors(result):
    """The first floating tensors of a model's output, at most two: logits, hidden states, masks."""
    if isinstance(result, torch.Tensor):
        return result
    parts = result.values() if hasattr(result, "values") else result
    found = [part for part in parts if isinstance(part, torch.Tensor) and part.is_floating_point()]
    return tuple(found[:2]) if len(found) > 1 else found[0]


def prepare(model: nn.Module) -> nn.Module:
    """Moves what is constant when a model is made (zeros, ones, statistics) to where training leaves it.

    A layer scale of 1e-6 or a zero-initialised last normalisation would hide everything behind it.
    """
    with torch.no_grad():
        for parameter in model.parameters():
            if not parameter.is_floating_point() or parameter.numel() < 2:
                continue
            first = parameter.flatten()[0]
            if not bool((parameter == first).all()):
                continue
            if abs(float(first)) < 1e-2:
                parameter.copy_(torch.randn_like(parameter) * 0.05)
            else:
                parameter.mul_(1 + 0.1 * torch.randn_like(parameter))
        for module in model.modules():
            if getattr(module, "running_mean", None) is not None:
                module.running_mean.copy_(torch.randn_like(module.running_mean) * 0.1)
                module.running_var.copy_(0.7 + 0.6 * torch.rand_like(module.running_var))
    return model.eval()


def torchvision_names() -> list[str]:
    from torchvision import models

    names = []
    for name in models.list_models():
        size = models.get_model_weights(name).DEFAULT.meta["num_params"]
        if not name.startswith(TORCHVISION_SKIPPED) and (size <= TORCHVISION_LIMIT or name in HARD["torchvision"].split()):
            names.append((size, name))
    return [name for _, name in sorted(names)]


def names(source: str) -> list[str]:
    if source == "torchvision":
        return torchvision_names()
    return list({"timm": TIMM, "transformers": TRANSFORMERS}[source])


def build(source: str, name: str) -> tuple[nn.Module, tuple, list[str]]:
    """The model, its example inputs and their names."""
    torch.manual_seed(zlib.crc32(f"{source}/{name}".encode()))
    model, inputs, labels = {"torchvision": torchvision, "timm": timm, "transformers": transformers}[source](name)
    return prepare(model), inputs, labels


def torchvision(name: str):
    from torchvision import models

    module = models.get_model_builder(name).__module__
    if ".detection" in module:
        model = models.get_model(name, weights=None, weights_backbone=None, num_classes=21)
        side = 320 if "320" in name else 300 if "300" in name else 256
        return Listed(model), (torch.rand(3, side, side),), ["image"]
    if ".optical_flow" in module:
        return Plain(models.get_model(name)), (torch.rand(1, 3, 128, 128), torch.rand(1, 3, 128, 128)), ["first", "second"]
    if ".segmentation" in module:
        model = models.get_model(name, weights=None, weights_backbone=None)
        return Plain(model), (torch.rand(1, 3, 224, 224),), ["image"]
    if ".video" in module:
        side = 112 if name.endswith("_18") else 224
        return Plain(models.get_model(name)), (torch.rand(1, 3, 16, side, side),), ["video"]
    crop = models.get_model_weights(name).DEFAULT.transforms().crop_size[0]
    extra = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    return Plain(models.get_model(name, **extra)), (torch.rand(1, 3, crop, crop),), ["image"]


def timm(name: str):
    import timm as library

    model = library.create_model(TIMM[name], pretrained=False)
    size = model.default_cfg.get("input_size", (3, 224, 224))
    return Plain(model), (torch.rand(1, *size),), ["image"]


def transformers(name: str):
    model, inputs, fixed = TRANSFORMERS[name]()
    labels = list(inputs)
    return First(model, labels, fixed), tuple(inputs.values()), labels
