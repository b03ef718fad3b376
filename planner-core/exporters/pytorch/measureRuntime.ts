/** The part of an exported Python file that holds the prediction against a real step. */
export const measureRuntime = String.raw`
# Who counts what is kept; None unless a step is being measured.
_watch = None
# (way, name, bytes) of what leaves for host memory and comes back, in order; None unless a step is being measured.
_moves = None


class _Saved:
    """Bytes kept for the backward pass: every storage once, without parameters, buffers, inputs and targets."""

    def __init__(self, excluded):
        self.known = {t.untyped_storage()._cdata for t in excluded}
        self.bytes = 0

    def keeps(self, tensor):
        storage = tensor.untyped_storage()
        if storage._cdata not in self.known:
            self.known.add(storage._cdata)
            self.bytes += storage.nbytes()
        return tensor

    def cached(self, context):
        """What a selective checkpoint holds, which no hook is told."""
        waiting = [getattr(context, "storage", None)]
        while waiting:
            item = waiting.pop()
            if isinstance(item, torch.Tensor):
                self.keeps(item)
            elif isinstance(item, dict):
                waiting.extend(item.values())
            elif isinstance(item, (list, tuple)):
                waiting.extend(item)
            elif hasattr(item, "val"):
                waiting.append(item.val)


class _LiveBytes(TorchDispatchMode):
    """Live bytes of a step: every storage from when an operator makes it until nobody holds it."""

    def __init__(self, present):
        super().__init__()
        self.known, self.live, self.peak, self.phase, self.phases = set(), 0, 0, "forward", {}
        for tensor in present:
            self.add(tensor)

    def add(self, tensor):
        storage = tensor.untyped_storage()
        address, size = storage._cdata, storage.nbytes()
        if address in self.known or address in _on_host:
            return
        self.known.add(address)
        self.live += size
        weakref.finalize(storage, self.drop, address, size)

    def drop(self, address, size):
        self.known.discard(address)
        self.live -= size

    def __torch_dispatch__(self, op, types, args=(), kwargs=None):
        result = op(*args, **(kwargs or {}))
        for tensor in () if _to_host else _tensors(result):
            self.add(tensor)
        self.phases[self.phase] = max(self.phases.get(self.phase, 0), self.live)
        self.peak = max(self.peak, self.live)
        return result


def _tensors(values):
    return [leaf for leaf in tree_leaves(values) if isinstance(leaf, torch.Tensor)]


class Step:
    """One training step as the plan assumes it: its loss, optimizer, precision and micro-batches."""

    def __init__(self, model, inputs, loss=None):
        self.model, self.inputs, self.loss = model, inputs, loss
        work, parameters = WORKLOAD, [p for p in model.parameters() if p.requires_grad]
        chosen = {"for-loop": {"foreach": False}, "foreach": {"foreach": True}, "fused": {"fused": True}}
        options = chosen.get(work["optimizerUpdate"], {})
        optimizers = {
            "sgd": lambda: torch.optim.SGD(parameters, lr=1e-6, **options),
            "momentum": lambda: torch.optim.SGD(parameters, lr=1e-6, momentum=0.9, **options),
            "adam": lambda: torch.optim.Adam(parameters, lr=1e-6, **options),
            "adamw": lambda: torch.optim.AdamW(parameters, lr=1e-6, **options),
        }
        self.optimizer = optimizers[work["optimizer"]]() if work["optimizer"] in optimizers else None
        self.targets = None
        if self.optimizer is not None and "_headroom_undo" in model.__dict__:
            offload_state(model, self.optimizer)

    def present(self):
        state = [] if self.optimizer is None else _tensors([list(s.values()) for s in self.optimizer.state.values()])
        return [*self.fixed(), *state, *(p.grad for p in self.model.parameters() if p.grad is not None)]

    def fixed(self):
        here = [*self.model.parameters(), *self.model.buffers(), *_tensors(self.inputs)]
        return here if self.targets is None else [*here, self.targets]

    def forward(self):
        kind = next(self.model.parameters()).device.type
        half = {"bf16-autocast": torch.bfloat16, "fp16-autocast": torch.float16}.get(WORKLOAD["precision"])
        with torch.autocast(kind, half) if half else contextlib.nullcontext():
            if isinstance(self.inputs, dict):
                return self.model(**self.inputs)
            return self.model(*self.inputs)

    def loss_of(self, output):
        if self.loss is not None:
            return self.loss(output)
        results = [t for t in _tensors(output) if t.requires_grad]
        if WORKLOAD["loss"] != "cross-entropy":
            return sum(t.sum() for t in results[1:]) + results[0].sum() if results[1:] else results[0].sum()
        logits = results[0].float()
        if logits.dim() == 3:
            logits = logits.flatten(0, 1)
        if self.targets is None:
            shape = [size for axis, size in enumerate(logits.shape) if axis != 1]
            self.targets = torch.zeros(shape, dtype=torch.long, device=logits.device)
        return torch.nn.functional.cross_entropy(logits, self.targets)

    def run(self, on_phase=lambda name: None, keep=contextlib.nullcontext()):
        if WORKLOAD["mode"] == "inference":
            with torch.no_grad():
                self.forward()
            return
        if self.optimizer is not None:
            self.optimizer.zero_grad(set_to_none=WORKLOAD["zeroGrad"] == "set-to-none")
        else:
            self.model.zero_grad(set_to_none=True)
        for _ in range(WORKLOAD["microBatches"]):
            on_phase("forward")
            with keep:
                output = self.forward()
                on_phase("loss")
                loss = self.loss_of(output)
            if WORKLOAD["modelOutput"] == "dropped":
                del output
            on_phase("backward")
            loss.backward()
            output = loss = None
        if self.optimizer is not None:
            on_phase("optimizer")
            self.optimizer.step()


def measure(model, inputs, loss=None):
    """Saved bytes and peak of the second step, when the optimizer has its state. The model stays as it is planned."""
    global _watch, _moves
    inputs = inputs if isinstance(inputs, (dict, tuple)) else (inputs,)
    model.train(WORKLOAD["mode"] == "training")
    step = Step(model, inputs, loss)
    if WORKLOAD["mode"] == "training" and WORKLOAD["loss"] == "cross-entropy" and loss is None:
        with torch.no_grad():
            step.loss_of([t.requires_grad_() for t in _tensors(step.forward()) if t.is_floating_point()])
    saved = _Saved(step.fixed())
    _watch = saved
    try:
        step.run(keep=torch.autograd.graph.saved_tensors_hooks(saved.keeps, lambda tensor: tensor))
    finally:
        _watch = None
    _moves = moves = []
    try:
        return {"saved_bytes": saved.bytes, "moves": moves, **_peaks(model, step)}
    finally:
        _moves = None


def _peaks(model, step):
    places = {p.device for p in model.parameters() if p.device.type == "cuda"}
    if places:
        for place in places:
            torch.cuda.reset_peak_memory_stats(place)
        step.run()
        peaks = {str(place): torch.cuda.max_memory_allocated(place) for place in places}
        return {"peak_bytes": max(peaks.values()), "peaks": peaks}
    if WORKLOAD["zeroGrad"] == "set-to-none":
        model.zero_grad(set_to_none=True)
    gc.collect()
    live = _LiveBytes(step.present())

    def on_phase(name):
        live.phase = name

    with live:
        step.run(on_phase)
    return {"peak_bytes": live.peak, "peaks": live.phases}


def compare(model, inputs, loss=None):
    """Run a step without and with the plan: measurements of both, and whether all gradients are equal bit for bit."""
    inputs = inputs if isinstance(inputs, (dict, tuple)) else (inputs,)
    state = {name: tensor.clone() for name, tensor in model.state_dict().items()}

    def gradients():
        model.load_state_dict(state)
        model.train(WORKLOAD["mode"] == "training")
        torch.manual_seed(0)
        step = Step(model, inputs, loss)
        step.optimizer = None
        step.run()
        grads = {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}
        return {**grads, **{"buffer " + name: b.clone() for name, b in model.named_buffers()}}

    remove(model)
    plain, without = gradients(), measure(model, inputs, loss)
    apply(model)
    planned, with_plan = gradients(), measure(model, inputs, loss)
    model.load_state_dict(state)
    differing = [n for n in plain if n not in planned or not torch.equal(plain[n], planned[n])]
    furthest = max([(plain[n] - planned[n]).abs().max().item() for n in differing if n in planned], default=0.0)
    return {"without": without, "with": with_plan, "differing": differing, "furthest": furthest}


def _from(text):
    module, _, name = text.partition(":")
    return getattr(importlib.import_module(module), name)()


def _table(rows):
    print(f"{'':24}{'predicted':>14}{'measured':>14}{'difference':>12}")
    for name, predicted, measured in rows:
        percent = f"{100 * (predicted / measured - 1):+.2f} %" if measured else ""
        print(f"{name:24}{predicted / 2**20:>10.1f} MiB{measured / 2**20:>10.1f} MiB{percent:>12}")


def main():
    parser = argparse.ArgumentParser(description="Checks, applies and measures the plan in this file.")
    parser.add_argument("--model", required=True, metavar="MODULE:FACTORY", help="makes the model")
    parser.add_argument("--inputs", metavar="MODULE:FACTORY", help="makes a tensor, a tuple or a dictionary of inputs")
    parser.add_argument("--device", default="cpu", help="where the model runs (default: cpu)")
    parser.add_argument("--measure", action="store_true", help="run a step by the plan, print predicted against measured")
    parser.add_argument("--compare", action="store_true", help="the same with and without the plan; compare gradients, too")
    parser.add_argument("--json", action="store_true", help="print measurements as JSON")
    options = parser.parse_args()
    sys.path.insert(0, os.getcwd())
    model = _from(options.model).to(options.device)
    if WORKLOAD["precision"] == "bf16":
        model = model.to(torch.bfloat16)
    if not (options.measure or options.compare):
        apply(model)
        print(f"The plan fits {type(model).__name__}: {len(PLAN['checkpoint'])} checkpoints.")
        return
    if not options.inputs:
        parser.error("measuring needs --inputs")
    inputs = tree_map(lambda v: v.to(options.device) if isinstance(v, torch.Tensor) else v, _from(options.inputs))
    if (torch.device(options.device).type == "cpu") != (WORKLOAD["semantics"] == "cpu"):
        print(f"note: predicted for {WORKLOAD['semantics']} kernels, which keep other things than those here", file=sys.stderr)
    if options.compare:
        result = compare(model, inputs)
        plain, planned = result["without"], result["with"]
    else:
        plain, planned = None, measure(apply(model), inputs)
        result = {"with": planned}
    if options.json:
        print(json.dumps({**result, "predicted": PREDICTED}))
        return
    rows = [("saved for backward", PREDICTED["saved_bytes"], planned["saved_bytes"])]
    rows.append(("peak", PREDICTED["peak_bytes"], planned["peak_bytes"]))
    for way in ("out", "back") if PREDICTED["out_bytes"] else ():
        measured = sum(size for direction, _, size in planned["moves"] if direction == way)
        rows.append((f"moved {way}", PREDICTED[f"{way}_bytes"], measured))
    if plain:
        rows.append(("peak without the plan", PREDICTED["keep_all_peak_bytes"], plain["peak_bytes"]))
    _table(rows)
    print(f"budget {BUDGET_BYTES / 2**20:.1f} MiB: " + ("kept" if planned["peak_bytes"] <= BUDGET_BYTES else "EXCEEDED"))
    if plain:
        same = "equal bit for bit" if not result["differing"] else f"differ by up to {result['furthest']:.3g}"
        print(f"gradients and buffers with and without the plan: {same}")


if __name__ == "__main__":
    try:
        main()
    except PlanMismatch as mismatch:
        sys.exit(f"error: {mismatch}")
`;
