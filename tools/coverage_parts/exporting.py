"""Exports the models of the run, each in a process of its own that is forked from one with the libraries in it."""
import contextlib
import io
import json
import os
import resource
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path

GIB = 1 << 30


def isolated(work: Callable[[], dict], seconds: int, gibibytes: int) -> dict:
    """What the work returns, or {'outcome', 'message'} when it fails, takes too long or too much memory."""
    reader, writer = os.pipe()
    start = time.time()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.setpgid(0, 0)
        resource.setrlimit(resource.RLIMIT_DATA, (gibibytes * GIB, gibibytes * GIB))
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        warnings.simplefilter("ignore")
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                answer = work()
        except BaseException as problem:  # the parent reports it, whatever it is
            lines = [line for line in f"{type(problem).__name__}: {problem}".splitlines() if line.strip()]
            text = " ".join(lines)
            text = text.split("## Exception summary")[-1] if "## Exception summary" in text else text
            answer = {"outcome": "failed", "message": text[:600], "at": traceback.format_exc()[-1500:]}
        with os.fdopen(writer, "w") as pipe:
            json.dump(answer, pipe)
        os._exit(0)
    os.close(writer)
    os.set_blocking(reader, False)
    text, answer = b"", None
    while True:
        with contextlib.suppress(BlockingIOError):
            while part := os.read(reader, 1 << 16):
                text += part
        done, status, usage = os.wait4(child, os.WNOHANG)
        if done:
            break
        if time.time() - start > seconds:
            os.killpg(child, signal.SIGKILL)
            _, status, usage = os.wait4(child, 0)
            answer = {"outcome": "failed", "message": f"took longer than {seconds} s"}
            break
        time.sleep(0.05)
    with contextlib.suppress(BlockingIOError):
        while part := os.read(reader, 1 << 16):
            text += part
    os.close(reader)
    if answer is None:
        answer = json.loads(text) if text else {"outcome": "failed", "message": f"ended with status {status}"}
    return answer if answer.get("outcome") is None else answer | {"seconds": round(time.time() - start, 1), "megabytes": usage.ru_maxrss // 1024}


def warm_up(sources: list[str], exporters: list[str]) -> None:
    """Loads what every export needs before the processes are forked, which saves most of their time."""
    import importlib

    import torch

    torch.set_num_threads(1)
    for source in sources:
        importlib.import_module(source)
    for exporter in exporters:
        with contextlib.redirect_stdout(io.StringIO()):
            torch.onnx.export(torch.nn.Linear(2, 2), (torch.ones(1, 2),), io.BytesIO(), dynamo=exporter == "dynamo")


def export(source: str, name: str, exporter: str, target: Path, settings: dict | None = None) -> dict:
    """Writes the model as the exporter does by default; settings change that for variants."""
    import torch
    from coverage_parts import modules

    torch.set_num_threads(1)
    model, inputs, labels = modules.build(source, name)
    with torch.no_grad():
        expected = model(*inputs)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    spread = float((expected if isinstance(expected, torch.Tensor) else expected[0]).float().std())
    target.parent.mkdir(parents=True, exist_ok=True)
    options = {"input_names": labels, "dynamo": exporter == "dynamo"} | (settings or {})
    note = ""
    try:
        torch.onnx.export(model, inputs, str(target), **options)
    except Exception as problem:
        if source != "transformers":
            raise
        model.model.set_attn_implementation("eager")
        torch.onnx.export(model, inputs, str(target), **options)
        note = f"with eager attention; as made: {type(problem).__name__}"
    return {"outcome": "exported", "parameters": parameters, "spread": spread, "note": note,
            "inputs": {label: list(value.shape) for label, value in zip(labels, inputs, strict=True)}}
