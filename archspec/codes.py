"""The catalogue of diagnostics: every code with its meaning, an example and the fix (`archspec explain CODE`)."""

from dataclasses import dataclass

__all__ = ["CODES", "Code"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One kind of fault.

    Attributes:
        title: its name in a few words.
        meaning: what is wrong and why archspec refuses it.
        example: a short spec or line that has the fault.
        fix: the same, mended.
    """

    title: str
    meaning: str = ""
    example: str = ""
    fix: str = ""


CODES: dict[str, Code] = {
    # text and YAML
    "E0101": Code(title="the file cannot be read"),
    "E0102": Code(title="the text is not YAML"),
    "E0103": Code(title="a key is written twice"),
    "E0104": Code(title="a YAML feature that specs do not have: a tag or a merge key"),
    "E0105": Code(title="a key that is no text"),
    "E0106": Code(title="a character that text must not hold"),
    # the document
    "E0201": Code(title="an unknown key"),
    "E0202": Code(title="a key is missing"),
    "E0203": Code(title="a value of the wrong kind"),
    "E0204": Code(title="another version of the language"),
    "E0205": Code(title="a name that cannot be used"),
    "E0206": Code(title="an input declared wrongly"),
    "E0207": Code(title="a param declared wrongly"),
    # nodes and their arguments
    "E0301": Code(title="an unknown layer, block or operation"),
    "E0302": Code(title="an unknown argument"),
    "E0303": Code(title="an argument is missing"),
    "E0304": Code(title="an argument with a wrong value"),
    "E0305": Code(title="a node written wrongly"),
    "E0306": Code(title="an unknown key beside the type"),
    "E0307": Code(title="an operation where only modules can stand"),
    "E0308": Code(title="a name used twice"),
    "E0309": Code(title="one value where several arguments are needed"),
    # expressions and params
    "E0401": Code(title="an expression that cannot be read"),
    "E0402": Code(title="an expression with something that specs do not have"),
    "E0403": Code(title="an unknown name in an expression"),
    "E0404": Code(title="an expression that cannot be evaluated"),
    "E0405": Code(title="an expression cut off by YAML"),
    "E0406": Code(title="an unknown param"),
    "E0407": Code(title="a param without a value"),
    "E0408": Code(title="a param with a wrong value"),
    "E0409": Code(title="an unknown preset"),
    # wiring
    "E0501": Code(title="an unknown node name"),
    "E0502": Code(title="an item that is not there"),
    "E0503": Code(title="the wrong inputs"),
    "E0504": Code(title="a node that may be off, with several inputs and no `else`"),
    "E0505": Code(title="a node used before it runs"),
    "E0506": Code(title="`select` written wrongly"),
    "E0507": Code(title="a result that exists only in training"),
    "E0508": Code(title="`call` names no module"),
    "E0509": Code(title="a container that nothing runs"),
    # shapes
    "E0601": Code(title="an argument that contradicts the input"),
    "E0602": Code(title="a layer that cannot take its input"),
    "E0603": Code(title="an operation that cannot take its inputs"),
    "E0604": Code(title="an input of another shape than declared"),
    "E0605": Code(title="an input without the dimension that a layer reads"),
    # reuse
    "E0701": Code(title="a file that cannot be used"),
    "E0702": Code(title="files that use each other in a circle"),
    "E0703": Code(title="a patch of something that is not there"),
    "E0704": Code(title="a patch written wrongly"),
    "E0705": Code(title="an unknown architecture to extend"),
    # limits
    "E0801": Code(title="a limit is exceeded"),
    # initialisation and tying
    "E0901": Code(title="an initialisation rule written wrongly"),
    "E0902": Code(title="an unknown initialiser"),
    "E0903": Code(title="parameters that cannot be tied"),
    # warnings
    "W0101": Code(title="a node whose result is never used"),
    "W0102": Code(title="a param that is never used"),
    "W0103": Code(title="a block that is never used"),
    "W0104": Code(title="a block that hides a layer of torch.nn"),
    "W0105": Code(title="a named dimension that cannot vary"),
    "W0106": Code(title="an initialisation rule that matches nothing"),
}
