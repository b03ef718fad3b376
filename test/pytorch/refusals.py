"""python refusals.py FOLDER RESULTS.json: plans that must be refused, and what they say; devices on a CPU."""

import json
import sys
import warnings

import torch
from torch import nn

import models
from verify import load

warnings.filterwarnings("ignore")


def refusal(plan, action, *words):
    try:
        action()
    except plan.PlanMismatch as mismatch:
        text = str(mismatch)
        return all(word in text for word in words), text.replace("\n", " ")[:240]
    return False, "nothing was raised"


def renamed(model):
    """The same network with its blocks under another name."""
    model.layers = model.blocks
    del model.blocks
    return model


def gradients(model, inputs):
    model.zero_grad()
    model(*inputs).sum().backward()
    return [p.grad.clone() for p in model.parameters()]


def same_gradients(plan, change):
    """Does a changed plan leave the gradients as they are?"""
    model, inputs = models.make("mlp"), models.inputs("mlp")
    plain = gradients(model, inputs)
    change(plan, model)
    planned = gradients(model, inputs)
    equal = all(torch.equal(a, b) for a, b in zip(plain, planned))
    return equal, "gradients are equal" if equal else "gradients differ"


def place(plan, model):
    plan.PLAN = {**plan.PLAN, "place": {"": "gpu0", "blocks.1": "gpu1"}, "devices": {"gpu0": "cuda", "gpu1": "cuda"}}
    plan.apply(model, devices={"gpu0": "cpu", "gpu1": "cpu"})


def main(folder, results):
    path = f"{folder}/mlp.onnx.85.plan.py"
    fresh = iter(range(1000, 2000))
    plan = load(path, next(fresh))
    far = {**plan.PLAN, "place": {"": "gpu0", "blocks.1": "gpu1"}, "devices": {"gpu0": "cpu", "gpu1": "cuda"}}

    def offloaded():
        apart = load(path, next(fresh))
        apart.PLAN, apart.PlanMismatch = {**plan.PLAN, "offload": {"calls": {"blocks.9": {}}}}, plan.PlanMismatch
        apart.apply(models.make("mlp"))

    def unplaced():
        apart = load(path, next(fresh))
        apart.PLAN, apart.PlanMismatch = far, plan.PlanMismatch
        apart.apply(models.make("mlp"), devices={"gpu1": "cuda:63"})

    checks = {
        "another model": refusal(plan, lambda: plan.apply(models.UNet()), "no module", "no parameter"),
        "renamed modules": refusal(plan, lambda: plan.apply(renamed(models.make("mlp"))), "near: layers.0"),
        "another width": refusal(plan, lambda: plan.apply(models.Mlp(width=64)), "(64, 32)", "(128, 32)"),
        "offloading from a missing module": refusal(plan, offloaded, "no module", "blocks.9"),
        "a missing device": refusal(plan, unplaced, "gpu1", "cuda:63"),
        "an unknown device": refusal(
            plan, lambda: plan.apply(models.make("mlp"), devices={"gpu9": "cpu"}), "no device gpu9"
        ),
    }
    wrapper = nn.Module()
    wrapper.module = models.make("mlp")
    plan.apply(wrapper)
    changed = "forward" in wrapper.module.blocks[0].__dict__
    checks["a wrapper's prefix is seen through"] = changed, "applied" if changed else "not applied"
    checks["placement"] = same_gradients(load(path, next(fresh)), place)
    with open(results, "w") as file:
        json.dump([{"label": k, "holds": holds, "message": text} for k, (holds, text) in checks.items()], file)


if __name__ == "__main__":
    main(*sys.argv[1:])
