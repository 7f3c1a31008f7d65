"""Transfer learning: a published backbone, frozen or not, and a new head of which finetune.yaml says what it is.

    python examples/finetune.py            trains the head alone
    python examples/finetune.py --all      trains everything, the backbone a hundred times more slowly

The images are random, so there is nothing to learn but them by heart; the loss falls all the same.
"""

import sys
from pathlib import Path

import torch
from torch import nn

import archspec

SPEC = Path(__file__).with_name("finetune.yaml")
STEPS = 10


def main() -> None:
    """Train on one random batch and print the loss of each step."""
    torch.manual_seed(0)
    model = archspec.build(SPEC, dropout=0.0, classes=4)
    # Published weights go here, all but those of the head, which is new:
    #   published = archspec.build("resnet18", weights="IMAGENET1K_V1").state_dict()
    #   model.load_state_dict({k: v for k, v in published.items() if not k.startswith("fc.")}, strict=False)
    backbone = [parameter for name, parameter in model.named_parameters() if not name.startswith("fc.")]
    groups = [{"params": model.fc.parameters(), "lr": 1e-3}]
    if "--all" in sys.argv[1:]:
        groups.append({"params": backbone, "lr": 1e-5})
    else:
        for parameter in backbone:
            parameter.requires_grad = False
    trained = sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
    print(f"{trained:,} of {sum(parameter.numel() for parameter in model.parameters()):,} parameters are trained")
    train(model, torch.optim.Adam(groups))


def train(model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    """A few steps; batch norm keeps the statistics that the backbone came with."""
    images, labels = torch.randn(8, 3, 64, 64), torch.arange(8) % 4
    model.eval().fc.train()
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        print(f"step {step}  loss {loss.item():.3f}")


if __name__ == "__main__":
    main()
