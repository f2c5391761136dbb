"""The part of `wasi:http` 0.2 and `wasi:io` that components use to send requests.

`Linker.add_wasi_http` of wasmtime would do it in one line, but it lets a component send requests to any host, trusts only the
certificates that are compiled in, and its TLS handshake has no time-out. Here `network.py` decides and sends.

A request is sent when the component waits for its response. The body of the request is buffered until then; the body of the
response is streamed.
"""

import time

from wasmtime.component import Linker, ResourceAny, ResourceHost, ResourceType, Variant

from network import HttpError, Network

MAX_BODY = 1 << 20  # of a request, and of a response
MAX_READ = 64 << 10

# The resources of the WIT files: a class is a resource, and its public methods are the resource's functions, with dashes for
# underscores. In wasmtime-py, a `result` or a variant whose cases have different Python types is the value of its case, or
# `None` for a case without one; any other is a `Variant`. So success without a value is `None` beside an error that has one,
# otherwise `OK`.

OK = Variant("ok")


class Pollable:
    def __init__(self, wait=lambda: None):
        self.wait = wait

    def ready(self):
        self.wait()
        return True

    def block(self):
        self.wait()


class Error:
    def __init__(self, code):
        self.code = code

    def to_debug_string(self):
        return self.code.tag


class Fields:
    def __init__(self, values=()):
        self.values = list(values)  # pairs of str and bytes

    @staticmethod
    def from_list(values):
        return Fields(values)

    def get(self, name):
        return [value for other, value in self.values if other.lower() == name.lower()]

    def has(self, name):
        return bool(self.get(name))

    def append(self, name, value):
        self.values.append((name, value))

    def delete(self, name):
        self.values = [pair for pair in self.values if pair[0].lower() != name.lower()]

    def set(self, name, values):
        self.delete(name)
        self.values += [(name, value) for value in values]

    def entries(self):
        return list(self.values)


class RequestOptions:
    def __init__(self):
        self.connect, self.first_byte, self.between_bytes = 10.0, 30.0, 10.0  # seconds; a component may only shorten them

    def set_connect_timeout(self, nanoseconds):
        return self._shorten("connect", nanoseconds)

    def set_first_byte_timeout(self, nanoseconds):
        return self._shorten("first_byte", nanoseconds)

    def set_between_bytes_timeout(self, nanoseconds):
        return self._shorten("between_bytes", nanoseconds)

    def _shorten(self, name, nanoseconds):
        if nanoseconds is not None:
            setattr(self, name, min(getattr(self, name), max(nanoseconds / 1e9, 0.001)))
        return OK


class OutgoingRequest:
    def __init__(self, headers):
        self.headers, self.method, self.scheme, self.authority, self.path = headers, "GET", Variant("HTTPS"), "", "/"
        self.content = bytearray()

    def set_method(self, method):
        self.method = method.payload or method.tag.upper()
        return OK

    def set_scheme(self, scheme):
        self.scheme = scheme or Variant("HTTPS")
        return OK

    def set_authority(self, authority):
        self.authority = authority or ""
        return OK

    def set_path_with_query(self, path):
        self.path = path or "/"
        return OK

    def body(self):
        return OutgoingBody(self.content)


class OutgoingBody:
    def __init__(self, content):
        self.content = content

    def write(self):
        return OutputStream(self.content)

    @staticmethod
    def finish(body, trailers):
        return None


class OutputStream:
    def __init__(self, content):
        self.content = content

    def check_write(self):
        return MAX_BODY - len(self.content)

    def write(self, data):
        if len(data) > self.check_write():
            return Variant("err", None)  # `closed`
        self.content += data
        return OK

    def flush(self):
        return OK

    def subscribe(self):
        return Pollable()

    blocking_write_and_flush, blocking_flush = write, flush


class FutureIncomingResponse:
    def __init__(self, send):
        self.send, self.result = send, None

    def subscribe(self):
        return Pollable(self._wait)

    def get(self):
        self._wait()
        return Variant("some", self.result)

    def _wait(self):
        try:
            self.result = self.result or self.send()
        except HttpError as error:
            self.result = error.code


