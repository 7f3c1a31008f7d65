"""Runs a `model.py` where archspec cannot be imported: `python elsewhere.py FOLDER`.

In the folder are `model.py`, its weights and the inputs; what it gives for them is put there too.
"""

import importlib.util
import sys
from importlib.abc import MetaPathFinder
from pathlib import Path


class _Refuse(MetaPathFinder):
    def find_spec(self, fullname: str, _path: object = None, _target: object = None) -> None:
        """Refuse archspec, and leave all else to the other finders."""
        if fullname.partition(".")[0] == "archspec":
            raise ImportError("archspec is not here")


sys.meta_path.insert(0, _Refuse())

import torch  # noqa: E402 - nothing is imported before archspec is refused
from safetensors.torch import load_model  # noqa: E402
from torch.utils._pytree import tree_leaves  # noqa: E402


def main(folder: Path) -> None:
    """Build, load, run."""
    given = torch.load(folder / "given.pt")
    spec = importlib.util.spec_from_file_location("model", folder / "model.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    model = getattr(module, given["name"])()
    keys = list(model.state_dict())
    load_model(model, folder / "model.safetensors")
    model.eval()
    torch.save({"keys": keys, "outputs": [_outputs(model, inputs) for inputs in given["inputs"]]}, folder / "found.pt")


def _outputs(model: torch.nn.Module, inputs: tuple[object, ...]) -> list[torch.Tensor]:
    torch.manual_seed(0)
    with torch.no_grad():
        return [value for value in tree_leaves(model(*inputs)) if isinstance(value, torch.Tensor)]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
