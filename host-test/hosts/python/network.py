"""What the actions of a call may do on the network, and the client that does it: grants, address, certificates, time-outs."""

import http.client
import socket
import ssl
import time
from types import SimpleNamespace as Record

from wasmtime.component import Variant

FREE_HEADERS = {"accept", "accept-encoding", "content-length", "content-type", "user-agent"}


class DeadlineExceeded(Exception):
    """Ends the call: the component does not get control again."""


class HttpError(Exception):
    """A case of `error-code`, such as `connection-refused`, for the component."""

    def __init__(self, code: str, payload=None):
        self.code = Variant(code, payload)


class Network:
    """What one call may do on the network."""

    def __init__(self, grant: list, connect: str, ca: str, requests: int, deadline: float):
        host, _, port = connect.rpartition(":")
        self.grant, self.address, self.requests, self.deadline = grant, (host, int(port)), requests, deadline
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # checks the name, trusts nothing by default
        self.tls.load_verify_locations(cadata=ca)
        self.socket = None

    def abort(self) -> None:
        """Ends a read that blocks; another thread may call it."""
        if self.socket:
            try:
                self.socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it is closed already

    def send(self, request: "OutgoingRequest", options: "RequestOptions") -> http.client.HTTPResponse:
        host = request.authority.removesuffix(":443")
        headers = [(name.lower(), value) for name, value in request.headers.values]
        if request.scheme.tag != "HTTPS" or not self.grants(host, request.method, request.path, headers):
            raise HttpError("HTTP-request-denied")
        if self.requests == 0:
            raise HttpError("connection-limit-reached")
        self.requests -= 1
        return self.errors(lambda: self.exchange(host, request, headers, options))

    def grants(self, host: str, method: str, path: str, headers: list) -> bool:
        path = path.partition("?")[0]
        return not is_ambiguous(path) and any(
            any(allows_host(pattern, host) for pattern in grant["hosts"])
            and method in grant["methods"]
            and any(matches(pattern, path, "/") for pattern in grant["paths"])
            and {name for name, _ in headers} <= FREE_HEADERS.union(grant["headers"])
            for grant in self.grant
        )

    def exchange(self, host: str, request, headers: list, options) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(host)
        self.socket = None
        # The address does not depend on the name, so there is no look-up, which could not be interrupted.
        plain = socket.create_connection(self.address, min(options.connect, self.remaining()))
        self.socket = self.tls.wrap_socket(
            plain, server_hostname=host, do_handshake_on_connect=False, suppress_ragged_eofs=False
        )
        self.socket.do_handshake()
        connection.sock = self.socket
        self.socket.settimeout(options.first_byte)
        connection.putrequest(request.method, request.path, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value)
        connection.endheaders(bytes(request.content))
        response = connection.getresponse()
        self.socket.settimeout(options.between_bytes)
        return response

    def read(self, response: http.client.HTTPResponse, size: int) -> bytes:
        """The next bytes of a body, or none at its end."""
        data = self.errors(lambda: response.read1(size))
        if not data and response.length:  # `http.client` does not report a body that is shorter than announced
            raise HttpError("HTTP-response-incomplete")
        return data

    def remaining(self) -> float:
        return max(self.deadline - time.monotonic(), 0.001)

    def errors(self, action):
        """Translates exceptions."""
        try:
            return action()
        except ssl.SSLCertVerificationError:  # not an alert: those are what a server sends
            code = HttpError("TLS-certificate-error")
        except ConnectionRefusedError:
            code = HttpError("connection-refused")
        except (ssl.SSLEOFError, ConnectionError, http.client.IncompleteRead):  # and `RemoteDisconnected`
            code = HttpError("connection-terminated")
        except ssl.SSLError:
            code = HttpError("TLS-protocol-error")
        except TimeoutError:
            code = HttpError("connection-read-timeout" if self.socket else "connection-timeout")
        except http.client.HTTPException:
            code = HttpError("HTTP-protocol-error")
        except OSError:
            code = HttpError("destination-unavailable")
        if time.monotonic() >= self.deadline:
            raise DeadlineExceeded from None
        raise code from None


def allows_host(pattern: str, host: str) -> bool:
    """`*` does not stand for one of the last two labels."""
    return "*" not in pattern.split(".")[-2:] and matches(pattern, host, ".")


def is_ambiguous(path: str) -> bool:
    """Whether a server may take a path for another one than the one that was compared with the grant."""
    path = path.lower().replace("%2e", ".")
    return any(part in path for part in ("\\", "%2f", "%5c")) or not {".", ".."}.isdisjoint(path.split("/"))


def matches(pattern: str, value: str, separator: str) -> bool:
    """Whether a pattern of a grant matches. `*` stands for one label of a host, or one segment of a path."""
    parts, values = pattern.split(separator), value.split(separator)
    return len(parts) == len(values) and all(
        part == value or (part == "*" and value) for part, value in zip(parts, values)
    )