class IncomingResponse:
    def __init__(self, network, response):
        self.network, self.response = network, response

    def status(self):
        return self.response.status

    def headers(self):
        return Fields((name.lower(), value.encode("latin-1")) for name, value in self.response.getheaders())

    def consume(self):
        return IncomingBody(self.network, self.response)


class IncomingBody:
    def __init__(self, network, response):
        self.network, self.response = network, response

    def stream(self):
        return InputStream(self.network, self.response)


class InputStream:
    def __init__(self, network, response):
        self.network, self.response, self.left = network, response, MAX_BODY

    def read(self, size):
        if size == 0:
            return b""
        try:
            data = self.network.read(self.response, min(size, MAX_READ))
            self.left -= len(data)
            if self.left < 0:
                raise HttpError("HTTP-response-body-size", MAX_BODY)
            return data or None  # `closed`
        except HttpError as error:
            return Error(error.code)

    def subscribe(self):
        return Pollable()

    blocking_read = read


class WasiHttp:
    """Adds the interfaces to a linker. It holds the resources of one instance."""

    INTERFACES = {
        "wasi:io/poll": [Pollable],
        "wasi:io/error": [Error],
        "wasi:io/streams": [InputStream, OutputStream],
        "wasi:clocks/monotonic-clock": [],
        "wasi:http/types": [
            Fields, RequestOptions, OutgoingRequest, OutgoingBody, FutureIncomingResponse, IncomingResponse, IncomingBody,
        ],
        "wasi:http/outgoing-handler": [],
    }
    TYPES = [resource for resources in INTERFACES.values() for resource in resources]
    CONSTRUCTORS = (Fields, RequestOptions, OutgoingRequest)

    def __init__(self, network: Network):
        self.network, self.resources, self.last = network, {}, 0

    def add_to(self, linker: Linker) -> None:
        functions = {
            "wasi:io/poll": {"poll": lambda pollables: [n for n, pollable in enumerate(pollables) if pollable.ready()]},
            "wasi:clocks/monotonic-clock": {"now": time.monotonic_ns},
            "wasi:http/types": {"http-error-code": lambda error: error.code},
            "wasi:http/outgoing-handler": {"handle": self.handle},
        }
        with linker.root() as root:
            for name, resources in self.INTERFACES.items():
                with root.add_instance(f"{name}@0.2.0") as interface:  # a component may import any 0.2
                    for resource in resources:
                        self.add_resource(interface, resource)
                    for function, implementation in functions.get(name, {}).items():
                        interface.add_func(function, self.guest(implementation))

    def handle(self, request: OutgoingRequest, options):
        options = options or RequestOptions()
        return FutureIncomingResponse(lambda: IncomingResponse(self.network, self.network.send(request, options)))

    def add_resource(self, interface, resource: type) -> None:
        name = kebab(resource.__name__)
        number = self.TYPES.index(resource)
        interface.add_resource(name, ResourceType.host(number), lambda _, rep: self.resources.pop(rep, None))
        if resource in self.CONSTRUCTORS:
            interface.add_func(f"[constructor]{name}", self.guest(resource))
        for method, function in vars(resource).items():
            if not method.startswith("_"):
                kind = "static" if isinstance(function, staticmethod) else "method"
                interface.add_func(f"[{kind}]{name}.{kebab(method)}", self.guest(getattr(resource, method)))

    def guest(self, function):
        """The function for a component, which knows resources by number."""
        return lambda store, *arguments: self.lower(function(*[self.lift(store, argument) for argument in arguments]))

    def lift(self, store, value):
        if isinstance(value, list):
            return [self.lift(store, item) for item in value]
        if not isinstance(value, ResourceAny):
            return value
        owned = value.owned
        number = value.to_host(store).rep
        return self.resources.pop(number) if owned else self.resources[number]

    def lower(self, value):
        if isinstance(value, Variant):
            return Variant(value.tag, self.lower(value.payload))
        if type(value) not in self.TYPES:
            return value
        self.last += 1
        self.resources[self.last] = value
        return ResourceHost.own(self.last, self.TYPES.index(type(value)))


def kebab(name: str) -> str:
    """`OutgoingRequest` and `set_method` as WIT files spell them."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).strip("-").replace("_", "-")
