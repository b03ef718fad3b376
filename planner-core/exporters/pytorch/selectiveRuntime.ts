/** The part of an exported Python file that keeps single results inside a checkpoint. */
export const selectiveRuntime = String.raw`
# What PyTorch calls the kernels of a kind; every other kind has the name of its call.
KINDS = {
    "mm": "matmul", "addmm": "matmul", "bmm": "matmul", "baddbmm": "matmul", "addmv": "matmul", "mv": "matmul",
    "native_layer_norm": "layer_norm", "native_group_norm": "group_norm", "_fused_rms_norm": "rms_norm",
    "native_batch_norm": "batch_norm", "cudnn_batch_norm": "batch_norm", "miopen_batch_norm": "batch_norm",
    "_native_batch_norm_legit": "batch_norm", "_batch_norm_with_update": "batch_norm",
    "native_dropout": "dropout", "_softmax": "softmax", "_log_softmax": "log_softmax", "max_pool2d_with_indices": "max_pool",
    "max_pool3d_with_indices": "max_pool", "upsample_nearest2d": "upsample", "upsample_bilinear2d": "upsample",
}


def _kind(op):
    name = op.overloadpacket.__name__
    if name.startswith("_scaled_dot_product"):
        return "attention"
    name = name[:-1] if name.endswith("_") else name
    return KINDS.get(name, name)


class _Selection:
    """Says by kind and number of a call whether its result is kept: the plan's policy for one run of a module."""

    def __init__(self, region):
        self.region = region
        self.counts = {False: collections.Counter(), True: collections.Counter()}

    def __call__(self, context, op, *args, **kwargs):
        kind = _kind(op)
        if kind not in self.region["save"]:
            return CheckpointPolicy.PREFER_RECOMPUTE
        counts = self.counts[context.is_recompute]
        number = counts[kind]
        counts[kind] += 1
        is_kept = number in self.region["save"][kind]
        return CheckpointPolicy.MUST_SAVE if is_kept else CheckpointPolicy.PREFER_RECOMPUTE

    def confirm(self):
        for kind in self.region["save"]:
            ran, planned = self.counts[False][kind], self.region["calls"][kind]
            if ran != planned:
                raise PlanMismatch(
                    f"{self.region['module']} ran {ran} calls of {kind} where the plan knows {planned}: "
                    "other inputs, another version of PyTorch, or another kernel than the plan was made for."
                )


class _Stacked:
    """Several contexts as one that can be entered again, as a graph that is kept asks for."""

    def __init__(self, contexts, leave=None):
        self.contexts, self.leave, self.stacks = contexts, leave, []

    def __enter__(self):
        stack = contextlib.ExitStack()
        for context in self.contexts:
            stack.enter_context(context)
        self.stacks.append(stack)

    def __exit__(self, kind, error, trace):
        self.stacks.pop().__exit__(kind, error, trace)
        if self.leave and kind is None:
            self.leave()


def _selective_contexts(module, region):
    selection = _Selection(region)
    forward, again = create_selective_checkpoint_contexts(selection)

    def leave():
        selection.confirm()
        if _watch is not None:
            _watch.cached(forward)

    return _Stacked([forward], leave), _Stacked([again, _StatisticsOnce(module)])
`;
