#!/usr/bin/env python3
"""Exports the small networks of the hardest kinds that tests fold: random weights, seeded, below 300 KB each.

usage: export_small_networks.py OUT_FOLDER [NAME ...]

Needs what tools/coverage_parts/requirements.txt lists. The same versions write the same files.
"""
import os
import sys
import warnings
import zlib
from functools import partial
from pathlib import Path

import onnx
import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).resolve().parent))
from coverage_parts.modules import First, Plain, prepare  # noqa: E402
from coverage_parts.transformer_configs import make  # noqa: E402

TEXT = {"vocab_size": 60, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64,
        "max_position_embeddings": 32, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
TOKENS = {"input_ids": torch.arange(3, 15)[None], "attention_mask": torch.ones(1, 12, dtype=torch.long)}


def picture(side: int, *more: int) -> dict:
    return {"image": torch.rand(1, 3, *more, side, side)}


def swin():
    return make("AutoModel", "swin", image_size=16, patch_size=2, embed_dim=12, depths=[2, 2], num_heads=[2, 4], window_size=4), picture(16)


def vit():
    return make("AutoModelForImageClassification", "vit", image_size=32, patch_size=8, hidden_size=32, num_hidden_layers=2,
                num_attention_heads=4, intermediate_size=64), picture(32)


def bert():
    return make("AutoModel", "bert", **TEXT), TOKENS


def deberta():
    return make("AutoModel", "deberta-v2", **TEXT, relative_attention=True, pos_att_type=["p2c", "c2p"], position_buckets=8), TOKENS


def t5():
    model = make("AutoModelForSeq2SeqLM", "t5", vocab_size=60, d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4, decoder_start_token_id=0)
    return model, TOKENS | {"decoder_input_ids": torch.arange(3, 9)[None]}


def llama():
    return make("AutoModelForCausalLM", "llama", **TEXT, num_key_value_heads=2), TOKENS


def maxvit():
    from torchvision.models.maxvit import MaxVit

    return MaxVit((32, 32), 8, 4, [16, 24], [1, 1], 8, 0.0, num_classes=5), picture(32)


def mvit():
    from torchvision.models.video.mvit import MSBlockConfig, MViT

    blocks = [MSBlockConfig(1, 12, 24, [], [1, 4, 4], [], [3, 3, 3]), MSBlockConfig(2, 24, 24, [3, 3, 3], [1, 2, 2], [1, 2, 2], [3, 3, 3])]
    model = MViT((32, 32), 4, blocks, residual_pool=True, residual_with_cls_embed=False, rel_pos_embed=True, proj_after_attn=True, num_classes=5)
    return model, picture(32, 4)


def shufflenet():
    from torchvision.models.shufflenetv2 import ShuffleNetV2

    return ShuffleNetV2([2, 2, 1], [8, 24, 32, 48, 64], num_classes=5), picture(64)


def group_norm():
    from timm.layers import GroupNormAct
    from timm.models.resnet import BasicBlock, ResNet

    return ResNet(BasicBlock, [1, 1, 1, 1], num_classes=5, channels=(8, 16, 24, 32), stem_width=8, norm_layer=partial(GroupNormAct, num_groups=4)), picture(64)


def coat():
    from timm.models.coat import CoaT

    return CoaT(img_size=64, patch_size=4, num_classes=5, embed_dims=(16, 16, 16, 16), serial_depths=(1, 1, 1, 1), parallel_depth=1,
                num_heads=8, mlp_ratios=(2, 2, 2, 2)), picture(64)


def edgenext():
    from timm.models.edgenext import EdgeNeXt

    return EdgeNeXt(num_classes=5, dims=(16, 24, 32, 32), depths=(1, 1, 1, 1), global_block_counts=(0, 1, 1, 0), heads=(4, 4, 4, 4),
                    d2_scales=(2, 2, 3, 4)), picture(64)


def convnext_v2():
    from timm.models.convnext import ConvNeXt

    return ConvNeXt(num_classes=5, depths=(1, 1, 1, 1), dims=(8, 16, 24, 32), use_grn=True, ls_init_value=None), picture(64)


def pixel_shuffle():
    layers = [nn.Conv2d(3, 24, 3, padding=1), nn.PReLU(24), nn.Conv2d(24, 32, 3, padding=1), nn.PixelShuffle(2), nn.GELU(),
              nn.Conv2d(8, 12, 3, padding=1), nn.Tanh(), nn.PixelUnshuffle(2), nn.Conv2d(48, 3, 1)]
    return nn.Sequential(*layers), picture(16)


# The name of each file, what makes it, and the exporters that write it.
NETWORKS = {
    "swin": (swin, ["torchscript"]),
    "vit": (vit, ["torchscript", "dynamo"]),
    "bert": (bert, ["torchscript"]),
    "deberta": (deberta, ["dynamo"]),
    "t5": (t5, ["torchscript"]),
    "llama": (llama, ["torchscript", "dynamo"]),
    "maxvit": (maxvit, ["torchscript"]),
    "mvit": (mvit, ["dynamo"]),
    "shufflenet": (shufflenet, ["torchscript", "dynamo"]),
    "group-norm": (group_norm, ["torchscript", "dynamo"]),
    "coat": (coat, ["torchscript"]),
    "edgenext": (edgenext, ["torchscript"]),
    "convnext-v2": (convnext_v2, ["torchscript"]),
    "pixel-shuffle": (pixel_shuffle, ["torchscript"]),
}


def main() -> None:
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    folder, chosen = Path(sys.argv[1]), sys.argv[2:] or list(NETWORKS)
    folder.mkdir(parents=True, exist_ok=True)
    for name in chosen:
        build, exporters = NETWORKS[name]
        for exporter in exporters:
            torch.manual_seed(zlib.crc32(name.encode()))
            model, inputs = build()
            prepare(model)
            from_library = hasattr(model, "config")
            names = ["pixel_values"] if "image" in inputs else list(inputs)
            fixed = {"use_cache": False} if "decoder_input_ids" in inputs or name == "llama" else {}
            wrapped = First(model, names, fixed) if from_library else Plain(model)
            target = folder / f"{name}.{exporter}.onnx"
            try:
                torch.onnx.export(wrapped, tuple(inputs.values()), str(target), input_names=list(inputs), dynamo=exporter == "dynamo",
                                  **({"external_data": False} if exporter == "dynamo" else {}))
            except Exception as problem:
                print(target.name, type(problem).__name__, str(problem)[-300:], flush=True)
                continue
            model_file = onnx.load(target)
            for node in model_file.graph.node:  # stack traces, which take more room than the weights
                node.ClearField("metadata_props")
            onnx.save(model_file, target)
            print(target.name, os.path.getsize(target), sum(p.numel() for p in model.parameters()), flush=True)


if __name__ == "__main__":
    main()
