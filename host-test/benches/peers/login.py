"""Logs in with the official Python SDK: once, or COUNT times more, and says what that took.

python login.py PORT CA-FILE CLIENT-ID SECRET-FILE [COUNT]

As fast as the SDK allows: one ApiClient for the whole life of the process, whose pool keeps the connection. The
name `login.mypurecloud.de` is resolved to this machine, so that TLS checks name and certificate as it would for
the real one.
"""

import json
import resource
import socket
import statistics
import sys
import time

import PureCloudPlatformClientV2 as sdk

port, ca, client_id, secret_file, *count = sys.argv[1:]
with open(secret_file) as file:
    secret = file.read()

resolve = socket.getaddrinfo
socket.getaddrinfo = lambda _name, *rest, **more: resolve("127.0.0.1", *rest, **more)

sdk.configuration.ssl_ca_cert = ca
client = sdk.api_client.ApiClient()
client.set_gateway("login.mypurecloud.de", "https", int(port), "", "")

client.get_client_credentials_token(client_id, secret)
print("session", flush=True)
if not count:
    sys.exit(0)


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


times = []
before = cpu()
for _ in range(int(count[0])):
    started = time.perf_counter()
    client.get_client_credentials_token(client_id, secret)
    times.append(time.perf_counter() - started)
spent = cpu() - before
print(json.dumps({"median_us": statistics.median(times) * 1e6, "cpu_us": spent / len(times) * 1e6}))
