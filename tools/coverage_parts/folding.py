"""Folds exported files with the pleat command and looks at what comes out."""
import json
import os
import select
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from coverage_parts.exporting import isolated
from coverage_parts.reporting import TOLERANCE



def run(command: list[str], seconds: int) -> dict:
    """Exit code, output, seconds and peak memory of a command; code -1 when it took too long."""
    start = time.time()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen(command, stdout=out, stderr=err, start_new_session=True)
        while True:
            done, status, usage = os.wait4(child.pid, os.WNOHANG)
            if done:
                code = os.waitstatus_to_exitcode(status)
                break
            if time.time() - start > seconds:
                os.killpg(child.pid, 9)
                _, _, usage = os.wait4(child.pid, 0)
                code = -1
                break
            time.sleep(0.05)
        child.returncode = code
        out.seek(0)
        err.seek(0)
        return {"code": code, "out": out.read().decode(errors="replace"), "err": err.read().decode(errors="replace"),
                "seconds": round(time.time() - start, 1), "cpu": round(usage.ru_utime + usage.ru_stime, 1),
                "megabytes": usage.ru_maxrss // 1024}


class Worker:
    """One JVM for all commands, which spares starting it each time; peak memory is then that of all of them."""

    def __init__(self, java: list[str]) -> None:
        self.java, self.child = java, None

    def run(self, command: list[str], seconds: int) -> dict:
        if self.child is None or self.child.poll() is not None:
            self.child = subprocess.Popen(self.java, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                          text=True, bufsize=1)
        start = time.time()
        with tempfile.TemporaryDirectory(prefix="pleat-coverage-") as folder:
            files = [Path(folder) / "out", Path(folder) / "err"]
            self.child.stdin.write("\t".join([*map(str, files), *command[1:]]) + "\n")
            code = -1
            if select.select([self.child.stdout], [], [], seconds)[0]:
                answer = self.child.stdout.readline().strip()
                code = int(answer) if answer else 1
            else:
                self.child.kill()
            out, err = (file.read_text(errors="replace") if file.exists() else "" for file in files)
        return {"code": code, "out": out, "err": err, "seconds": round(time.time() - start, 1), "cpu": 0, "megabytes": 0}


def sizes(model: onnx.ModelProto) -> dict[str, int]:
    """Elements of every floating tensor that holds a model's weights, by the name Pleat gives it."""
    found: dict[str, int] = {tensor.name: int(np.prod(tensor.dims)) for tensor in model.graph.initializer if tensor.data_type in (1, 10, 11, 16)}
    for node in model.graph.node:
        if node.op_type == "Constant":
            for attribute in node.attribute:
                if attribute.HasField("t") and attribute.t.data_type in (1, 10, 11, 16):
                    found[node.output[0]] = int(np.prod(attribute.t.dims))
    return found


def heads_of(report: dict) -> set[str]:
    """Groups that fold only when heads are asked for."""
    return {group["name"] for group in report["groups"] if group["frozen"] and group["reason"].startswith("heads of attention")}


def share(groups: list[dict], weights: dict[str, int]) -> float:
    """Share of the parameters in tensors that at least one of these groups would make smaller."""
    names = {member.rsplit("[", 1)[0] for group in groups for member in group["members"]}
    return sum(size for name, size in weights.items() if name in names) / max(1, sum(weights.values()))


def feeds(model: onnx.ModelProto, shapes: dict[str, list[int]]) -> dict[str, np.ndarray]:
    """Inputs of the example shapes: small whole numbers for tokens and masks, noise for the rest."""
    generator = np.random.default_rng(0)
    weights = {tensor.name for tensor in model.graph.initializer}
    found = {}
    for value in model.graph.input:
        if value.name in weights:
            continue
        kind = value.type.tensor_type
        shape = shapes.get(value.name) or [d.dim_value or 1 for d in kind.shape.dim]
        dtype = onnx.helper.tensor_dtype_to_np_dtype(kind.elem_type)
        if np.issubdtype(dtype, np.floating):
            found[value.name] = generator.standard_normal(shape).astype(dtype)
        else:
            found[value.name] = (np.ones(shape) if "mask" in value.name else np.sort(generator.integers(3, 50, shape))).astype(dtype)
    return found


def check(path: Path, shapes: dict[str, list[int]]) -> dict:
    """No message when the file passes the ONNX checker, loads in ONNX Runtime and runs; else what went wrong."""
    try:
        onnx.checker.check_model(str(path))
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = 2
        settings.log_severity_level = 4
        session = onnxruntime.InferenceSession(str(path), settings, providers=["CPUExecutionProvider"])
        wanted = feeds(onnx.load(str(path), load_external_data=False), shapes)
        outputs = session.run(None, wanted)
    except Exception as problem:
        return {"message": f"{type(problem).__name__}: {problem}".splitlines()[0][:400]}
    if not all(np.isfinite(output).all() for output in outputs if np.issubdtype(output.dtype, np.floating)):
        return {"message": "an output is not finite"}
    return {"message": ""}


def rounding(path: Path, shapes: dict[str, list[int]]) -> dict:
    """How far outputs of one file are apart with and without the runtime's optimisations, relative to the largest value."""
    outputs = []
    for level in (onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL, onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL):
        settings = onnxruntime.SessionOptions()
        settings.graph_optimization_level = level
        settings.log_severity_level = 4
        session = onnxruntime.InferenceSession(str(path), settings, providers=["CPUExecutionProvider"])
        outputs.append(session.run(None, feeds(onnx.load(str(path), load_external_data=False), shapes)))
    apart = [np.abs(a - b).max() / max(np.abs(a).max(), 1e-30) if a.shape == b.shape else np.inf
             for a, b in zip(*outputs) if np.issubdtype(a.dtype, np.floating) and a.size]
    return {"largest": float(max(apart, default=0))}


def message(text: str) -> str:
    """The last line of standard error that is no progress."""
    lines = [line for line in text.splitlines() if line.startswith("pleat: ") and len(line) > 25]
    return (lines[-1] if lines else text.strip()[-300:]).removeprefix("pleat: ")


def outcome(fold: dict) -> str:
    if fold["code"] == 0:
        return "folds"
    if fold["code"] == -1:
        return "too slow"
    text = message(fold["err"])
    if fold["code"] == 3:
        return "nothing can fold" if "nothing can fold" in text else "refused"
    return "crash"


def fold(pleat: str, path: Path, shapes: dict[str, list[int]], seconds: int, repair: str = "approximate", runner=run,
         checked: bool = True) -> dict:
    """One model's record: outcome, share that can fold, figures of both commands, and whether the result runs."""
    inspected = runner([pleat, "inspect", str(path), "--json", "--channels", "0.5", "--heads", "0.5"], seconds)
    with tempfile.TemporaryDirectory(prefix="pleat-coverage-") as folder:
        result = Path(folder) / "folded.onnx"
        folded = runner([pleat, "fold", str(path), "-o", str(result), "--channels", "0.5", "--repair", repair, "--json"], seconds)
        # In processes of their own: a child's peak memory starts with that of the process it is forked from.
        wrong = isolated(lambda: check(result, shapes), 300, 8)["message"] if folded["code"] == 0 and checked else ""
    record = {"checked": checked, "outcome": outcome(folded), "message": message(folded["err"]) if folded["code"] else "", "check": wrong,
              "stack": folded["err"][-3000:] if folded["code"] not in (0, 3) else "",
              "inspect": {key: inspected[key] for key in ("code", "seconds", "cpu", "megabytes")},
              "fold": {key: folded[key] for key in ("code", "seconds", "cpu", "megabytes")},
              "fileMegabytes": round(sum(p.stat().st_size for p in path.parent.glob(path.name + "*") if p.suffix != ".json") / 1e6, 2)}
    if wrong:
        record["outcome"] = "bad output"
    elif folded["code"] and (itself := isolated(lambda: check(path, shapes), 300, 8)["message"]):
        record |= {"outcome": "export does not run", "check": itself}
    if inspected["code"] == 0:
        seen = json.loads(inspected["out"])
        weights = isolated(lambda: sizes(onnx.load(str(path), load_external_data=False)), 300, 8)
        heads = heads_of(json.loads(folded["out"])) if folded["code"] == 0 else set()
        record["share"] = round(share([group for group in seen["groups"] if group["name"] not in heads], weights), 4)
        record["shareWithHeads"] = round(share(seen["groups"], weights), 4)
        if counted := {part["reason"]: part["parameters"] for part in seen.get("shares", [])}:
            record["shareWithHeads"] = round(counted.get("", 0) / sum(counted.values()), 4)
            if not heads:
                record["share"] = record["shareWithHeads"]
        record["groups"] = len(seen["groups"])
        record["widths"] = sorted([group["width"], group["parameters"]] for group in seen["groups"])
        record["frozen"] = reasons(seen["frozen"])
    else:
        record["inspectMessage"] = message(inspected["err"])
    if folded["code"] == 0:
        seen = json.loads(folded["out"])
        record["removed"] = round(1 - seen["parameters"]["after"] / max(1, seen["parameters"]["before"]), 4)
        record["verification"] = seen["verification"]
        if (seen["verification"].get("maxRelativeDifferenceOfDuplicates") or 0) > TOLERANCE:
            record["rounding"] = isolated(lambda: rounding(path, shapes), 300, 8).get("largest")
        record["seconds"] = round(sum(seen["seconds"].values()), 2)
        record["unfolded"] = reasons([group for group in seen["groups"] if group["frozen"] and group["name"] not in heads_of(seen)])
    return record


def reasons(frozen: list[dict]) -> list[dict]:
    """How many groups each reason freezes, with one of them; names of nodes are left out, so that layers add up."""
    import re

    kinds: dict[str, dict] = {}
    for group in frozen:
        kind = re.sub(r"'[^']*'", "…", group["reason"])
        entry = kinds.setdefault(kind, {"reason": group["reason"], "groups": 0, "channels": 0, "parameters": 0})
        entry["groups"] += 1
        entry["channels"] += group.get("width", group.get("before", 0))
        entry["parameters"] += group.get("parameters", 0)
    return sorted(kinds.values(), key=lambda entry: (-entry["parameters"], -entry["channels"]))
