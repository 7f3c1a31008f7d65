"""The operations of `torch.nn.functional`, as text for `operations`, written as `operation_table` explains."""

__all__ = ["TABLE"]

TABLE = """
# Activations

celu(input, *, alpha: float = 1.0, inplace: bool = False)
    F.celu: the continuous exponential linear unit
elu(input, *, alpha: float = 1.0, inplace: bool = False)
    F.elu: the exponential linear unit
gelu(input, *, approximate: Literal["none", "tanh"] = "none")
    F.gelu: the Gaussian error linear unit
glu(input, *, dim: int = -1)
    F.glu: one half of a dimension, times the sigmoid of the other
gumbel_softmax(logits, *, tau: float = 1.0, hard: bool = False, dim: int = -1)
    F.gumbel_softmax: a random sample of a softmax that gradients pass through, in training and evaluation
hardshrink(input, *, lambd: float = 0.5)
    F.hardshrink: sets what is near 0 to 0
hardsigmoid(input, *, inplace: bool = False)
    F.hardsigmoid: a sigmoid of straight lines
hardswish(input, *, inplace: bool = False)
    F.hardswish: input * hardsigmoid(input)
hardtanh(input, *, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False)
    F.hardtanh: limits values to a range
leaky_relu(input, *, negative_slope: float = 0.01, inplace: bool = False)
    F.leaky_relu: a ReLU with a slope below 0
log_softmax(input, *, dim: int, dtype: dtype = None)
    torch.log_softmax: the logarithm of the softmax
logsigmoid(input)
    F.logsigmoid: the logarithm of the sigmoid
mish(input, *, inplace: bool = False)
    F.mish: input * tanh(softplus(input))
prelu(input, weight)
    F.prelu: a ReLU with a learned slope below 0
relu(input, *, inplace: bool = False)
    F.relu: sets what is below 0 to 0
relu6(input, *, inplace: bool = False)
    F.relu6: a ReLU that stops at 6
rrelu(input, *, lower: float = 0.125, upper: float = 0.3333333333333333, inplace: bool = False)
    F.rrelu, training: a ReLU with a slope below 0 that is random in training
selu(input, *, inplace: bool = False)
    F.selu: the scaled exponential linear unit
silu(input, *, inplace: bool = False)
    F.silu: input * sigmoid(input)
softmax(input, *, dim: int, dtype: dtype = None)
    torch.softmax: positive numbers that sum to 1 along a dimension
softmin(input, *, dim: int, dtype: dtype = None)
    F.softmin: the softmax of the negative input
softplus(input, *, beta: float = 1.0, threshold: float = 20.0)
    F.softplus: a smooth ReLU
softshrink(input, *, lambd: float = 0.5)
    F.softshrink: moves values towards 0
softsign(input)
    F.softsign: input / (1 + abs(input))
tanhshrink(input)
    F.tanhshrink: input - tanh(input)
threshold(input, *, threshold: number, value: number, inplace: bool = False)
    F.threshold: replaces what is not above the threshold

# Dropout; in training only

alpha_dropout(input, *, p: float = 0.5, inplace: bool = False)
    F.alpha_dropout, training: dropout that keeps the mean and the variance, for SELU
dropout(input, *, p: float = 0.5, inplace: bool = False)
    F.dropout, training: sets random elements to 0
dropout1d(input, *, p: float = 0.5, inplace: bool = False)
    F.dropout1d, training: sets random channels of sequences to 0
dropout2d(input, *, p: float = 0.5, inplace: bool = False)
    F.dropout2d, training: sets random channels of images to 0
dropout3d(input, *, p: float = 0.5, inplace: bool = False)
    F.dropout3d, training: sets random channels of volumes to 0
feature_alpha_dropout(input, *, p: float = 0.5, inplace: bool = False)
    F.feature_alpha_dropout, training: `alpha_dropout` of whole channels
stochastic_depth(input, *, p: float)
    torch.feature_dropout, items: sets random items of a batch to 0, so that the branch they come from is skipped

# Normalisation

group_norm(input, weight = None, bias = None, *, num_groups: int, eps: float = 1e-5)
    F.group_norm, keyword: normalises groups of channels
instance_norm(input, *, eps: float = 1e-5)
    F.instance_norm: normalises each channel of each sample
layer_norm(input, weight = None, bias = None, *, normalized_shape: list[int], eps: float = 1e-5)
    F.layer_norm, keyword: normalises the last dimensions
local_response_norm(input, *, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0)
    F.local_response_norm: divides by what neighbouring channels hold
normalize(input, *, p: float = 2.0, dim: int = 1, eps: float = 1e-12)
    F.normalize: divides vectors by their norm
rms_norm(input, weight = None, *, normalized_shape: list[int], eps: float | None = None)
    F.rms_norm, keyword: divides the last dimensions by their root mean square

# Pooling

adaptive_avg_pool1d(input, *, output_size: int | list[int])
    F.adaptive_avg_pool1d: averages a sequence down to a size
adaptive_avg_pool2d(input, *, output_size: int | list[int | None])
    F.adaptive_avg_pool2d: averages an image down to a size; `null` keeps a dimension
adaptive_avg_pool3d(input, *, output_size: int | list[int | None])
    F.adaptive_avg_pool3d: averages a volume down to a size; `null` keeps a dimension
adaptive_max_pool1d(input, *, output_size: int | list[int], return_indices: bool = False)
    F.adaptive_max_pool1d: the largest values of a sequence, down to a size
adaptive_max_pool2d(input, *, output_size: int | list[int | None], return_indices: bool = False)
    F.adaptive_max_pool2d: the largest values of an image, down to a size; `null` keeps a dimension
adaptive_max_pool3d(input, *, output_size: int | list[int | None], return_indices: bool = False)
    F.adaptive_max_pool3d: the largest values of a volume, down to a size; `null` keeps a dimension
avg_pool1d(input, *, kernel_size: int | list[int], stride: int | list[int] = None, padding: int | list[int] = 0,
        ceil_mode: bool = False, count_include_pad: bool = True)
    F.avg_pool1d: averages windows of a sequence
avg_pool2d(input, *, kernel_size: int | list[int], stride: int | list[int] = None, padding: int | list[int] = 0,
        ceil_mode: bool = False, count_include_pad: bool = True, divisor_override: int | None = None)
    F.avg_pool2d: averages windows of an image
avg_pool3d(input, *, kernel_size: int | list[int], stride: int | list[int] = None, padding: int | list[int] = 0,
        ceil_mode: bool = False, count_include_pad: bool = True, divisor_override: int | None = None)
    F.avg_pool3d: averages windows of a volume
lp_pool1d(input, *, norm_type: number, kernel_size: int, stride: int | None = None, ceil_mode: bool = False)
    F.lp_pool1d: the norm of windows of a sequence
lp_pool2d(input, *, norm_type: number, kernel_size: int | list[int], stride: int | list[int] | None = None,
        ceil_mode: bool = False)
    F.lp_pool2d: the norm of windows of an image
max_pool1d(input, *, kernel_size: int | list[int], stride: int | list[int] | None = None,
        padding: int | list[int] = 0, dilation: int | list[int] = 1, ceil_mode: bool = False,
        return_indices: bool = False)
    F.max_pool1d: the largest values in windows of a sequence
max_pool2d(input, *, kernel_size: int | list[int], stride: int | list[int] | None = None,
        padding: int | list[int] = 0, dilation: int | list[int] = 1, ceil_mode: bool = False,
        return_indices: bool = False)
    F.max_pool2d: the largest values in windows of an image
max_pool3d(input, *, kernel_size: int | list[int], stride: int | list[int] | None = None,
        padding: int | list[int] = 0, dilation: int | list[int] = 1, ceil_mode: bool = False,
        return_indices: bool = False)
    F.max_pool3d: the largest values in windows of a volume

# Images and windows

affine_grid(theta, *, size: list[size], align_corners: bool | None = None)
    F.affine_grid: where `grid_sample` reads for an affine transformation
channel_shuffle(input, *, groups: int)
    F.channel_shuffle: mixes the channels of groups
fold(input, *, output_size: int | list[int], kernel_size: int | list[int], dilation: int | list[int] = 1,
        padding: int | list[int] = 0, stride: int | list[int] = 1)
    F.fold: adds windows up to an image
grid_sample(input, grid, *, mode: Literal["bilinear", "nearest", "bicubic"] = "bilinear",
        padding_mode: Literal["zeros", "border", "reflection"] = "zeros", align_corners: bool | None = None)
    F.grid_sample: reads an image at the places of a grid
interpolate(input, *, size: int | list[int] | None = None, scale_factor: float | list[float] | None = None,
        mode: Literal["nearest", "nearest-exact", "linear", "bilinear", "bicubic", "trilinear", "area"] = "nearest",
        align_corners: bool | None = None, recompute_scale_factor: bool | None = None, antialias: bool = False)
    F.interpolate: scales a sequence, an image or a volume
pad(input, *, pad: list[int], mode: Literal["constant", "reflect", "replicate", "circular"] = "constant",
        value: fill | None = None)
    F.pad: adds at the ends of dimensions, the last one first; negative numbers cut off
pixel_shuffle(input, *, upscale_factor: int)
    F.pixel_shuffle: moves channels into larger images
pixel_unshuffle(input, *, downscale_factor: int)
    F.pixel_unshuffle: moves an image's blocks into channels
unfold(input, *, kernel_size: int | list[int], dilation: int | list[int] = 1, padding: int | list[int] = 0,
        stride: int | list[int] = 1)
    F.unfold: the windows of an image as columns

# Weights that come from a Parameter

bilinear(input1, input2, weight, bias = None)
    F.bilinear: a product of two inputs and a weight
conv1d(input, weight, bias = None, *, stride: int | list[int] = 1,
        padding: int | list[int] | Literal["valid", "same"] = 0, dilation: int | list[int] = 1, groups: int = 1)
    F.conv1d: a convolution over a sequence
conv2d(input, weight, bias = None, *, stride: int | list[int] = 1,
        padding: int | list[int] | Literal["valid", "same"] = 0, dilation: int | list[int] = 1, groups: int = 1)
    F.conv2d: a convolution over an image
conv3d(input, weight, bias = None, *, stride: int | list[int] = 1,
        padding: int | list[int] | Literal["valid", "same"] = 0, dilation: int | list[int] = 1, groups: int = 1)
    F.conv3d: a convolution over a volume
conv_transpose1d(input, weight, bias = None, *, stride: int | list[int] = 1, padding: int | list[int] = 0,
        output_padding: int | list[int] = 0, groups: int = 1, dilation: int | list[int] = 1)
    F.conv_transpose1d: a transposed convolution over a sequence
conv_transpose2d(input, weight, bias = None, *, stride: int | list[int] = 1, padding: int | list[int] = 0,
        output_padding: int | list[int] = 0, groups: int = 1, dilation: int | list[int] = 1)
    F.conv_transpose2d: a transposed convolution over an image
conv_transpose3d(input, weight, bias = None, *, stride: int | list[int] = 1, padding: int | list[int] = 0,
        output_padding: int | list[int] = 0, groups: int = 1, dilation: int | list[int] = 1)
    F.conv_transpose3d: a transposed convolution over a volume
embedding(input, weight, *, padding_idx: int | None = None)
    F.embedding: the rows of a weight that indices name
linear(input, weight, bias = None)
    F.linear: input @ weight.T + bias

# Attention, similarity and encodings

cosine_similarity(x1, x2, *, dim: int = 1, eps: float = 1e-8)
    F.cosine_similarity: the cosine of the angle between vectors
one_hot(tensor, *, num_classes: int)
    F.one_hot: a 1 at the place of each index
pairwise_distance(x1, x2, *, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False)
    F.pairwise_distance: the distance between vectors
scaled_dot_product_attention(query, key, value, attn_mask = None, *, dropout_p: float = 0.0, is_causal: bool = False,
        scale: float | None = None, enable_gqa: bool = False)
    F.scaled_dot_product_attention, attention: softmax(query @ key.T * scale) @ value; dropout in training only

# Losses

binary_cross_entropy_with_logits(input, target, weight = None, *, reduction: Literal["none", "mean", "sum"] = "mean")
    F.binary_cross_entropy_with_logits: for yes or no, from numbers before the sigmoid
cross_entropy(input, target, weight = None, *, ignore_index: int = -100,
        reduction: Literal["none", "mean", "sum"] = "mean", label_smoothing: float = 0.0)
    F.cross_entropy: for one class of several, from numbers before the softmax
huber_loss(input, target, *, reduction: Literal["none", "mean", "sum"] = "mean", delta: float = 1.0)
    F.huber_loss: squares small errors, takes large ones as they are
kl_div(input, target, *, reduction: Literal["none", "mean", "sum", "batchmean"] = "mean", log_target: bool = False)
    F.kl_div: how far a distribution is from another; `input` holds logarithms
l1_loss(input, target, *, reduction: Literal["none", "mean", "sum"] = "mean")
    F.l1_loss: the absolute error
mse_loss(input, target, *, reduction: Literal["none", "mean", "sum"] = "mean")
    F.mse_loss: the squared error
nll_loss(input, target, weight = None, *, ignore_index: int = -100, reduction: Literal["none", "mean", "sum"] = "mean")
    F.nll_loss: for one class of several, from logarithms of probabilities
smooth_l1_loss(input, target, *, reduction: Literal["none", "mean", "sum"] = "mean", beta: float = 1.0)
    F.smooth_l1_loss: `huber_loss` divided by `beta`
"""
