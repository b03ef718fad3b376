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


def verify(case, number):
    plan = load(case["plan"], number)
    model, inputs = models.make(case["model"]), models.inputs(case["model"])
    result = plan.compare(model, inputs)
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
    }


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        cases = json.load(file)
    results = []
    for number, case in enumerate(cases):
        started = time.perf_counter()
        try:
            results.append({**case, **verify(case, number)})
        except Exception:
            results.append({**case, "error": traceback.format_exc()[-2000:]})
        gc.collect()
        state = "FAILED" if "error" in results[-1] else "ran"
        print(f"{case['label']}: {state} in {time.perf_counter() - started:.1f} s", flush=True)
    with open(sys.argv[2], "w") as file:
        json.dump({"torch": torch.__version__, "results": results}, file)
