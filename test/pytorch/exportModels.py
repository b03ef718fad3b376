"""python exportModels.py FOLDER NAME.onnx|NAME.pt2 ...: the models of models.py as files, in training mode."""

import json
import pathlib
import sys
import time
import traceback
import warnings

import torch

import models

warnings.filterwarnings("ignore")


def export(folder, file):
    name, kind = file.rsplit(".", 1)
    model, inputs = models.make(name).train(), models.inputs(name)
    target = folder / file
    if kind == "pt2":
        torch.export.save(torch.export.export(model, inputs), target)
        return
    # The optimizer of the exporter would fold normalizations into convolutions.
    torch.onnx.export(model, inputs, target, dynamo=True, optimize=False, verbose=False, external_data=False)


if __name__ == "__main__":
    folder, failures = pathlib.Path(sys.argv[1]), {}
    for file in sys.argv[2:]:
        started = time.perf_counter()
        try:
            export(folder, file)
        except Exception:
            failures[file] = traceback.format_exc(limit=3)[-1500:]
        print(f"{file}: {'FAILED' if file in failures else 'exported'} in {time.perf_counter() - started:.1f} s", flush=True)
    (folder / "failures.json").write_text(json.dumps(failures))
