"""What ships, as `archspec list` tells it."""

from archspec.spec.shipped import shipped, shipped_names


def test_a_doc_is_read_by_paragraphs() -> None:
    """The first says what it is, the second where it was published; each is one line, however it was broken."""
    resnet = shipped()["resnet"]
    assert resnet.doc == resnet.paragraphs[0]
    assert resnet.doc.startswith("ResNet (2015)")
    assert resnet.paper.startswith("He, Zhang, Ren and Sun, ")
    assert resnet.paper.endswith("arXiv:1605.07146.")
    assert "\n" not in "".join(resnet.paragraphs)


def test_names_are_those_that_build_each_once() -> None:
    """A preset that is called as its file is the same model."""
    assert shipped()["googlenet"].names == ("googlenet",)
    assert shipped()["vgg"].names[:2] == ("vgg", "vgg11")
    assert {name for item in shipped().values() for name in item.names} == set(shipped_names())


def test_params_and_weights_are_named() -> None:
    """By what a caller writes: `-p num_classes=10`, `--weights IMAGENET1K_V1`; weights by preset, else by the file."""
    assert "num_classes" in shipped()["resnet"].params
    assert shipped()["resnet"].weights["resnet50"] == ("IMAGENET1K_V1", "IMAGENET1K_V2")
    assert "IMAGENET1K_V1" in shipped()["alexnet"].weights["alexnet"]
