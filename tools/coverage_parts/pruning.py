"""Torch-Pruning on the same torch models: half of the channels, random importance, then a forward pass."""


def prune(source: str, name: str) -> dict:
    """As its own first example: the layers that make the output are left alone, everything else is found by it."""
    import torch
    import torch_pruning

    from coverage_parts import modules

    torch.set_num_threads(1)
    model, inputs, _ = modules.build(source, name)
    outputs = model(*inputs)
    first = outputs if isinstance(outputs, torch.Tensor) else outputs[0]
    last = {int(size) for size in first.shape[1:]}
    ignored = [module for module in model.modules() if getattr(module, "out_features", getattr(module, "out_channels", 0)) in last]
    before = sum(parameter.numel() for parameter in model.parameters())
    pruner = torch_pruning.pruner.MetaPruner(model, inputs, importance=torch_pruning.importance.RandomImportance(),
                                             pruning_ratio=0.5, ignored_layers=ignored[-2:],
                                             output_transform=lambda out: sum(part.sum() for part in (out if isinstance(out, tuple) else (out,))))
    pruner.step()
    after = sum(parameter.numel() for parameter in model.parameters())
    model(*inputs)
    return {"outcome": "ok" if after < before else "nothing pruned", "removed": round(1 - after / before, 4)}
