"""The type of `run` in `bot:action@0.2.0`, to compare a component with: wasmtime-py converts values by the component's own type."""

from wasmtime.component import FuncType, ListType, OptionType, RecordType, ResultType, VariantType

DETAIL = "record{name: String, value: String}"
SESSION = "record{token: String, token-type: String, base-url: String, expires-in: option<U32>}"
TOKEN = "record{url: String, access-token: String, token-type: String, expires-in: option<U32>}"
VALUE = f"variant{{text: String, secret: String, token: {TOKEN}, session: {SESSION}}}"
CHANGE = f"variant{{unchanged, opened: {SESSION}, replaced: {SESSION}, closed}}"
RETRY = "variant{never, backoff, after: U32, new-token}"
SUCCESS = f"record{{outputs: list<{DETAIL}>, session: {CHANGE}}}"
FAILURE = f"record{{code: String, field: option<String>, retry: {RETRY}, message: String, details: list<{DETAIL}>}}"
RUN = f"func{{action: String, arguments: list<record{{name: String, value: {VALUE}}}>}} -> result<{SUCCESS}, {FAILURE}>"


def described(ty) -> str:
    """A type with all names and types within it."""
    match ty:
        case FuncType():
            return f"func{members(ty.params)} -> {described(ty.result)}"
        case ListType():
            return f"list<{described(ty.element)}>"
        case OptionType():
            return f"option<{described(ty.payload)}>"
        case ResultType():
            return f"result<{described(ty.ok)}, {described(ty.err)}>"
        case RecordType():
            return f"record{members(ty.fields)}"
        case VariantType():
            return f"variant{members(ty.cases)}"
    return type(ty).__name__  # such as `String`


def members(named: list) -> str:
    return "{" + ", ".join(name if ty is None else f"{name}: {described(ty)}" for name, ty in named) + "}"
