"""Other forms of the same model: normalisations live, open batch, simplified, optimised by ONNX Runtime."""
import shutil
from pathlib import Path

import onnx

LIGHT = Path("backend/test/data/light")


def light(folder: Path) -> list[str]:
    """Copies the onnx package's light models, whose weights are ConstantOfShape nodes."""
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for path in sorted((Path(onnx.__file__).parent / LIGHT).glob("*.onnx")):
        shutil.copy(path, folder / f"{path.stem}.onnx-package.onnx")
        names.append(path.stem)
    return names


def exports(labels: list[str]) -> dict[str, tuple[str, dict]]:
    """Exporter and settings of each variant that torch writes."""
    import torch

    batch = {label: {0: "batch"} for label in labels}
    live = {"training": torch.onnx.TrainingMode.PRESERVE, "do_constant_folding": False}
    return {
        "torchscript": ("torchscript", {}),
        "dynamo": ("dynamo", {}),
        "torchscript-live": ("torchscript", live),
        "torchscript-batch": ("torchscript", {"dynamic_axes": batch}),
        "dynamo-batch": ("dynamo", {"dynamic_axes": batch}),
    }


def simplified(source: Path, target: Path) -> dict:
    import onnxsim

    model, good = onnxsim.simplify(onnx.load(str(source)))
    onnx.save(model, str(target))
    return {"outcome": "exported"} if good else {"outcome": "failed", "message": "onnxsim could not validate its result"}


def optimised(source: Path, target: Path, level: str) -> dict:
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.graph_optimization_level = getattr(onnxruntime.GraphOptimizationLevel, f"ORT_ENABLE_{level.upper()}")
    settings.optimized_model_filepath = str(target)
    onnxruntime.InferenceSession(str(source), settings, providers=["CPUExecutionProvider"])
    return {"outcome": "exported"}
