"""The codes of the linter, what is valid and probably not meant: each with its reason and where that is from."""

from archspec.codes.code import Code

__all__ = ["LINT"]

LINT: dict[str, Code] = {
    "W0201": Code(
        title="a bias before a normalisation",
        meaning=(
            "A batch or instance norm subtracts the mean of each channel, and with it whatever the bias of the layer "
            "before it added. Such a bias costs memory and optimiser state, gets no gradient, and changes nothing. The "
            "warning is given only where all that reads the layer's result is such a norm."
        ),
        why=(
            "With u the input, (Wu + b) - mean(Wu + b) = Wu - mean(Wu): the bias cancels. The shift that a norm learns "
            "itself (beta) takes its place."
        ),
        source=(
            "Ioffe and Szegedy, Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate "
            "Shift (2015), section 3.2, arXiv:1502.03167"
        ),
        example="""\
archspec: 1
input: [N, 3, 32, 32]
model:
  - Conv2d: {out_channels: 16, kernel_size: 3, padding: 1}
  - BatchNorm2d
  - ReLU
""",
        fix="""\
archspec: 1
input: [N, 3, 32, 32]
model:
  - Conv2d: {out_channels: 16, kernel_size: 3, padding: 1, bias: false}
  - BatchNorm2d
  - ReLU
""",
    ),
    "W0202": Code(
        title="a dropout before a batch norm",
        meaning=(
            "In training, dropout raises the variance of what it passes on, and batch norm keeps a running estimate of "
            "that. In evaluation, dropout does nothing, and batch norm divides by a deviation that is too large. The "
            "warning is given where nothing with weights stands between the two."
        ),
        why="The same input gives other statistics in evaluation than in training, and accuracy suffers from it.",
        source=(
            "Li, Chen, Hu and Yang, Understanding the Disharmony between Dropout and Batch Normalization by Variance "
            "Shift (2018), arXiv:1801.05134"
        ),
        example="""\
archspec: 1
input: [N, 64]
model:
  - Linear: 128
  - ReLU
  - Dropout: 0.5
  - BatchNorm1d
  - Linear: 10
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  - Linear: 128
  - ReLU
  - BatchNorm1d
  - Dropout: 0.5
  - Linear: 10
""",
    ),
    "W0203": Code(
        title="a layer that overwrites what is still needed",
        meaning=(
            "A layer with `inplace: true` writes its result over its input. Whatever reads that input later gets the "
            "changed values, in silence. A layer with weights that read it earlier needs it for its gradients, and "
            "PyTorch fails in the backward pass. An input of the model belongs to the caller, whose tensor changes."
        ),
        why="Nobody who reads the spec sees that the order of two branches decides what they compute.",
        source=(
            "PyTorch, Autograd mechanics, In-place operations with autograd, "
            "https://docs.pytorch.org/docs/stable/notes/autograd.html"
        ),
        example="""\
archspec: 1
input: [N, 64]
model:
  a: {Linear: 64}
  b: {ReLU: {inplace: true}}
  sum: {add: , from: [a, b]}
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  a: {Linear: 64}
  b: ReLU
  sum: {add: , from: [a, b]}
""",
    ),
    "W0204": Code(
        title="a softmax or sigmoid where logits are meant",
        meaning=(
            "The cross-entropies of PyTorch take logits and apply the softmax, or the sigmoid, themselves. A second "
            "one before that squeezes what they see into the range from 0 to 1, so that gradients become small and the "
            "loss cannot come near 0; a log_softmax before it changes nothing and costs time. The warning is given "
            "where the spec names the loss, or calls the result `logits`."
        ),
        why="The model trains, slowly and to a worse accuracy, so nothing shows the mistake.",
        source=(
            "PyTorch, torch.nn.CrossEntropyLoss: the input is expected to hold unnormalised logits, "
            "https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html"
        ),
        example="""\
archspec: 1
input: [N, 64]
model:
  hidden: {Linear: 10}
  logits: {softmax: -1}
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  logits: {Linear: 10}
  probabilities: {softmax: -1}
output: probabilities
""",
    ),
    "W0205": Code(
        title="a stride that cuts off the end of a dimension",
        meaning=(
            "The last window would reach past the end, so it is left out, and no window reads the last positions. The "
            "warning is given from a tenth of a dimension, at the sizes that the spec gives; where a dimension behind "
            "the batch has a name and no size, there is none."
        ),
        why="Output sizes are rounded down, in silence: of 7 rows, a pooling of 2 makes 3 and never reads the seventh.",
        source=(
            "PyTorch, torch.nn.Conv2d and torch.nn.MaxPool2d, the formula for the size of the output, "
            "https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html"
        ),
        example="""\
archspec: 1
input: [N, 16, 7, 7]
model:
  - MaxPool2d: 2
""",
        fix="""\
archspec: 1
input: [N, 16, 7, 7]
model:
  - MaxPool2d: {kernel_size: 2, ceil_mode: true}
""",
    ),
    "W0206": Code(
        title="a convolution of a single position",
        meaning=(
            "Strides and poolings have left one position of the image, and a convolution with a larger kernel follows. "
            "Each kernel meets that position with one of its weights and padding with all others, which therefore "
            "never learn. The warning is given for the first such convolution, at the sizes that the spec gives, and "
            "never for a kernel of 1."
        ),
        why="Layers that see nothing new do not help; most often the network is too deep for its input.",
        source=(
            "Richter, Schöning, Wiedenroth and Krumnack, Should You Go Deeper? Optimizing Convolutional Neural Network "
            "Architectures without Training by Receptive Field Analysis (2021), arXiv:2106.12307"
        ),
        example="""\
archspec: 1
input: [N, 3, 8, 8]
model:
  - MaxPool2d: 8
  - Conv2d: {out_channels: 16, kernel_size: 3, padding: 1}
""",
        fix="""\
archspec: 1
input: [N, 3, 8, 8]
model:
  - MaxPool2d: 2
  - Conv2d: {out_channels: 16, kernel_size: 3, padding: 1}
""",
    ),
}
