#!/usr/bin/env python3
"""Exports models from the usual libraries, folds them with Pleat and reports what became of each."""
import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from coverage_parts import catalog  # noqa: E402


def chosen(options) -> list[tuple[str, str]]:
    from coverage_parts import modules

    found = []
    for source in options.source:
        if source == "light":
            continue
        every = modules.names(source)
        hard = [name for name in catalog.HARD[source].split() if name in every]
        listed = hard if options.hard else hard + [name for name in every if name not in hard]
        found += [(source, name) for name in listed if not options.family or name in options.family]
    return found


def keep(record: Path, answer: dict) -> None:
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_text(json.dumps(answer, indent=1))
    print(record.name, answer["outcome"], answer.get("seconds", ""), answer.get("message", answer.get("note", ""))[:150], flush=True)


def export_phase(options) -> None:
    from coverage_parts import exporting, variants

    if "light" in options.source:
        for name in variants.light(options.corpus / "light"):
            keep(options.corpus / "light" / f"{name}.onnx-package.json", {"outcome": "exported"})
    exporting.warm_up([source for source in options.source if source != "light"], options.exporter)
    for source, name in chosen(options):
        for exporter in options.exporter:
            target = options.corpus / source / f"{name}.{exporter}.onnx"
            record = target.with_suffix(".json")
            if options.again or not record.exists():
                keep(record, exporting.isolated(lambda: exporting.export(source, name, exporter, target), options.timeout, options.memory))


def variants_phase(options) -> None:
    from coverage_parts import exporting, modules, variants

    exporting.warm_up(list(catalog.VARIED), ["torchscript", "dynamo"])
    folder = options.corpus / "variants"
    folder.mkdir(parents=True, exist_ok=True)
    for source, families in catalog.VARIED.items():
        for name in families:
            labels = modules.build(source, name)[2]
            works = {}
            for kind, (exporter, settings) in variants.exports(labels).items():
                works[kind] = lambda e=exporter, t=folder / f"{name}.{kind}.onnx", s=settings: exporting.export(source, name, e, t, s)
            base = folder / f"{name}.torchscript.onnx"
            works["torchscript-simplified"] = lambda t=folder / f"{name}.torchscript-simplified.onnx": variants.simplified(base, t)
            for level in ("basic", "extended"):
                works[f"torchscript-{level}"] = lambda t=folder / f"{name}.torchscript-{level}.onnx", n=level: variants.optimised(base, t, n)
            for kind, work in works.items():
                record = folder / f"{name}.{kind}.json"
                if options.again or not record.exists():
                    keep(record, exporting.isolated(work, options.timeout, options.memory))


def pruning_phase(options) -> None:
    from coverage_parts import exporting, pruning

    exporting.warm_up([source for source in options.source if source != "light"], [])
    import torch_pruning  # noqa: F401

    for source, name in chosen(options):
        record = options.corpus / source / f"{name}.pruning.json"
        if options.again or not record.exists():
            keep(record, exporting.isolated(lambda: pruning.prune(source, name), options.timeout, options.memory))


def report_phase(options) -> None:
    from coverage_parts import reporting

    (options.corpus / "FAILURES.md").write_text(reporting.failures(options.corpus, [*options.source, "variants"]))
    if options.page:
        command = "python3 -m pip install -r tools/coverage_parts/requirements.txt\nfor phase in export variants fold pruning report; do\n" \
                  "  python3 tools/coverage.py $phase --corpus CORPUS --page docs/coverage.md\ndone"
        options.page.write_text(reporting.page(options.corpus, options.source, command))


def fold_phase(options) -> None:
    from coverage_parts import folding

    runner = folding.Worker(options.jvm.split()).run if options.jvm else folding.run
    for path in exported(options):
        record = path.with_suffix(f".{options.repair}.json")
        if record.exists() and not options.again and not (options.failures and bad(json.loads(record.read_text()))):
            continue
        made = json.loads(path.with_suffix(".json").read_text())
        answer = folding.fold(options.pleat, path, made.get("inputs", {}), options.timeout, options.repair, runner, not options.unchecked)
        record.write_text(json.dumps(answer, indent=1))
        print(path.relative_to(options.corpus), answer["outcome"], answer.get("share"), answer["inspect"]["seconds"], answer["fold"]["seconds"],
              answer["fold"]["megabytes"], (answer["message"] or answer["check"])[:200], flush=True)


def bad(answer: dict) -> bool:
    return answer["outcome"] != "folds" or answer["share"] < 0.5 or (answer["verification"]["maxRelativeDifferenceOfDuplicates"] or 0) > 1e-4


def exported(options) -> list[Path]:
    """The files of the corpus, the smallest first."""
    found = []
    for source in [*options.source, *([] if options.family else ["variants"])]:
        for path in (options.corpus / source).glob("*.onnx"):
            name, kind = path.name.removesuffix(".onnx").rsplit(".", 1)
            wanted = not options.family or name in options.family
            if wanted and path.stat().st_size <= options.largest * 1e6 and (kind in options.exporter or source in ("light", "variants")) and path.with_suffix(".json").exists():
                found.append((path.stat().st_size, path))
    return [path for *_, path in sorted(found)][options.part[0] :: options.part[1]]


PHASES = {"export": export_phase, "variants": variants_phase, "fold": fold_phase, "pruning": pruning_phase, "report": report_phase}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("phase", choices=list(PHASES))
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--source", nargs="+", default=["torchvision", "timm", "transformers", "light"])
    parser.add_argument("--family", nargs="+")
    parser.add_argument("--exporter", nargs="+", default=["torchscript", "dynamo"])
    parser.add_argument("--hard", action="store_true")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--failures", action="store_true", help="fold: again what did not fold")
    parser.add_argument("--pleat", default=str(Path(__file__).resolve().parent.parent / "pleat"))
    parser.add_argument("--jvm", help="fold: one JVM for all, by this command: java -cp CLASSPATH tools/coverage_parts/Worker.java")
    parser.add_argument("--repair", default="approximate")
    parser.add_argument("--page", type=Path, help="report: where the page goes")
    parser.add_argument("--timeout", type=int, default=300)
    parser.add_argument("--unchecked", action="store_true", help="fold: without the ONNX checker and a run outside Pleat")
    parser.add_argument("--largest", type=float, default=1e9, help="fold: leave out files of more megabytes")
    parser.add_argument("--part", type=int, nargs=2, default=[0, 1], metavar=("I", "N"), help="fold: only every Nth file, from the Ith")
    parser.add_argument("--memory", type=int, default=8)
    options = parser.parse_args()
    PHASES[options.phase](options)


if __name__ == "__main__":
    main()
