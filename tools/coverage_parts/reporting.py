"""Writes what the phases recorded: docs/coverage.md, and a list of failures for whoever mends them."""
import json
import statistics
from collections import Counter
from pathlib import Path

OUTCOMES = ["folds", "nothing can fold", "refused", "crash", "too slow", "bad output", "export does not run"]
TITLES = {"torchvision": "torchvision", "timm": "timm, one of each family", "transformers": "transformers, tiny configurations",
          "light": "light models of the onnx package"}
TOLERANCE = 1e-4


def load(path: Path) -> dict:
    return json.loads(path.read_text()) if path.exists() else {}


def records(corpus: Path, source: str, repair: str = "approximate") -> dict[tuple[str, str], tuple[dict, dict]]:
    """(family, exporter) to what the export and the fold recorded."""
    found = {}
    for path in sorted((corpus / source).glob("*.json")):
        stem = path.name.removesuffix(".json")
        if stem.count(".") == 1 and not stem.endswith(".pruning"):
            name, exporter = stem.rsplit(".", 1)
            found[name, exporter] = load(path), load(path.with_name(f"{stem}.{repair}.json"))
    return found


def verified(fold: dict) -> bool:
    return fold["outcome"] == "folds" and (fold["verification"].get("maxRelativeDifferenceOfDuplicates") or 0) <= TOLERANCE


def failures(corpus: Path, sources: list[str]) -> str:
    """One line a model that does not fold, or folds less than half: outcome, share, message, top reason."""
    lines = ["| model | outcome | share | removed | message | most frozen by |", "|---|---|---|---|---|---|"]
    for source in sources:
        for (name, exporter), (made, fold) in records(corpus, source).items():
            if not fold or (verified(fold) and fold.get("shareWithHeads", 0) >= 0.9):
                continue
            label = fold["outcome"] if fold["outcome"] != "folds" or verified(fold) else "duplicates differ"
            why = "; ".join(f"{entry['groups']}x/{entry['channels']}ch {entry['reason'][:160]}" for entry in fold.get("frozen", [])[:3])
            text = (fold["message"] or fold["check"]).rsplit(".onnx: ", 1)[-1][:160]
            lines.append(f"| {source}/{name}.{exporter} | {label} | {fold.get('share', '')} / {fold.get('shareWithHeads', '')} | {fold.get('removed', '')} | {text} | {why} |".replace("\n", " "))
    return "\n".join(lines) + "\n"


def summary(corpus: Path, sources: list[str]) -> list[str]:
    lines = ["| source, exporter | exported | folded so far | folds and verifies | duplicates within 1e-4 | nothing can fold | refused | crash | other | share of parameters that can fold, median / lowest tenth | with heads |",
             "|---|---|---|---|---|---|---|---|---|---|---|"]
    for source in sources:
        rows = records(corpus, source)
        for exporter in sorted({exporter for _, exporter in rows}, reverse=True):
            folds = [fold for (_, kind), (made, fold) in rows.items() if kind == exporter and fold and fold["outcome"] != "export does not run"]
            exported = sum(kind == exporter and made["outcome"] == "exported" for (_, kind), (made, _) in rows.items())
            if not folds:
                continue
            count = Counter(fold["outcome"] for fold in folds)
            good, close = count[OUTCOMES[0]], sum(verified(fold) for fold in folds)
            other = len(folds) - good - sum(count[name] for name in OUTCOMES[1:4])
            lines.append(f"| {TITLES.get(source, source)}, {exporter} | {exported} | {len(folds)} | {good} ({good / len(folds):.1%}) | {close} | {count[OUTCOMES[1]]} | {count[OUTCOMES[2]]} "
                         f"| {count[OUTCOMES[3]]} | {other} | {median_and_tenth([fold.get('share', 0) for fold in folds])} | {median_and_tenth([fold.get('shareWithHeads', 0) for fold in folds])} |")
    return lines


def median_and_tenth(shares: list[float]) -> str:
    return f"{statistics.median(shares):.0%} / {sorted(shares)[len(shares) // 10]:.0%}"


