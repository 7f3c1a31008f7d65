"""The operations that move and make tensors, as text for `operations`; `operation_table_math` and `_nn` have the rest.

An operation is two lines. The first is what a spec writes: the tensor inputs, then `*`, then the arguments with their
types (see `operation_kinds`) and torch's own defaults. A tensor with `= None` can be left out. A default of `None` says
that there is none to show; only `| None` in the type lets a spec write `null`. `*tensors` takes any number of tensors
and `**axes` any further arguments. A name on both sides of `*` is given as a tensor or as a number.

The second line is what it becomes: the target, how that is called when not as a `function` (see `operation_calls`),
and what it does. `F` is `torch.nn.functional`.
"""

__all__ = ["TABLE"]

TABLE = """
# Shape

broadcast_to(input, *, size: list[free_size])
    torch.broadcast_to: repeats dimensions of size 1 without copying
chunk(input, *, chunks: int, dim: int = 0)
    torch.chunk: cuts a dimension into at most `chunks` parts; gives a tuple
contiguous(input)
    torch.Tensor.contiguous: the same elements, in order in memory
diagonal(input, *, offset: int = 0, dim1: int = 0, dim2: int = 1)
    torch.diagonal: the diagonal of two dimensions
expand(input, *, sizes: list[free_size])
    torch.Tensor.expand, star: repeats dimensions of size 1 without copying; -1 keeps a size
expand_as(input, other)
    torch.Tensor.expand_as: repeats dimensions of size 1 up to the shape of `other`
flatten(input, *, start_dim: int = 0, end_dim: int = -1)
    torch.flatten: merges the dimensions from `start_dim` to `end_dim` into one
flip(input, *, dims: list[int])
    torch.flip: reverses dimensions
movedim(input, *, source: int | list[int], destination: int | list[int])
    torch.movedim: moves dimensions to other positions
narrow(input, *, dim: int, start: int, length: size)
    torch.narrow: the part of a dimension that starts at `start` and is `length` long
permute(input, *, dims: list[int])
    torch.Tensor.permute, star: reorders the dimensions
repeat_interleave(input, *, repeats: size, dim: int = None)
    torch.repeat_interleave: repeats each element in place
reshape(input, *, shape: list[free_size])
    torch.Tensor.reshape, star: the same elements in another shape; one size may be -1
roll(input, *, shifts: int | list[int], dims: int | list[int] = None)
    torch.roll: shifts elements along dimensions; those pushed out come back at the other end
rot90(input, *, k: int = 1, dims: list[int] = [0, 1])
    torch.rot90: turns the plane of two dimensions by 90 degrees, `k` times
select(input, *, dim: int, index: int)
    torch.select: one index of a dimension, which goes away
slice(input, *, dim: int = 0, start: int | None = None, end: int | None = None, step: int | None = None)
    torch.Tensor.__getitem__, slice: a part of a dimension, as Python's `start:end:step`
split(tensor, *, split_size_or_sections: size | list[size], dim: int = 0)
    torch.split: cuts a dimension into parts of one size, or of the sizes listed; gives a tuple
squeeze(input, *, dim: int | list[int] = None)
    torch.squeeze: drops dimensions of size 1
swapaxes(input, *, axis0: int, axis1: int)
    torch.swapaxes: swaps two dimensions
tile(input, *, dims: list[size])
    torch.Tensor.tile, star: repeats the whole tensor along its dimensions
transpose(input, *, dim0: int, dim1: int)
    torch.transpose: swaps two dimensions
unbind(input, *, dim: int = 0)
    torch.unbind: the slices along a dimension, as a tuple
unflatten(input, *, dim: int, sizes: list[free_size])
    torch.unflatten: splits a dimension into several; one size may be -1
unsqueeze(input, *, dim: int)
    torch.unsqueeze: inserts a dimension of size 1
view(input, *, shape: list[free_size])
    torch.Tensor.view, star: the same memory in another shape; one size may be -1
view_as(input, other)
    torch.Tensor.view_as: the same memory in the shape of `other`

# Joining and picking

broadcast_tensors(*tensors)
    torch.broadcast_tensors: brings tensors to one shape; gives a tuple
cat(*tensors, dim: int = 0)
    torch.cat, list: joins along a dimension that is there
gather(input, index, *, dim: int)
    torch.gather, keyword: picks elements along a dimension, one for each index
index_add(input, index, source, *, dim: int, alpha: number = 1)
    torch.index_add, keyword: adds the slices of `source` to those that `index` names
index_select(input, index, *, dim: int)
    torch.index_select, keyword: picks whole slices along a dimension
masked_fill(input, mask, *, value: fill)
    torch.masked_fill: sets the elements under a mask to `value`
meshgrid(*tensors, indexing: Literal["ij", "xy"])
    torch.meshgrid, list: the coordinates of a grid; gives a tuple
scatter(input, index, src, *, dim: int)
    torch.scatter, keyword: writes elements of `src` along a dimension, one for each index
scatter_add(input, index, src, *, dim: int)
    torch.scatter_add, keyword: adds elements of `src` along a dimension, one for each index
stack(*tensors, dim: int = 0)
    torch.stack, list: joins along a new dimension
take_along_dim(input, indices, *, dim: int = None)
    torch.take_along_dim: picks elements along a dimension, as argmax and argsort name them
tril(input, *, diagonal: int = 0)
    torch.tril: keeps the lower triangle of the last two dimensions
triu(input, *, diagonal: int = 0)
    torch.triu: keeps the upper triangle of the last two dimensions
where(condition, input, other = None, *, other: fill = None)
    torch.where: `input` where the condition holds, `other` elsewhere

# einops

rearrange(tensor, *, pattern: str, **axes: size)
    einops.rearrange, pattern: reorders, splits and merges dimensions: `n c h w -> n (h w) c`
reduce(tensor, *, pattern: str, reduction: Literal["mean", "sum", "max", "min", "prod", "any", "all"], **axes: size)
    einops.reduce, pattern: reduces the dimensions that are not named at the right: `n c h w -> n c`
repeat(tensor, *, pattern: str, **axes: size)
    einops.repeat, pattern: repeats along the dimensions that are new at the right: `h w -> c h w`

# New tensors; they are made where `like` is

arange(like, *, end: number, start: number = 0, step: number = 1, dtype: dtype = None)
    torch.arange, creation: the numbers from `start` up to `end`; a `step` needs a `start`
eye(like, *, n: size, m: size = None, dtype: dtype = None)
    torch.eye, creation: ones on the diagonal
full(like, *, size: list[size], fill_value: fill, dtype: dtype = None)
    torch.full, creation: one number everywhere
linspace(like, *, start: number, end: number, steps: size, dtype: dtype = None)
    torch.linspace, creation: numbers at equal distances, both ends included
ones(like, *, size: list[size], dtype: dtype = None)
    torch.ones, creation: ones
rand(like, *, size: list[size], dtype: dtype = None)
    torch.rand, creation: random numbers from 0 to 1
randn(like, *, size: list[size], dtype: dtype = None)
    torch.randn, creation: random numbers of a normal distribution
zeros(like, *, size: list[size], dtype: dtype = None)
    torch.zeros, creation: zeros

# New tensors like another, in its dtype

bernoulli(input)
    torch.bernoulli: 1 with the probability that the input gives, else 0
full_like(input, *, fill_value: fill, dtype: dtype = None)
    torch.full_like: one number everywhere
new_full(input, *, size: list[size], fill_value: fill, dtype: dtype = None)
    torch.Tensor.new_full: one number everywhere, in another shape
new_ones(input, *, size: list[size], dtype: dtype = None)
    torch.Tensor.new_ones: ones, in another shape
new_zeros(input, *, size: list[size], dtype: dtype = None)
    torch.Tensor.new_zeros: zeros, in another shape
ones_like(input, *, dtype: dtype = None)
    torch.ones_like: ones
rand_like(input, *, dtype: dtype = None)
    torch.rand_like: random numbers from 0 to 1
randn_like(input, *, dtype: dtype = None)
    torch.randn_like: random numbers of a normal distribution
zeros_like(input, *, dtype: dtype = None)
    torch.zeros_like: zeros

# Kinds of tensor

bfloat16(input)
    torch.Tensor.bfloat16: converts to bfloat16
bool(input)
    torch.Tensor.bool: converts to bool
clone(input)
    torch.clone: a copy, with gradients
detach(input)
    torch.detach: the same values, without gradients
double(input)
    torch.Tensor.double: converts to float64
float(input)
    torch.Tensor.float: converts to float32
half(input)
    torch.Tensor.half: converts to float16
int(input)
    torch.Tensor.int: converts to int32
long(input)
    torch.Tensor.long: converts to int64
to(input, *, dtype: dtype)
    torch.Tensor.to: converts to a dtype
type_as(input, other)
    torch.Tensor.type_as: converts to the dtype and device of `other`
"""
