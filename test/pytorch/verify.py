"""python verify.py CASES.json RESULTS.json: runs models with and without exported plans.

CASES: [{"plan": path of a Python file, "model": a name of models.py, ...}]; a result is the case with what was measured.
"""

import gc
import importlib.util
import json
import sys
import time
import traceback
import warnings

import torch

import models

warnings.filterwarnings("ignore")
# The order of sums over threads may differ from run to run.
torch.set_num_threads(1)
torch.use_deterministic_algorithms(True, warn_only=True)


def load(path, number):
    spec = importlib.util.spec_from_file_location(f"plan{number}", path)
    plan = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(plan)
    return plan


def planned_moves(planned):
    """Names in the order in which they leave, in which they are fetched ahead of their use, and all that come back."""
    values = planned["offload"] or {"values": [], "fetches": []}
    away = [value["value"] for value in values["values"]]
    fetched = [name for fetch in values["fetches"] for name in fetch["values"]]
    return {"out": away, "fetched": fetched, "state": [f"state of {name}" for name in planned["state"]]}


def updated(plan, case, is_planned):
    """Parameters after two steps with or without the optimizer's state away, as bytes."""
    model, inputs = models.make(case["model"]), models.inputs(case["model"])
    if is_planned:
        plan.apply(model)
    step = plan.Step(model, inputs)
    for _ in range(2):
        step.run()
    return [p.detach().numpy().tobytes() for p in model.parameters()]


def verify(case, number):
    plan = load(case["plan"], number)
    model, inputs = models.make(case["model"]), models.inputs(case["model"])
    result = plan.compare(model, inputs)
    updates = plan.PLAN["state"] == [] or updated(plan, case, True) == updated(plan, case, False)
    plan.remove(model)
    leftovers = [name for name, module in model.named_modules() if "forward" in module.__dict__]
    checkpoints = plan.PLAN["checkpoint"]
    selective = sum(bool(region["save"]) for region in checkpoints)
    return {
        **result,
        "predicted": plan.PREDICTED,
        "budget": plan.BUDGET_BYTES,
        "checkpoints": len(checkpoints),
        "selective": selective,
        "leftovers": leftovers,
        "offload": planned_moves(plan.PLAN),
        "updates_equal": updates,
    }


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        cases = json.load(file)
    results = []
    started = time.perf_counter()
    for number, case in enumerate(cases):
        try:
            results.append({**case, **verify(case, number)})
        except Exception:
            results.append({**case, "error": traceback.format_exc()[-2000:]})
        gc.collect()
        if number + 1 == len(cases) or cases[number + 1]["model"] != case["model"]:
            print(f"{case['model']}: its plans ran in {time.perf_counter() - started:.1f} s", flush=True)
            started = time.perf_counter()
    with open(sys.argv[2], "w") as file:
        json.dump({"torch": torch.__version__, "results": results}, file)