def cell(made: dict, fold: dict) -> str:
    if not made:
        return ""
    if made["outcome"] != "exported":
        return "does not export"
    if not fold:
        return "not run"
    if fold["outcome"] == "folds":
        return f"{fold['share']:.0%}{heads(fold)}, {fold.get('seconds', fold['fold']['seconds']):.0f} s" if verified(fold) else differing(fold)
    return fold["outcome"]


def differing(fold: dict) -> str:
    alone = fold.get("rounding")
    return f"duplicates differ by {fold['verification']['maxRelativeDifferenceOfDuplicates']:.0e}" + (f", rounding alone by {alone:.0e}" if alone else "")


def heads(fold: dict) -> str:
    more = fold.get("shareWithHeads", 0)
    return f" ({more:.0%})" if more > fold["share"] + 0.005 else ""


def families(corpus: Path, source: str) -> list[str]:
    rows = records(corpus, source)
    exporters = [name for name in ("torchscript", "dynamo", "onnx-package") if any(kind == name for _, kind in rows)]
    head = ["family", *exporters, "removed at 50 %", "Torch-Pruning"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for name in sorted({name for (name, _), (_, fold) in rows.items() if fold}):
        cells = [cell(*rows.get((name, exporter), ({}, {}))) for exporter in exporters]
        removed = next((f"{fold['removed']:.0%}" for exporter in exporters for _, fold in [rows.get((name, exporter), ({}, {}))]
                        if fold and "removed" in fold), "")
        pruned = load(corpus / source / f"{name}.pruning.json")
        lines.append(f"| {name} | " + " | ".join([*cells, removed, torch_pruning(pruned)]) + " |")
    return lines


def torch_pruning(record: dict) -> str:
    if not record:
        return ""
    return f"removes {record['removed']:.0%}" if record["outcome"] == "ok" else record["outcome"]


def variants(corpus: Path) -> list[str]:
    rows = records(corpus, "variants")
    kinds = list(dict.fromkeys(kind for _, kind in rows))
    lines = ["| model | " + " | ".join(kinds) + " |", "|" + "---|" * (len(kinds) + 1)]
    for name in sorted({name for name, _ in rows}):
        cells = []
        for kind in kinds:
            made, fold = rows.get((name, kind), ({}, {}))
            good = fold and fold["outcome"] == "folds"
            cells.append(f"{fold['share']:.1%}, {fold['removed']:.1%}" if good else cell(made, fold))
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def page(corpus: Path, sources: list[str], command: str) -> str:
    parts = [f"# Coverage: models that nobody here made\n\n{INTRODUCTION.format(command=command)}", "\n".join(summary(corpus, sources))]
    if (corpus / "variants").exists():
        parts.append("## One model, many forms\n\nShare of parameters that can fold, and share removed at 50 % of the channels, from each form of the same model.")
        parts.append("\n".join(variants(corpus)))
    for source in sources:
        if not any(fold for _, fold in records(corpus, source).values()):
            continue
        parts.append(f"## {TITLES.get(source, source)}")
        note = corpus / source / "NOTE.md"  # what a reader has to know of one run
        parts += [note.read_text().strip()] if note.exists() else []
        parts.append("\n".join(families(corpus, source)))
    return "\n\n".join(parts) + "\n"


INTRODUCTION = """Every model is made by its library with random, seeded weights, exported with the default settings of each exporter of torch
(`dynamo=False`, `dynamo=True`), inspected, and folded with `--channels 0.5 --repair approximate`. Written by

```sh
{command}
```

*Folds and verifies*: the fold succeeds; a fold by nothing gives the same bits; planted duplicates fold back with outputs that are equal
but for what rounding does in that network; the written file passes the ONNX checker, loads in ONNX Runtime and runs to finite outputs. *Duplicates within 1e-4*: those outputs are also equal within 1e-4
relative (where they are not, "rounding alone" is how far the outputs of the export itself are apart with and without ONNX Runtime's optimisations). A family's cell holds the share of its parameters
in tensors that at least one foldable group makes smaller (in brackets with `--heads`, where that is more), and the seconds of the fold with its verification (on a shared machine with two
cores, several other jobs running: noisy and high). A dot marks results that only Pleat's own
verification loaded and ran, not the checker and ONNX Runtime outside it. Torch-Pruning gets the same torch models: half of the channels at random importance, the output's layers left alone, then a forward pass."""
