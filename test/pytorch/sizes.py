"""python sizes.py export FOLDER; python sizes.py verify FOLDER STEM RESULTS.json: plans for inputs of several sizes."""

import json
import sys
import warnings

import torch
from torch import nn

from verify import load

warnings.filterwarnings("ignore")
torch.set_num_threads(1)


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, 4 * width)
        self.act = nn.GELU()
        self.down = nn.Linear(4 * width, width)

    def forward(self, x):
        return x + self.down(self.act(self.up(self.norm(x))))


class Sized(nn.Module):
    """Tokens to scores, at any length."""

    def __init__(self, width=64, depth=6):
        super().__init__()
        self.embed = nn.Embedding(100, width)
        self.blocks = nn.ModuleList(Block(width) for _ in range(depth))
        self.head = nn.Linear(width, 100)

    def forward(self, ids):
        x = self.embed(ids)
        for block in self.blocks:
            x = block(x)
        return self.head(x)


def make():
    torch.manual_seed(0)
    return Sized()


def tokens(length):
    torch.manual_seed(length)
    return torch.randint(0, 100, (8, length))


def export(folder):
    dynamic = {"ids": {1: torch.export.Dim("seq", min=2, max=512)}}
    program = torch.export.export(make().train(), (tokens(64),), dynamic_shapes=dynamic)
    torch.export.save(program, f"{folder}/sized.pt2")


def gradients(model, lengths):
    """All forward passes first: a batch that runs again must do so by its own plan."""
    model.zero_grad()
    sum(model(tokens(length)).sum() for length in lengths).backward()
    return [p.grad.clone() for p in model.parameters()]


def verify(folder, stem, results):
    plan = load(f"{folder}/{stem}.plan.py", 2000)
    with open(f"{folder}/{stem}.plan.json") as file:
        written = json.load(file)
    sizes_of = lambda ids: {"seq": ids.shape[1]}
    checks = []

    def check(label, holds, message=""):
        checks.append({"label": f"{stem}: {label}", "holds": bool(holds), "message": message})

    lengths = [corner[0] for one in written["sizes"]["plans"] for corner in one["upTo"]]
    check("several plans", len(lengths) > 2, f"{len(lengths)} plans")
    plain, planned = make(), plan.apply(make(), sizes=sizes_of)
    equal = all(torch.equal(a, b) for a, b in zip(gradients(plain, lengths), gradients(planned, lengths)))
    check("gradients of batches of all sizes at once", equal, "equal" if equal else "they differ")
    for one, in_file in zip(written["sizes"]["plans"], plan.SIZED["plans"]):
        length, predicted = one["upTo"][0][0], in_file["predicted"][0]
        measured = plan.measure(plan.apply(make(), sizes=sizes_of), tokens(length))
        peak, expected = measured["peak_bytes"], predicted["peak_bytes"]
        off = 100 * (expected / peak - 1)
        moved = {way: sum(size for direction, _, size in measured["moves"] if direction == way) for way in ("out", "back")}
        print(
            f"{stem}, seq {length}: predicted {expected}, measured {peak} ({off:+.2f} %), budget {written['budgetBytes']}; "
            f"out {moved['out']} of {predicted['out_bytes']}, back {moved['back']} of {predicted['back_bytes']}"
        )
        # A local variable may hold what was sent away until its function returns.
        fits = abs(off) <= (3 if in_file["offload"] else 1) and peak <= written["budgetBytes"]
        check(f"peak at seq {length}", fits, f"predicted {expected}, measured {peak}, budget {written['budgetBytes']}")
        for way, size in moved.items():
            check(f"bytes {way} at seq {length}", size == predicted[f"{way}_bytes"], f"{size} of {predicted}")
        alone = plan.measure(plan.apply(make(), sizes={"seq": length}), tokens(length))["peak_bytes"]
        check(f"the plan for seq {length} alone", alone == peak, f"{alone}, by size {peak}")
    offloading = [one for one in plan.SIZED["plans"] if one["offload"]]
    check("plans that offload", bool(offloading) == ("offload" in written), f"{len(offloading)} of them")
    try:
        planned(tokens(max(lengths) + 1))
        check("a batch too large", False, "nothing was raised")
    except plan.PlanMismatch as mismatch:
        check("a batch too large", str(max(lengths)) in str(mismatch), str(mismatch))
    plan.remove(planned)
    left = [name for name, module in planned.named_modules() if "forward" in module.__dict__]
    check("removed", not left, f"left: {left}")
    with open(results, "w") as file:
        json.dump(checks, file)


if __name__ == "__main__":
    {"export": export, "verify": verify}[sys.argv[1]](*sys.argv[2:])
