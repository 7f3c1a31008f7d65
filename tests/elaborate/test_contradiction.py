"""Written sizes that the input contradicts: what is told, what is fixed, and what is left to the author."""

import pytest

import archspec

HEAD = "archspec: 1\nname: A\ninput: {input}\nmodel:\n"


def _check(layers: str, shape: str = "[N, 3, 8, 8]") -> list[tuple[str, str, str]]:
    """Message, hint, and the title of the fix, if any, of each fault."""
    found = archspec.check(HEAD.format(input=shape) + layers)
    assert {diagnostic.code for diagnostic in found} <= {"E0601"}
    return [(item.message, item.hint, "" if item.fix is None else item.fix.title) for item in found]


def test_all_contradictions_are_told_at_once() -> None:
    """The layer is made with what the input says, so that the next one is checked too."""
    layers = (
        "  - BatchNorm2d: 4\n  - Conv2d: {in_channels: 5, out_channels: 8, kernel_size: 1}\n  - GroupNorm: [2, 6]\n"
    )
    assert [message for message, _, _ in _check(layers)] == [
        "`0` expects 4 channels and gets 3 from `input`",
        "`1` expects 5 channels and gets 3 from `0`",
        "`2` expects 6 channels and gets 8 from `1`",
    ]


def test_one_disagreement_is_told_once() -> None:
    """Where a stem has become narrower, what follows it does not repeat that."""
    layers = "  - BatchNorm2d: 4\n  - Conv2d: {in_channels: 4, out_channels: 8, kernel_size: 1}\n"
    assert len(_check(layers)) == 1


@pytest.mark.parametrize(
    ("layers", "title"),
    [
        ("  - BatchNorm2d: 4\n", "write 3, which the input has, for `num_features` 4"),
        ("  - BatchNorm2d: {num_features: 4}\n", "leave out `num_features: 4`: the input has 3"),
        ("  - BatchNorm2d: $(2 + 2)\n", ""),
        ("  - repeat: 2\n    BatchNorm2d: 4\n", ""),
        ("  - repeat: 2\n    BatchNorm2d: {num_features: 4}\n", "leave out `num_features: 4`: the input has 3"),
    ],
)
def test_a_number_that_is_plainly_wrong_is_fixed(layers: str, title: str) -> None:
    """It is left out, or replaced where its place says what it is; not what other calls may need, nor expressions."""
    assert [fix for _, _, fix in _check(layers)] == [title]


def test_a_list_that_may_leave_the_channels_out_is_not_fixed() -> None:
    """`[64, 7, 2]` may be meant as out_channels, kernel_size and stride: another first number builds another layer."""
    ((_, hint, fix),) = _check("  - Conv2d: [64, 7, 2]\n")
    expected = "leave `in_channels` out and name the other arguments: archspec reads it from the input"
    assert (hint, fix) == (expected, "")


def test_a_missing_flatten_is_told_and_not_fixed() -> None:
    """The number that was written is right: what is wrong is the shape."""
    ((_, hint, fix),) = _check("  - Linear: {in_features: 192, out_features: 2}\n")
    assert (hint, fix) == ("put `Flatten` before it: 3×8×8 is 192", "")


def test_features_of_what_is_no_plain_batch_are_not_fixed() -> None:
    """The last dimension of an image is its width, hardly ever what was meant."""
    ((_, hint, fix),) = _check("  - Linear: {in_features: 190, out_features: 2}\n")
    assert (hint, fix) == ("leave `in_features` out: archspec reads it from the input", "")


def test_channels_that_are_last_are_told_and_not_fixed() -> None:
    """Images from other frameworks have them there."""
    ((_, hint, fix),) = _check("  - Conv2d: {in_channels: 3, out_channels: 2, kernel_size: 1}\n", "[N, 8, 8, 3]")
    assert (hint, fix) == ("PyTorch has the channels second, N×C×H×W; this input has 3 in its last dimension", "")
