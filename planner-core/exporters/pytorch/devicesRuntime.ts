/** The part of an exported Python file that runs layers on other devices. */
export const devicesRuntime = String.raw`
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
