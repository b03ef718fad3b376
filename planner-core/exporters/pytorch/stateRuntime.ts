/** The part of an exported Python file that keeps optimizer state in host memory between steps. */
export const stateRuntime = String.raw`
# By address: storages that stand for host memory where a CPU is the device.
_on_host = weakref.WeakValueDictionary()


def offload_state(model, optimizer):
    """Keep the optimizer state that the plan sends away in host memory, and return the optimizer.

    Parameters whose state is away are updated one after another, each with its state brought back for it: for optimizers
    that update every parameter by its own gradient. Call it once, after apply(model); remove(model) takes it off again.
    """
    name_here = check(model)
    away = model.__dict__.get("_headroom_state", PLAN["state"])
    here = {name: model.get_parameter(name_here(name)) for name in away}
    update = optimizer.step

    def step(_, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        every = [p for group in optimizer.param_groups for p in group["params"]]
        gradients = [(p, p.grad) for p in every if p.grad is not None]
        away = {id(p) for p in here.values()}

        def update_only(chosen):
            for parameter, gradient in gradients:
                parameter.grad = gradient if chosen(parameter) else None
            if any(chosen(parameter) for parameter, _ in gradients):
                update()

        try:
            update_only(lambda p: id(p) not in away)
            for name, parameter in here.items():
                come_back(name, parameter)
                update_only(lambda p: p is parameter)
                leave(name, parameter)
        finally:
            for parameter, gradient in gradients:
                parameter.grad = gradient
        return loss

    def leave(name, parameter):
        global _to_host
        state, size = optimizer.state.get(parameter, {}), 0
        _to_host = True
        try:
            for key, tensor in _on_device(state, parameter):
                pinned = parameter.device.type == "cuda"
                host = torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=pinned)
                state[key] = host.copy_(tensor, non_blocking=True)
                _on_host[host.untyped_storage()._cdata] = host.untyped_storage()
                size += tensor.untyped_storage().nbytes()
        finally:
            _to_host = False
        _moved("out", f"state of {name}", size)

    def come_back(name, parameter):
        state, size = optimizer.state.get(parameter, {}), 0
        for key, tensor in _away(state):
            state[key] = torch.empty_like(tensor, device=parameter.device, pin_memory=False)
            state[key].copy_(tensor, non_blocking=True)
            size += tensor.untyped_storage().nbytes()
        _moved("back", f"state of {name}", size)

    def undo():
        optimizer.__dict__.pop("step", None)
        for name, parameter in here.items():
            come_back(name, parameter)

    if here:
        optimizer.step = types.MethodType(step, optimizer)
        model.__dict__.setdefault("_headroom_undo", []).append(undo)
    return optimizer


def _on_device(state, parameter):
    return [(k, t) for k, t in state.items() if isinstance(t, torch.Tensor) and t.device == parameter.device]


def _away(state):
    return [(k, t) for k, t in state.items() if isinstance(t, torch.Tensor) and t.untyped_storage()._cdata in _on_host]


def _moved(way, name, size):
    if _moves is not None and size:
        _moves.append((way, name, size))
`;
