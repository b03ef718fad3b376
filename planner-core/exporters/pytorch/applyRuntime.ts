/**
 * The part of an exported Python file that changes a model: names checked first, then checkpoints around modules.
 * It goes with the data that `pytorchFile.ts` writes above it.
 */
export const applyRuntime = String.raw`
class PlanMismatch(RuntimeError):
    """The plan was made for another model, or for other inputs."""


def plan_for(sizes=None):
    """The decisions for inputs of some sizes, e.g. {"seq": 384}; without sizes, or plans for several, those of the one plan.

    Raises PlanMismatch when no plan is valid for the sizes.
    """
    if sizes is None or not SIZED["plans"]:
        return PLAN
    return dict(PLAN, **SIZED["plans"][_plan_index(sizes)])


def _plan_index(sizes):
    """Plans are in the order of what they cost: the first that is valid for the sizes is taken."""
    wanted = [sizes[name] for name in SIZED["dimensions"]]
    for index, plan in enumerate(SIZED["plans"]):
        if plan.get("exactly"):
            if wanted in plan["up_to"]:
                return index
        elif any(all(x <= most for x, most in zip(wanted, corner)) for corner in plan["up_to"]):
            return index
    here = ", ".join(f"{name} {sizes[name]}" for name in SIZED["dimensions"])
    largest = [" × ".join(map(str, corner)) for plan in SIZED["plans"] for corner in plan["up_to"]]
    raise PlanMismatch(f"No plan is valid for {here}; plans end at {', '.join(largest)}. Plan again with these sizes.")


def apply(model, devices=None, sizes=None):
    """Make the model train by the plan, in place, and return it.

    sizes: for plans for several sizes, those of the inputs, e.g. {"seq": 384}; or a function that tells them, called with
    the model's arguments in every forward pass: lambda ids: {"seq": ids.shape[1]}. Then each batch trains by its own plan.

    Only forward methods of the planned modules change: parameters, their names and the state dict stay as they are.
    devices: where the plan's devices are here, e.g. {"gpu0": "cuda:0"}, for plans that place layers.
    Raises PlanMismatch, before anything is changed, when the plan was made for another model.
    """
    if callable(sizes) and SIZED["plans"]:
        return _apply_by_size(model, sizes)
    plan = plan_for(None if callable(sizes) else sizes)
    name_here = check(model)
    places = _places(plan, devices)
    remove(model)
    undo = model.__dict__.setdefault("_headroom_undo", [])
    if getattr(getattr(model, "config", None), "use_cache", False):
        # A cache would get its entries twice when a layer runs again.
        model.config.use_cache = False
        undo.append(lambda: setattr(model.config, "use_cache", True))
    for region in plan["checkpoint"]:
        if region["save"]:
            _without_overwriting(_module(model, name_here(region["module"])), undo)
        _replace_forward(_module(model, name_here(region["module"])), undo, _checkpointed, region)
    _offload(model, [plan["offload"]], {"plan": 0}, name_here, undo)
    _place(model, {name_here(name): places[device] for name, device in plan["place"].items()}, undo)
    model._headroom_state = plan["state"]
    return model


def _apply_by_size(model, sizes_of):
    """Checkpoints and hooks of all plans, each of which acts in batches of its own plan only."""
    name_here = check(model)
    remove(model)
    undo = model.__dict__.setdefault("_headroom_undo", [])
    if getattr(getattr(model, "config", None), "use_cache", False):
        model.config.use_cache = False
        undo.append(lambda: setattr(model.config, "use_cache", True))
    current = {"plan": 0}
    regions = collections.defaultdict(dict)
    for index, plan in enumerate(SIZED["plans"]):
        for region in plan["checkpoint"]:
            regions[region["module"]][index] = region
    for name, by_plan in regions.items():
        module = _module(model, name_here(name))
        if any(region["save"] for region in by_plan.values()):
            _without_overwriting(module, undo)
        _replace_forward(module, undo, _switched, by_plan, current)
    _offload(model, [plan["offload"] for plan in SIZED["plans"]], current, name_here, undo)

    def choosing(_, forward):
        @functools.wraps(forward)
        def run(*args, **kwargs):
            current["plan"] = _plan_index(sizes_of(*args, **kwargs))
            return forward(*args, **kwargs)

        return run

    _replace_forward(model, undo, choosing)
    # What exists between steps stays where every plan finds it.
    model._headroom_state = []
    return model


def _switched(module, forward, by_plan, current):
    @functools.wraps(forward)
    def run(*args, **kwargs):
        index = current["plan"]
        if index not in by_plan:
            return forward(*args, **kwargs)

        def again(*args, **kwargs):
            # By the time a module runs again, another batch may have begun.
            before, current["plan"] = current["plan"], index
            try:
                return forward(*args, **kwargs)
            finally:
                current["plan"] = before

        return _checkpointed(module, again, by_plan[index])(*args, **kwargs)

    return run


def remove(model):
    """Take the plan off again. Parameters that were moved to other devices stay there."""
    model.__dict__.pop("_headroom_state", None)
    for step in reversed(model.__dict__.pop("_headroom_undo", [])):
        step()


def check(model):
    """Raise PlanMismatch unless the plan was made for this model; else return how its names read here.

    Names may have lost or gained one prefix: wrappers (DistributedDataParallel, torch.compile, export helpers) do that.
    """
    tensors = dict(model.named_parameters(remove_duplicate=False))
    tensors.update(model.named_buffers(remove_duplicate=False))
    modules = {name for name, _ in model.named_modules(remove_duplicate=False)}
    planned = [region["module"] for region in PLAN["checkpoint"]] + list(PLAN["place"])
    sized = {region["module"] for plan in SIZED["plans"] for region in plan["checkpoint"]}
    for plan in [PLAN, *SIZED["plans"]]:
        sized.update(plan["offload"]["calls"] if plan["offload"] else ())
    planned += sorted(sized.difference(planned))

    def renaming(strip, add):
        return lambda name: (add + name[len(strip):] if name.startswith(strip) else name).strip(".")

    firsts = {name.split(".")[0] + "." for name in PARAMETERS}
    candidates = [renaming("", "")] + [renaming(first, "") for first in firsts if len(firsts) == 1]
    candidates += [renaming("", "module."), renaming("", "_orig_mod.")]
    name_here = max(
        candidates,
        key=lambda rename: sum(rename(name) in tensors for name in PARAMETERS)
        + sum(rename(name) in modules for name in planned),
    )
    problems = []
    for name in planned:
        if name_here(name) not in modules:
            problems.append(f"there is no module {name_here(name)!r}" + _nearest(name_here(name), modules))
    for name, shape in PARAMETERS.items():
        here = tensors.get(name_here(name))
        if here is None:
            problems.append(f"there is no parameter {name_here(name)!r}" + _nearest(name_here(name), tensors))
        elif tuple(here.shape) != shape:
            problems.append(f"{name_here(name)} is {tuple(here.shape)}, in the plan {shape}")
    if problems:
        more = f"\n  and {len(problems) - 8} more" if len(problems) > 8 else ""
        raise PlanMismatch(
            f"The plan was made for another model than this {type(model).__name__} "
            f"(structure {FINGERPRINT}):\n  " + "\n  ".join(problems[:8]) + more
        )
    return name_here


def _without_overwriting(module, undo):
    """Results that a selective checkpoint keeps must not be overwritten. Gradients and saved bytes stay the same."""
    for inner in module.modules():
        if getattr(inner, "inplace", None) is True:
            inner.inplace = False
            undo.append(functools.partial(setattr, inner, "inplace", True))


def _nearest(name, names):
    near = difflib.get_close_matches(name, sorted(names), n=3)
    return f" (near: {', '.join(near)})" if near else ""


def _module(model, name):
    return model.get_submodule(name) if name else model


def _replace_forward(module, undo, replacement, *details):
    before = module.__dict__.get("forward")
    module.forward = replacement(module, module.forward, *details)

    def restore():
        if before is None:
            module.__dict__.pop("forward", None)
        else:
            module.forward = before

    undo.append(restore)


def _checkpointed(module, forward, region):
    @functools.wraps(forward)
    def run(*args, **kwargs):
        if not torch.is_grad_enabled():
            return forward(*args, **kwargs)
        # Everything is passed by position, so that random states and offloading see all tensors, and once, so that
        # arguments that are one tensor are one tensor again when the module runs again (self-attention asks).
        leaves, shape = tree_flatten((args, kwargs))
        once = list({id(leaf): leaf for leaf in leaves}.values())
        places = {id(leaf): place for place, leaf in enumerate(once)}
        order = [places[id(leaf)] for leaf in leaves]

        def call(*given):
            args, kwargs = tree_unflatten([given[place] for place in order], shape)
            return forward(*args, **kwargs)

        return checkpoint(call, *once, use_reentrant=False, context_fn=lambda: _contexts(module, region))

    return run


class _StatisticsOnce:
    """While a module runs again: running statistics of its normalizations are not updated a second time."""

    def __init__(self, module):
        kind = torch.nn.modules.batchnorm._NormBase
        self.norms = [m for m in module.modules() if isinstance(m, kind) and m.track_running_stats]

    def __enter__(self):
        self.before = [(norm, norm.momentum, norm.num_batches_tracked) for norm in self.norms]
        for norm in self.norms:
            norm.momentum, norm.num_batches_tracked = 0.0, None

    def __exit__(self, *_):
        for norm, momentum, batches in self.before:
            norm.momentum, norm.num_batches_tracked = momentum, batches


def _contexts(module, region):
    """The contexts of a module's forward pass and of its recomputation."""
    if not region["save"]:
        return contextlib.nullcontext(), _StatisticsOnce(module)
    return _selective_contexts(module, region)
`;
