"""The operations of arithmetic, from elementwise functions to spectra, written as `operation_table` explains."""

__all__ = ["TABLE"]

TABLE = """
# Arithmetic

add(*tensors, other: number = None)
    torch.add, operator: adds tensors, or a number
addcdiv(input, tensor1, tensor2, *, value: number = 1)
    torch.addcdiv: input + value * tensor1 / tensor2
addcmul(input, tensor1, tensor2, *, value: number = 1)
    torch.addcmul: input + value * tensor1 * tensor2
div(input, other = None, *, other: number = None, rounding_mode: Literal["trunc", "floor"] | None = None)
    torch.div, operator: divides by a tensor or a number
floor_divide(input, other = None, *, other: number = None)
    torch.floor_divide: divides and rounds down
fmod(input, other = None, *, other: number = None)
    torch.fmod: the remainder, with the sign of `input`
lerp(input, end, *, weight: float)
    torch.lerp: input + weight * (end - input)
maximum(input, other)
    torch.maximum: the larger of two tensors, element by element
minimum(input, other)
    torch.minimum: the smaller of two tensors, element by element
mul(*tensors, other: number = None)
    torch.mul, operator: multiplies tensors, or by a number
pow(input, exponent = None, *, exponent: number = None)
    torch.pow, operator: raises to a power
remainder(input, other = None, *, other: number = None)
    torch.remainder: the remainder, with the sign of `other`
rsub(input, other = None, *, other: number = None)
    torch.rsub: other - input
sub(input, other = None, *, other: number = None)
    torch.sub, operator: subtracts a tensor or a number

# Elementwise functions

abs(input)
    torch.abs: the absolute value
atan2(input, other)
    torch.atan2: the angle of the point (other, input)
ceil(input)
    torch.ceil: rounds up
clamp(input, *, min: number | None = None, max: number | None = None)
    torch.clamp: limits values to a range
cos(input)
    torch.cos: the cosine
erf(input)
    torch.erf: the error function
exp(input)
    torch.exp: e to the power of the input
expm1(input)
    torch.expm1: exp(input) - 1, accurate near 0
floor(input)
    torch.floor: rounds down
log(input)
    torch.log: the natural logarithm
log10(input)
    torch.log10: the logarithm to base 10
log1p(input)
    torch.log1p: log(1 + input), accurate near 0
log2(input)
    torch.log2: the logarithm to base 2
logit(input, *, eps: float | None = None)
    torch.logit: the inverse of the sigmoid
nan_to_num(input, *, nan: number | None = None, posinf: number | None = None, neginf: number | None = None)
    torch.nan_to_num: replaces what is no finite number
neg(input)
    torch.neg: changes the sign
reciprocal(input)
    torch.reciprocal: 1 / input
round(input, *, decimals: int = 0)
    torch.round: rounds to the nearest, halves to even
rsqrt(input)
    torch.rsqrt: 1 / sqrt(input)
sigmoid(input)
    torch.sigmoid: 1 / (1 + exp(-input))
sign(input)
    torch.sign: -1, 0 or 1
sin(input)
    torch.sin: the sine
sqrt(input)
    torch.sqrt: the square root
square(input)
    torch.square: the square
tan(input)
    torch.tan: the tangent
tanh(input)
    torch.tanh: the hyperbolic tangent
trunc(input)
    torch.trunc: rounds towards 0

# Comparison and logic

bucketize(input, boundaries, *, out_int32: bool = False, right: bool = False)
    torch.bucketize: which of the intervals between `boundaries` each element lies in
eq(input, other = None, *, other: number = None)
    torch.eq: whether equal
ge(input, other = None, *, other: number = None)
    torch.ge: whether greater or equal
gt(input, other = None, *, other: number = None)
    torch.gt: whether greater
isfinite(input)
    torch.isfinite: whether neither infinite nor NaN
isinf(input)
    torch.isinf: whether infinite
isnan(input)
    torch.isnan: whether NaN
le(input, other = None, *, other: number = None)
    torch.le: whether less or equal
logical_and(input, other)
    torch.logical_and: whether both hold
logical_not(input)
    torch.logical_not: whether it does not hold
logical_or(input, other)
    torch.logical_or: whether one of them holds
logical_xor(input, other)
    torch.logical_xor: whether exactly one of them holds
lt(input, other = None, *, other: number = None)
    torch.lt: whether less
ne(input, other = None, *, other: number = None)
    torch.ne: whether not equal

# Reductions

all(input, *, dim: int | list[int] = None, keepdim: bool = False)
    torch.all: whether all elements hold
amax(input, *, dim: int | list[int] = [], keepdim: bool = False)
    torch.amax: the largest values
amin(input, *, dim: int | list[int] = [], keepdim: bool = False)
    torch.amin: the smallest values
any(input, *, dim: int | list[int] = None, keepdim: bool = False)
    torch.any: whether any element holds
argmax(input, *, dim: int | None = None, keepdim: bool = False)
    torch.argmax: where the largest value is
argmin(input, *, dim: int | None = None, keepdim: bool = False)
    torch.argmin: where the smallest value is
argsort(input, *, dim: int = -1, descending: bool = False)
    torch.argsort: the indices that sort a dimension
cumprod(input, *, dim: int, dtype: dtype = None)
    torch.cumprod: the product of all elements so far
cumsum(input, *, dim: int, dtype: dtype = None)
    torch.cumsum: the sum of all elements so far
logsumexp(input, *, dim: int | list[int], keepdim: bool = False)
    torch.logsumexp: log(sum(exp(input)))
max(input, *, dim: int, keepdim: bool = False)
    torch.max: the largest values and where they are, as a tuple; `amax` gives the values alone
mean(input, *, dim: int | list[int] = None, keepdim: bool = False, dtype: dtype = None)
    torch.mean: the mean
min(input, *, dim: int, keepdim: bool = False)
    torch.min: the smallest values and where they are, as a tuple; `amin` gives the values alone
norm(input, *, p: number | Literal["fro", "nuc"] = "fro", dim: int | list[int] = None, keepdim: bool = False)
    torch.norm: the norm of vectors or matrices
prod(input, *, dim: int = None, keepdim: bool = False, dtype: dtype = None)
    torch.prod: the product
sort(input, *, dim: int = -1, descending: bool = False)
    torch.sort: the sorted values and where they were, as a tuple
std(input, *, dim: int | list[int] | None = None, correction: number = 1, keepdim: bool = False)
    torch.std: the standard deviation
sum(input, *, dim: int | list[int] = None, keepdim: bool = False, dtype: dtype = None)
    torch.sum: the sum
topk(input, *, k: size, dim: int = -1, largest: bool = True, sorted: bool = True)
    torch.topk: the `k` largest values and where they are, as a tuple
var(input, *, dim: int | list[int] | None = None, correction: number = 1, keepdim: bool = False)
    torch.var: the variance
var_mean(input, *, dim: int | list[int] | None = None, correction: number = 1, keepdim: bool = False)
    torch.var_mean: the variance and the mean, as a tuple
vector_norm(x, *, ord: fill = 2, dim: int | list[int] | None = None, keepdim: bool = False)
    torch.linalg.vector_norm: the norm of vectors

# Products

addmm(input, mat1, mat2, *, beta: number = 1, alpha: number = 1)
    torch.addmm: beta * input + alpha * (mat1 @ mat2)
baddbmm(input, batch1, batch2, *, beta: number = 1, alpha: number = 1)
    torch.baddbmm: the same as `addmm`, for each matrix of a batch
bmm(input, mat2)
    torch.bmm: multiplies the matrices of two batches
cdist(x1, x2, *, p: fill = 2.0)
    torch.cdist: the distance between each two vectors
cross(input, other, *, dim: int = -1)
    torch.linalg.cross: the cross product of vectors of 3
einsum(*tensors, pattern: str)
    einops.einsum, pattern: multiplies and sums along named dimensions: `b i d, b j d -> b i j`
matmul(input, other)
    torch.matmul, operator: multiplies matrices; broadcasts the dimensions before the last two
mm(input, mat2)
    torch.mm: multiplies two matrices
outer(input, vec2)
    torch.outer: the product of each two elements of two vectors
tensordot(a, b, *, dims: size = 2)
    torch.tensordot: sums over the last `dims` dimensions of one and the first of the other

# Complex numbers and spectra

angle(input)
    torch.angle: the angle of complex numbers
complex(real, imag)
    torch.complex: complex numbers from their parts
conj(input)
    torch.conj: the conjugate
fft(input, *, n: int | None = None, dim: int = -1, norm: Literal["forward", "backward", "ortho"] | None = None)
    torch.fft.fft: the discrete Fourier transform
fft2(input, *, s: list[int] | None = None, dim: list[int] = [-2, -1],
        norm: Literal["forward", "backward", "ortho"] | None = None)
    torch.fft.fft2: the Fourier transform of two dimensions
ifft(input, *, n: int | None = None, dim: int = -1, norm: Literal["forward", "backward", "ortho"] | None = None)
    torch.fft.ifft: the inverse of `fft`
ifft2(input, *, s: list[int] | None = None, dim: list[int] = [-2, -1],
        norm: Literal["forward", "backward", "ortho"] | None = None)
    torch.fft.ifft2: the inverse of `fft2`
imag(input)
    torch.imag: the imaginary part
irfft(input, *, n: int | None = None, dim: int = -1, norm: Literal["forward", "backward", "ortho"] | None = None)
    torch.fft.irfft: the inverse of `rfft`
irfft2(input, *, s: list[int] | None = None, dim: list[int] = [-2, -1],
        norm: Literal["forward", "backward", "ortho"] | None = None)
    torch.fft.irfft2: the inverse of `rfft2`
polar(abs, angle)
    torch.polar: complex numbers from their length and angle
real(input)
    torch.real: the real part
rfft(input, *, n: int | None = None, dim: int = -1, norm: Literal["forward", "backward", "ortho"] | None = None)
    torch.fft.rfft: the Fourier transform of real numbers; half of it, the rest is its mirror
rfft2(input, *, s: list[int] | None = None, dim: list[int] = [-2, -1],
        norm: Literal["forward", "backward", "ortho"] | None = None)
    torch.fft.rfft2: the Fourier transform of two dimensions of real numbers
view_as_complex(input)
    torch.view_as_complex: pairs in the last dimension as complex numbers
view_as_real(input)
    torch.view_as_real: complex numbers as pairs in a new last dimension
"""
