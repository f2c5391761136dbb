"""A host for action components: one JSON request on standard input, one JSON answer on standard output.

The course of a call: `main` reads the request, `run` loads the component once, and `call` runs each action in a store of its
own, with limits on memory, computing time and duration. Requests of the component go through `wasi_http.py`, which only
translates, to `network.py`, which decides what is allowed.
"""

import json
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace as Record

from wasmtime import Config, Engine, Store, WasmtimeError
from wasmtime.component import Component, Linker, Variant

import binary
import contract
from network import DeadlineExceeded, Network
from wasi_http import WasiHttp

RUN = "bot:action/run@0.2.0"
# Units of fuel, about one per instruction. A sign-in uses some 100,000; this many take about half a second.
FUEL = 500_000_000


def main() -> None:
    json.dump(run(json.load(sys.stdin)), sys.stdout)


def run(request: dict) -> dict:
    config = Config()
    config.consume_fuel = True  # stops a component that computes too long
    config.epoch_interruption = True  # stops a component that is still busy at the deadline
    config.cache = True  # compiled code is kept in the user's cache folder
    engine = Engine(config)
    try:
        content = Path(request["component"]).read_bytes()
        component = load(content, engine)
    except WasmtimeError as error:
        return {"refused": str(error)}
    memories = max(binary.count_memories(content), 1)
    return {"results": [call(engine, component, memories, request, one) for one in request["calls"]]}


def load(content: bytes, engine: Engine) -> Component:
    """Refuses what is not an action, and a component that imports more than this host provides."""
    if not content.startswith(binary.COMPONENT):  # wasmtime-py compiles the text format, too
        raise WasmtimeError("the file is not a WebAssembly component")
    component = Component(engine, content)
    exports = component.type.exports(engine)
    if RUN not in exports:
        raise WasmtimeError(f"the component does not export {RUN}")
    if contract.described(exports[RUN].ty.exports(engine)["run"].ty) != contract.RUN:
        raise WasmtimeError(f"the component exports {RUN} with other types")
    for name in component.type.imports(engine):
        interface, _, version = name.partition("@")
        if interface not in WasiHttp.INTERFACES or not version.startswith("0.2."):
            raise WasmtimeError(f"the component imports {name}, which this host does not provide")
    return component


def call(engine: Engine, component: Component, memories: int, request: dict, one: dict) -> dict:
    """Runs one action in a fresh instance. Nothing of it is left afterwards."""
    limits = request["limits"]
    deadline = time.monotonic() + limits["deadline-ms"] / 1000
    network = Network(request["grant"], request["connect"], request["ca"], limits["requests"], deadline)

    store = Store(engine)
    store.set_fuel(FUEL)
    store.set_epoch_deadline(1)
    memory = limits["memory-bytes"] // memories  # wasmtime-py limits each memory, not their sum
    store.set_limits(memory_size=memory, memories=memories, table_elements=10_000, tables=4, instances=32)
    linker = Linker(engine)
    WasiHttp(network).add_to(linker)

    def stop() -> None:
        engine.increment_epoch()  # if the component computes
        network.abort()  # if it waits for a server

    # Calls run one after the other here. With several at once, share one ticker of epochs among all of them.
    watchdog = threading.Timer(deadline - time.monotonic(), stop)
    watchdog.start()
    try:
        instance = linker.instantiate(store, component)
        function = instance.get_func(store, instance.get_export_index(store, "run", instance.get_export_index(store, RUN)))
        result = function(store, one["action"], [argument(value) for value in one["arguments"]])
        answer = success(result.payload) if result.tag == "ok" else failure(result.payload)
    except (WasmtimeError, DeadlineExceeded, TypeError, ValueError) as error:
        return stopped(error, deadline, store)
    finally:
        watchdog.cancel()
        network.abort()
        store.close()
    if len(json.dumps(answer, ensure_ascii=False).encode()) > limits["output-bytes"]:
        return {"stopped": "too-large", "message": "the result is larger than the limit"}
    return answer


def stopped(error: Exception, deadline: float, store: Store) -> dict:
    """Why the host, and not the component, ended the call. wasmtime does not report a refused `memory.grow`: a component
    that runs out of memory aborts, which is a trap like any other."""
    if time.monotonic() >= deadline:
        return {"stopped": "deadline", "message": "the call took longer than its deadline"}
    if store.get_fuel() == 0:
        return {"stopped": "cpu", "message": "the call used up its computing time"}
    message = str(error)
    reason = "memory" if "memory limits" in message else "trap" if "wasm trap" in message else "other"
    return {"stopped": reason, "message": message}


def argument(json_value: dict) -> Record:
    """`argument` of the contract. wasmtime takes the members of records as attributes, with the names of the WIT file."""
    kind = next(kind for kind in ("text", "secret", "token", "session") if kind in json_value)
    value = json_value[kind]
    if kind in ("token", "session"):
        value = Record(**{"expires-in": None, **value})
    return Record(name=json_value["name"], value=Variant(kind, value))


def success(value) -> dict:
    change = value.session  # a variant: `unchanged`, `opened`, `replaced` or `closed`
    session = None if change.tag == "unchanged" else {"change": change.tag, **vars(change.payload or Record())}
    outputs = {output.name: output.value for output in value.outputs}
    return {"success": {"outputs": outputs, "session": session}}


def failure(value) -> dict:
    retry = {"after": value.retry.payload} if value.retry.tag == "after" else value.retry.tag
    details = {detail.name: detail.value for detail in value.details}
    return {"failure": {**vars(value), "retry": retry, "details": details}}


if __name__ == "__main__":
    main()
