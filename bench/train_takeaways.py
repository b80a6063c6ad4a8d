"""Make src/digest/compress/weights.json: the weights that say which sentences deserve to be takeaways.

    python -m bench.train_takeaways DATA        DATA holds highlights/pairs.jsonl

Every article of the first half (by the hash of its id, see `is_for_training`) gives one row per
sentence that passes the rules. The target of a row is how much its shortened form says of the
article's highlight bullets: 1 for the sentences that a greedy search for the best ROUGE-1 + ROUGE-2
picks, and for the others their own share. A logistic regression with a ridge is fitted by Newton's
method in plain Python, so that anybody can repeat it; it takes a minute or two.
The articles have no headline, so "title_overlap" can't be learnt: it and the other weights under
"by_hand" are kept as they stand in the file.
"""

from __future__ import annotations

import hashlib
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.rouge import rouge

from digest.compress.candidates import candidate_rows
from digest.compress.features import FEATURES
from digest.compress.score import WEIGHTS_FILE

RIDGE = 4.0
STEPS = 8
DECIMALS = 3
MOST_PICKED = 4


def is_for_training(document_id: str) -> bool:
    """Halve the documents: the last digit of the id's SHA-256 is even for the training half."""
    return int(hashlib.sha256(document_id.encode()).hexdigest()[-1], 16) % 2 == 0


def main(data: Path) -> None:
    lines = (data / "highlights" / "pairs.jsonl").read_text(encoding="utf-8").splitlines()
    pairs = [pair for pair in map(json.loads, lines) if is_for_training(pair["id"])]
    rows: list[tuple[float, ...]] = []
    targets: list[float] = []
    for pair in pairs:
        found = candidate_rows("", pair["article"], language="en")
        rows += [row for _, row in found]
        targets += _targets([bullet for bullet, _ in found], pair["highlights"])
    bias, learnt = _fit(rows, targets)
    stored = json.loads(WEIGHTS_FILE.read_text(encoding="utf-8"))
    stored["provenance"]["rows"] = f"{len(rows)} sentences of {len(pairs)} articles"
    stored["bias"] = round(bias, DECIMALS)
    stored["learnt"] = {name: round(weight, DECIMALS) for name, weight in zip(FEATURES, learnt, strict=True)}
    WEIGHTS_FILE.write_text(json.dumps(stored, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{stored['provenance']['rows']} → {WEIGHTS_FILE}")


def _targets(bullets: Sequence[str], highlights: Sequence[str]) -> list[float]:
    alone = [sum(rouge([bullet], highlights)[:2]) for bullet in bullets]
    best = max(alone, default=0.0) or 1.0
    picked: list[int] = []
    score = 0.0
    while len(picked) < MOST_PICKED:
        tried = [
            (sum(rouge([bullets[at] for at in sorted([*picked, place])], highlights)[:2]), -place)
            for place in range(len(bullets))
            if place not in picked and alone[place] > 0.05
        ]
        if not tried or max(tried)[0] <= score:
            break
        score, negative = max(tried)
        picked.append(-negative)
    return [1.0 if place in picked else 0.5 * (value / best) ** 2 for place, value in enumerate(alone)]


def _fit(rows: Sequence[tuple[float, ...]], targets: Sequence[float]) -> tuple[float, list[float]]:
    """Return the bias and the weights that make the targets likeliest, with a ridge on the weights."""
    size = len(FEATURES) + 1
    weights = [0.0] * size
    data = [(1.0, *row) for row in rows]
    for _ in range(STEPS):
        gradient = [0.0] + [-RIDGE * weight for weight in weights[1:]]
        curvature = [[0.0] * size for _ in range(size)]
        for row, target in zip(data, targets, strict=True):
            guess = 1 / (1 + math.exp(-sum(weight * value for weight, value in zip(weights, row, strict=True))))
            slope = guess * (1 - guess)
            for at, value in enumerate(row):
                if value:
                    gradient[at] += (target - guess) * value
                    scaled, line = slope * value, curvature[at]
                    for other in range(at, size):
                        line[other] += scaled * row[other]
        for at in range(size):
            curvature[at][at] += RIDGE if at else 1e-9
            for other in range(at):
                curvature[at][other] = curvature[other][at]
        step = _solve(curvature, gradient)
        weights = [weight + change for weight, change in zip(weights, step, strict=True)]
    return weights[0], weights[1:]


def _solve(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Solve a symmetric positive system by Gaussian elimination."""
    size = len(right)
    rows = [[*line, value] for line, value in zip(matrix, right, strict=True)]
    for at in range(size):
        pivot = max(range(at, size), key=lambda line: abs(rows[line][at]))
        rows[at], rows[pivot] = rows[pivot], rows[at]
        for line in range(at + 1, size):
            factor = rows[line][at] / rows[at][at]
            for column in range(at, size + 1):
                rows[line][column] -= factor * rows[at][column]
    solution = [0.0] * size
    for at in reversed(range(size)):
        known = sum(rows[at][column] * solution[column] for column in range(at + 1, size))
        solution[at] = (rows[at][size] - known) / rows[at][at]
    return solution


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m bench.train_takeaways DATA")
    main(Path(sys.argv[1]))
