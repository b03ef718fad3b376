"""Loads exports with the engines they are for. engines.py make FOLDER | engines.py check FOLDER RESULTS."""

import contextlib
import json
import pathlib
import runpy
import subprocess
import sys

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, 4 * width)
        self.act = nn.GELU()
        self.down = nn.Linear(4 * width, width)
        self.scale = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return x + self.scale * self.down(self.act(self.up(self.norm(x))))


class Stack(nn.Module):
    def __init__(self, width=64, depth=6):
        super().__init__()
        self.position = nn.Parameter(torch.zeros(16, width))
        self.embed = nn.Linear(width, width)
        self.blocks = nn.ModuleList([Block(width) for _ in range(depth)])
        self.head = nn.Linear(width, 10)

    def forward(self, x):
        x = self.embed(x) + self.position
        for block in self.blocks:
            x = block(x)
        return self.head(x)


def make(folder):
    torch.manual_seed(0)
    torch.onnx.export(Stack(), (torch.randn(8, 16, 64),), folder / "stack.onnx", dynamo=True, external_data=False)


def model_and_input():
    torch.manual_seed(0)
    return Stack(), torch.randn(8, 16, 64)


def fsdp2(folder):
    plan = runpy.run_path(str(folder / "one.fsdp2.py"))
    assert plan["CHECKPOINT"], "the plan checkpoints something"
    model, x = model_and_input()
    planned, _ = model_and_input()
    plan["apply_checkpoints"](planned)
    wrapped = [name for name, module in planned.named_modules() if type(module).__name__ == "CheckpointWrapper"]
    assert sorted(wrapped) == sorted(plan["CHECKPOINT"]), wrapped
    model(x).sum().backward()
    planned(x).sum().backward()
    for one, other in zip(model.parameters(), planned.parameters()):
        assert torch.equal(one.grad, other.grad)
    try:
        plan["apply"](nn.Linear(2, 2))
    except ValueError as error:
        assert "another model" in str(error)
    else:
        raise AssertionError("another model is taken")


def pipelining(folder):
    plan = runpy.run_path(str(folder / "two.pipelining.py"))
    model, x = model_and_input()
    pipe = plan["build"](model, (x[:4],))
    assert pipe.num_stages == 2
    result = pipe(x[:4])
    assert torch.equal(result[0] if isinstance(result, tuple) else result, model(x[:4]))


def accelerate(folder):
    from accelerate.commands.config.config_args import load_config_from_file
    from accelerate.utils.modeling import check_device_map

    device_map = json.loads((folder / "two.device_map.json").read_text())
    model, _ = model_and_input()
    check_device_map(model, device_map)
    for name in model.state_dict():
        above = [key for key in device_map if key == name or name.startswith(key + ".")]
        assert len(above) == 1, (name, above)
    assert {device_map[f"blocks.{i}"] for i in range(6)} == {0, 1}
    config = load_config_from_file(str(folder / "stack.onnx.accelerate.yaml"))
    assert config.num_processes == 1 and config.mixed_precision == "no"


def onnx_annotations(folder):
    import onnx

    source = onnx.load(folder / "stack.onnx")
    for name, devices in (("one", 0), ("two", 2)):
        path = folder / f"{name}.annotated.onnx"
        onnx.checker.check_model(str(path), full_check=True)
        copy = onnx.load(path)
        assert sum(configuration.num_devices for configuration in copy.configuration) == devices
        marks = [entry for node in copy.graph.node for entry in node.metadata_props if entry.key.startswith("headroom.")]
        assert marks, "nodes have notes"
        for node in copy.graph.node:
            del node.device_configurations[:]
            kept = [entry for entry in node.metadata_props if not entry.key.startswith("headroom.")]
            del node.metadata_props[:]
            node.metadata_props.extend(kept)
        assert copy.graph == source.graph, "nothing but notes is changed"


def compile_budget(folder):
    import torch._functorch.config as config

    plan = runpy.run_path(str(folder / "one.compile-budget.py"))
    plan["apply"](model_and_input()[0])
    assert config.activation_memory_budget == plan["ACTIVATION_MEMORY_BUDGET"]


def jax_policies(folder):
    import jax
    import jax.numpy as jnp

    plan = runpy.run_path(str(folder / "one.jax.py"))
    assert len(plan["POLICIES"]) == 6
    for block in plan["POLICIES"]:
        assert callable(plan["policy"](block))

        def loss(weight):
            return jnp.sum(jnp.tanh(weight @ weight))

        weight = jnp.eye(3)
        assert jnp.array_equal(jax.grad(plan["checkpointed"](loss, block))(weight), jax.grad(loss)(weight))


def deepspeed(folder):
    from deepspeed.runtime.config import DeepSpeedConfig

    config = DeepSpeedConfig(json.loads((folder / "one.deepspeed.json").read_text()))
    assert config.train_micro_batch_size_per_gpu == 8


def megatron(folder):
    script = f'source "{folder / "one.megatron.sh"}"; printf "%s\\n" "${{RECOMPUTE_ARGS[@]}}"'
    flags = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert "--recompute-granularity" in flags, flags
    try:
        from megatron.core.transformer import TransformerConfig
    except ImportError:
        return "flags read by bash; megatron.core is not installed"
    named = dict(zip(flags[::2], flags[1::2]))
    settings = {key[2:].replace("-", "_"): value for key, value in named.items()}
    if "recompute_num_layers" in settings:
        settings["recompute_num_layers"] = int(settings["recompute_num_layers"])
    if "recompute_modules" in settings:
        settings["recompute_modules"] = [settings["recompute_modules"]]
    TransformerConfig(num_layers=6, hidden_size=64, num_attention_heads=4, **settings)


checks = [fsdp2, pipelining, accelerate, onnx_annotations, compile_budget, jax_policies, deepspeed, megatron]


def check(folder, results):
    answers = []
    for one in checks:
        answer = {"engine": one.__name__}
        with contextlib.suppress(BrokenPipeError):
            try:
                note = one(folder)
                answer |= {"state": "passed", "note": note or ""}
            except ImportError as error:
                answer |= {"state": "skipped", "note": str(error)}
            except Exception as error:  # noqa: BLE001: the report names it
                answer |= {"state": "failed", "note": f"{type(error).__name__}: {error}"}
        answers.append(answer)
    results.write_text(json.dumps(answers))


if __name__ == "__main__":
    command, folder, *rest = sys.argv[1:]
    make(pathlib.Path(folder)) if command == "make" else check(pathlib.Path(folder), pathlib.Path(rest[0]))
