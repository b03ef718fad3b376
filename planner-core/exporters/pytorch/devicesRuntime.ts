/** The part of an exported Python file that keeps results in host memory and runs layers on other devices. */
export const devicesRuntime = String.raw`
def _is_on_host(tensor):
    return tensor.device.type == "cpu"


def _offload(model, modules, undo):
    """Results of the modules wait for the backward pass in host memory."""
    if not modules:
        return
    # By address of a storage: what an offloaded module has returned. Its consumers save that, outside of the module.
    returned = weakref.WeakValueDictionary()

    def pack(tensor):
        if _is_on_host(tensor) or isinstance(tensor, torch.nn.Parameter):
            if _watch is not None:
                _watch.keeps(tensor)
            return tensor
        host = torch.empty(tensor.size(), dtype=tensor.dtype, pin_memory=torch.cuda.is_available())
        host.copy_(tensor, non_blocking=True)
        return tensor.device, host

    def unpack(packed):
        return packed if isinstance(packed, torch.Tensor) else packed[1].to(packed[0], non_blocking=True)

    def pack_returned(tensor):
        if tensor.untyped_storage()._cdata in returned:
            return pack(tensor)
        if _watch is not None:
            _watch.keeps(tensor)
        return tensor

    def inside(module, forward):
        @functools.wraps(forward)
        def run(*args, **kwargs):
            if not torch.is_grad_enabled():
                return forward(*args, **kwargs)
            given = {t.untyped_storage()._cdata for t in _tensors((args, kwargs))}
            own = {t.untyped_storage()._cdata for t in module.parameters()}

            def pack_made(tensor):
                address = tensor.untyped_storage()._cdata
                return pack_returned(tensor) if address in given or address in own else pack(tensor)

            with torch.autograd.graph.saved_tensors_hooks(pack_made, unpack):
                result = forward(*args, **kwargs)
            for tensor in _tensors(result):
                storage = tensor.untyped_storage()
                if storage._cdata not in given:
                    returned[storage._cdata] = storage
            return result

        return run

    def around(module, forward):
        @functools.wraps(forward)
        def run(*args, **kwargs):
            with torch.autograd.graph.saved_tensors_hooks(pack_returned, unpack):
                return forward(*args, **kwargs)

        return run

    for module in modules:
        _replace_forward(module, undo, inside)
    _replace_forward(model, undo, around)


def _places(plan, devices):
    """The plan's devices as PyTorch's. Raises PlanMismatch for one that is not here."""
    places, accelerators = {}, 0
    for name, kind in plan["devices"].items():
        if devices and name in devices:
            places[name] = torch.device(devices[name])
        elif kind == "cpu":
            places[name] = torch.device("cpu")
        else:
            places[name] = torch.device("cuda", accelerators)
            accelerators += 1
    unknown = sorted(set(devices or {}) - set(places))
    if unknown:
        raise PlanMismatch(f"The plan has no device {', '.join(unknown)}; it has {', '.join(places)}.")
    count = torch.cuda.device_count()
    for name in sorted(set(plan["place"].values())):
        place = places[name]
        if place.type == "cuda" and (place.index or 0) >= count:
            raise PlanMismatch(
                f"The plan runs layers on {name}, which would be {place}, and there are {count} CUDA devices: "
                f"say where, e.g. apply(model, devices={{{name!r}: 'cpu'}})."
            )
    return places


def _place(model, places, undo):
    """Move modules to their devices, and what they are given whenever they run."""
    if not places:
        return
    for name, module in model.named_modules():
        while name and name not in places:
            name = name.rpartition(".")[0]
        if name not in places:
            continue
        for parameter in module.parameters(recurse=False):
            parameter.data = parameter.data.to(places[name])
        for key, buffer in module.named_buffers(recurse=False):
            module._buffers[key] = buffer.to(places[name])

    def moved(values, place):
        return tree_map(lambda v: v.to(place, non_blocking=True) if isinstance(v, torch.Tensor) else v, values)

    for name, place in places.items():
        module = _module(model, name)
        handle = module.register_forward_pre_hook(
            lambda _, args, kwargs, place=place: (moved(args, place), moved(kwargs, place)), with_kwargs=True
        )
        undo.append(handle.remove)
        outer = name.rpartition(".")[0]
        while outer and outer not in places:
            outer = outer.rpartition(".")[0]
        back = places.get(outer)
        # What the module returns is read where the code around it runs.
        if name and back is not None and back != place:
            undo.append(module.register_forward_hook(lambda _, args, out, back=back: moved(out, back)).remove)
`;
