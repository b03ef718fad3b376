/**
 * The part of an exported Python file that keeps results in host memory: they leave and come back on streams of their own, at
 * the moments of the plan.
 */
export const offloadRuntime = String.raw`
# True while something is copied to the host: neither a call of the model nor memory of the device.
_to_host = False


def _stream(device, way, streams={}):
    """The stream that carries one direction of the link."""
    if (device, way) not in streams:
        streams[device, way] = torch.cuda.Stream(device)
    return streams[device, way]


class _Parcel:
    """A storage that leaves the device after its last use in forward, and comes back for backward. On the CPU a plain copy."""

    def __init__(self, name, storage):
        self.name, self.storage, self.device, self.size = name, storage, storage.device, storage.nbytes()
        self.host = self.back = self.left = self.arrived = None
        self.readers = self.reads = 0
        self.has_left = False

    def leave(self):
        global _to_host
        if self.has_left:
            return
        self.has_left = True
        here = self._bytes(self.storage)
        _to_host = True
        try:
            if self.device.type == "cuda":
                self.host = torch.empty(self.size, dtype=torch.uint8, pin_memory=True)
                stream = _stream(self.device, "out")
                stream.wait_stream(torch.cuda.current_stream(self.device))
                with torch.cuda.stream(stream):
                    self.host.copy_(here, non_blocking=True)
                    self.left = stream.record_event()
            else:
                self.host, self.storage = here.clone(), None
        finally:
            _to_host = False
        _moved("out", self.name, self.size)

    def wait(self):
        """What the device does next begins when the value has left: its memory is free from here on."""
        self.leave()
        if self.left is not None:
            torch.cuda.current_stream(self.device).wait_event(self.left)
        self.storage = None

    def let_go(self):
        """Nothing waits: the memory is free when the transfer ends."""
        self.leave()
        if self.storage is not None:
            self._bytes(self.storage).record_stream(_stream(self.device, "out"))
        self.storage = None

    def fetch(self):
        if self.back is not None or not self.has_left:
            return
        # Allocated where it will be used, so that memory goes back to where it is asked for next.
        self.back = torch.empty(self.size, dtype=torch.uint8, device=self.device)
        if self.device.type == "cuda":
            stream = _stream(self.device, "back")
            stream.wait_stream(torch.cuda.current_stream(self.device))
            stream.wait_event(self.left)
            with torch.cuda.stream(stream):
                self.back.copy_(self.host, non_blocking=True)
                self.arrived = stream.record_event()
        else:
            self.back.copy_(self.host)
        _moved("back", self.name, self.size)

    def tensor(self, dtype, size, stride, offset):
        """The value on the device, as it was saved. Its memory is the reader's alone once all have read it."""
        self.fetch()
        if self.arrived is not None:
            torch.cuda.current_stream(self.device).wait_event(self.arrived)
        storage = self.storage if self.back is None else self.back.untyped_storage()
        with torch.no_grad():
            result = torch.empty(0, dtype=dtype, device=self.device).set_(storage, offset, size, stride)
        self.reads += 1
        if self.reads % self.readers == 0:
            self.back = self.arrived = None
        return result

    def _bytes(self, storage):
        with torch.no_grad():
            return torch.empty(0, dtype=torch.uint8, device=self.device).set_(storage, 0, (self.size,), (1,))

    def __del__(self):
        # Fetched and never read: nobody else may get the memory before the copy has ended.
        if self.arrived is not None:
            torch.cuda.current_stream(self.device).wait_event(self.arrived)


class _Reader:
    """A tensor as autograd has saved it: away, or watched because backward is known by it."""

    def __init__(self, step, name, tensor, parcel=None):
        self.step, self.name, self.parcel = step, name, parcel
        self.tensor = tensor if parcel is None else None
        self.view = (tensor.dtype, tensor.size(), tensor.stride(), tensor.storage_offset())

    def read(self):
        self.step.reached(self.name)
        return self.tensor if self.parcel is None else self.parcel.tensor(*self.view)


class _Moments(TorchDispatchMode):
    """One forward pass: knows calls by module, kind and number, sends values away, and brings them back in its backward pass."""

    def __init__(self, plan, watched_parameters):
        super().__init__()
        self.plan, self.module = plan, ""
        self.planned = {value["value"]: value for value in plan["values"]}
        self.counts = collections.defaultdict(collections.Counter)
        # By address of a storage; one that is gone may have given its address to another.
        self.names, self.storages = {}, weakref.WeakValueDictionary()
        for name, storage in watched_parameters:
            self.names[storage._cdata], self.storages[storage._cdata] = name, storage
        self.parcels, self.settled, self.seen = {}, {}, set()
        self.made = collections.defaultdict(list)
        self.leaving = collections.defaultdict(list)
        self.gone = collections.defaultdict(list)
        for value in plan["values"]:
            self.made[tuple(value["made"])].append((value["value"], value["result"]))
            self.leaving[tuple(value["leave_after"] or ())].append(value["value"])
            if value["gone_before"] is not None and value["gone_before"] != value["leave_after"]:
                self.gone[tuple(value["gone_before"])].append(value["value"])
        for name, watched in plan["watched"].items():
            if "made" in watched and name not in self.planned:
                self.made[tuple(watched["made"])].append((name, watched["result"]))
        self.fetches = {fetch["at"]: fetch["values"] for fetch in plan["fetches"]}

    def __torch_dispatch__(self, op, types, args=(), kwargs=None):
        kind, module = _kind(op), self.module if self.plan["by_module"] else ""
        if _to_host or kind not in self.plan["calls"].get(module, ()):
            return op(*args, **(kwargs or {}))
        call = (module, kind, self.counts[module][kind])
        for name in self.gone.get(call, ()):
            self.settle(name, "wait")
        result = op(*args, **(kwargs or {}))
        first = result if isinstance(result, torch.Tensor) else result[0]
        if not first.is_floating_point():
            return result
        self.counts[module][kind] += 1
        for name, number in self.made.get(call, ()):
            made = result if isinstance(result, torch.Tensor) else result[number]
            storage = made.untyped_storage()
            self.names[storage._cdata], self.storages[storage._cdata] = name, storage
        for name in self.leaving.get(call, ()):
            self.due(name)
        return result

    def due(self, name):
        value = self.planned[name]
        waits = value["gone_before"] == value["leave_after"]
        self.settle(name, "wait" if waits else "let_go" if value["gone_before"] is None else "leave")

    def settle(self, name, how):
        """Now, and once it is saved where that has not happened yet."""
        self.settled[name] = how
        if name in self.parcels:
            getattr(self.parcels[name], how)()

    def pack(self, tensor):
        address = tensor.untyped_storage()._cdata
        name = self.names.get(address) if address in self.storages else None
        if name not in self.planned:
            if _watch is not None:
                _watch.keeps(tensor)
            return tensor if name is None else _Reader(self, name, tensor)
        if name not in self.parcels:
            self.parcels[name] = _Parcel(name, tensor.untyped_storage())
            if name in self.settled:
                self.settle(name, self.settled[name])
        parcel = self.parcels[name]
        parcel.readers += 1
        return _Reader(self, name, tensor, parcel)

    def unpack(self, packed):
        return packed.read() if isinstance(packed, _Reader) else packed

    def reached(self, name):
        """Backward reads the value: what the plan fetches when it does so first is asked for."""
        if name in self.seen:
            return
        self.seen.add(name)
        for other in self.fetches.get(name, ()):
            if other in self.parcels:
                self.parcels[other].fetch()

    def end(self):
        for module, kinds in self.plan["calls"].items():
            for kind, planned in kinds.items():
                if self.counts[module][kind] != planned:
                    raise PlanMismatch(
                        f"{module or 'The model'} ran {self.counts[module][kind]} calls of {kind} where the plan knows "
                        f"{planned}: other inputs, another version of PyTorch, or another kernel than the plan was made for."
                    )
        for name in self.planned:
            if self.settled.get(name) in (None, "leave"):
                self.settle(name, "let_go" if self.planned[name]["gone_before"] is None else "wait")


def _offload(model, plans, current, name_here, undo):
    """Send values of every forward pass to host memory, and bring them back in its backward pass, as planned.

    plans: of several the one that current["plan"] says when the pass begins; None sends nothing.
    """
    if not any(plans):
        return
    running = []
    planned_names = {name_here(name): name for plan in plans if plan for name in plan["calls"]}

    def within(module, forward, name):
        @functools.wraps(forward)
        def run(*args, **kwargs):
            if not running:
                return forward(*args, **kwargs)
            before, running[0].module = running[0].module, name
            try:
                return forward(*args, **kwargs)
            finally:
                running[0].module = before

        return run

    def around(module, forward):
        @functools.wraps(forward)
        def run(*args, **kwargs):
            plan = plans[current["plan"]]
            if running or not plan or not torch.is_grad_enabled():
                return forward(*args, **kwargs)
            watched = {n: v["parameter"] for n, v in plan["watched"].items() if "parameter" in v}
            parameters = [(n, model.get_parameter(name_here(p)).untyped_storage()) for n, p in watched.items()]
            moments = _Moments(plan, parameters)
            running.append(moments)
            try:
                with torch.autograd.graph.saved_tensors_hooks(moments.pack, moments.unpack), moments:
                    result = forward(*args, **kwargs)
            finally:
                running.clear()
            moments.end()
            return result

        return run

    for name, module in model.named_modules():
        _replace_forward(module, undo, within, planned_names.get(name, name))
    _replace_forward(model, undo, around)
`;
