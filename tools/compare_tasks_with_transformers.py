#!/usr/bin/env python3
"""Holds `pleat eval DIR --task FILE` to log-likelihoods that transformers gives, choice by choice.

usage: compare_tasks_with_transformers.py DIR FILE.jsonl [FILE.jsonl ...]

The requests are built here anew, with the words and the division into context and continuation that
lm-evaluation-harness uses; every choice is read whole, by itself, without a cache. Prints the
largest difference of each file and fails above 1e-3. Needs torch and transformers.
"""
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import torch
import transformers

LIMIT = 1e-3
PLEAT = shlex.split(os.environ.get("PLEAT", str(Path(__file__).resolve().parent.parent / "pleat")))


def hellaswag(text: str) -> str:
    text = re.sub(r"\[.*?\]", "", text.strip().replace(" [title]", ". "))
    return text.replace("  ", " ")


def requests(row: dict) -> list[tuple[str, str]]:
    """Context and continuation of every choice."""
    if "sentence" in row:
        before, _, after = row["sentence"].partition("_")
        return [(before + row[option], " " + after.strip()) for option in ("option1", "option2")]
    if "passage" in row:
        context = f"{row['passage']}\nQuestion: {row['question']}?\nAnswer:"
        choices = ["no", "yes"]
    elif "endings" in row:
        context = hellaswag(f"{row['activity_label']}: {row['ctx_a']} {row['ctx_b'].capitalize()}")
        choices = [hellaswag(ending) for ending in row["endings"]]
    elif "goal" in row:
        context, choices = f"Question: {row['goal']}\nAnswer:", [row["sol1"], row["sol2"]]
    elif "answerKey" in row:
        stem = row["question"]["stem"]
        openbook = re.fullmatch(r"\d+-\d+", row["id"])
        context = stem if openbook else f"Question: {stem}\nAnswer:"
        choices = [choice["text"] for choice in row["question"]["choices"]]
    else:
        context, choices = row["context"], row["choices"]
    return [(context, " " + choice) for choice in choices]


def log_likelihood(model, tokenizer, context: str, continuation: str) -> float:
    spaces = len(context) - len(context.rstrip())
    if spaces:
        continuation, context = context[-spaces:] + continuation, context[:-spaces]
    whole = tokenizer.encode(context + continuation)
    start = len(tokenizer.encode(context))
    with torch.no_grad():
        logits = model(torch.tensor([whole[:-1]])).logits[0].double()
    chosen = torch.log_softmax(logits, -1)[start - 1:].gather(1, torch.tensor(whole[start:])[:, None])
    return float(chosen.sum())


def main() -> None:
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    directory, files = sys.argv[1], sys.argv[2:]
    tokenizer = transformers.AutoTokenizer.from_pretrained(directory)
    model = transformers.AutoModelForCausalLM.from_pretrained(directory, dtype=torch.float32).eval()
    worst = 0.0
    for file in files:
        rows = [json.loads(line) for line in open(file, encoding="utf-8") if line.strip()]
        run = subprocess.run([*PLEAT, "eval", directory, "--task", file, "--json", "-q"],
                             check=True, capture_output=True, text=True)
        found = json.loads(run.stdout)["questions"]
        difference, count = 0.0, 0
        for row, question in zip(rows, found, strict=True):
            asked = requests(row)
            for (context, continuation), value in zip(asked, question["logLikelihoods"], strict=True):
                expected = log_likelihood(model, tokenizer, context, continuation)
                difference, count = max(difference, abs(expected - value)), count + 1
        print(f"{file}: {count} choices, largest difference {difference:.1e}")
        worst = max(worst, difference)
    if worst > LIMIT:
        sys.exit(f"differences up to {worst:.1e}, at most {LIMIT} expected")


if __name__ == "__main__":
    main()
