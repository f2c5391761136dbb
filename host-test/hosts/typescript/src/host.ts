// A host for action components: one JSON request on standard input, one JSON answer on standard output.
//
// jco turns the component into JavaScript and core modules. Each call runs in a worker of its own, which the main thread
// ends at the deadline. The worker blocks while it waits for a server; the main thread does the network (network.ts).

import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { deserialize, serialize } from "node:v8";
import { Worker } from "node:worker_threads";
import type { transpileBytes } from "@bytecodealliance/jco-transpile";
import { countMemories, limitMemory } from "./memory.js";
import { Network, type Grant } from "./network.js";
import type { Call, Job, Outcome } from "./worker.js";

const PREAMBLE = Buffer.from("\0asm\x0d\0\x01\0", "latin1"); // of a component in the binary format
const RUN = "bot:action/run@0.2.0";
// Its types, as `npm run types` generated them, and as jco generates them for a component.
const CONTRACT = new URL("../src/types/interfaces/bot-action-run.d.ts", import.meta.url);
const CACHE = new URL("../node_modules/.cache/actions/", import.meta.url);
const TYPES = "interfaces/bot-action-run.d.ts";
const PROVIDED = ["wasi:clocks/monotonic-clock", "wasi:http/outgoing-handler", "wasi:http/types"].concat(
  ["error", "poll", "streams"].map((name) => `wasi:io/${name}`),
);

interface Request {
  component: string;
  grant: Grant[];
  connect: string;
  ca: string;
  limits: { "deadline-ms": number; "memory-bytes": number; "output-bytes": number; requests: number };
  calls: Call[];
}

interface Program {
  source: string;
  modules: Record<string, { module: WebAssembly.Module; memories: number }>;
}

async function main(): Promise<void> {
  const request = JSON.parse(await text(process.stdin)) as Request;
  process.stdout.write(JSON.stringify(await run(request)));
}

async function run(request: Request): Promise<object> {
  let program: Program;
  try {
    program = await load(request.component, request.limits["memory-bytes"]);
  } catch (error) {
    return { refused: String(error) };
  }
  const results = [];
  for (const call of request.calls) {
    results.push(await runInWorker(program, request, call));
  }
  return { results };
}

// Transpiles and compiles a component once. It is refused if it is not an action, or imports more than this host provides.
async function load(path: string, memoryLimit: number): Promise<Program> {
  const component = await readFile(path);
  if (!component.subarray(0, PREAMBLE.length).equals(PREAMBLE)) {
    throw new Error("the file is not a WebAssembly component"); // jco takes the text format, too
  }
  const { files, imports, exports } = await transpile(component);
  if (!exports.some(([name]) => name === RUN)) {
    throw new Error(`the component does not export ${RUN}`);
  }
  if (declarations(Buffer.from(files[TYPES]!).toString()) !== declarations(await readFile(CONTRACT, "utf8"))) {
    throw new Error(`the component exports ${RUN} with other types`);
  }
  const unknown = imports.filter((name) => !PROVIDED.includes(name));
  if (unknown.length > 0) {
    throw new Error(`the component imports ${unknown.join(", ")}, which this host does not provide`);
  }
  const modules: Program["modules"] = {};
  const core = Object.entries(files).filter(([name]) => name.endsWith(".wasm"));
  const memories = core.reduce((sum, [, bytes]) => sum + countMemories(bytes), 0);
  for (const [name, bytes] of core) {
    const limited = limitMemory(bytes, memoryLimit / memories); // each memory of a call gets an equal part
    modules[name] = { module: await WebAssembly.compile(limited), memories: countMemories(bytes) };
  }
  return { source: Buffer.from(files["action.js"]!).toString(), modules };
}

// jco takes a second for a component, so its output is kept, beside jco: `npm ci` removes it with jco.
async function transpile(component: Uint8Array): ReturnType<typeof transpileBytes> {
  const file = new URL(createHash("sha256").update(component).digest("hex"), CACHE);
  try {
    return deserialize(await readFile(file));
  } catch {
    const jco = await import("@bytecodealliance/jco-transpile");
    const result = await jco.transpileBytes(component, {
      name: "action",
      instantiation: "async", // imports are given to each instance
      wasiShim: false,
      nodejsCompat: false,
      base64Cutoff: 0,
      noComponentErrorWrapping: true,
    });
    const written = new URL(`${file}.${process.pid}`);
    await mkdir(CACHE, { recursive: true });
    await writeFile(written, serialize(result));
    await rename(written, file);
    return result;
  }
}

// The declarations of a file, without comments, in an order that does not depend on the component's.
function declarations(types: string): string {
  const plain = types.replace(/\/\*[^]*?\*\//g, "").replace(/\s+/g, " ");
  return plain.split("export ").sort().join("\n");
}

// Runs one action in a fresh instance. Nothing of it is left afterwards.
async function runInWorker(program: Program, request: Request, call: Call): Promise<object> {
  const { limits } = request;
  const network = new Network(request.grant, request.connect, request.ca, limits.requests);
  const signal = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL("./worker.js", import.meta.url), {
    workerData: { ...program, call, signal } satisfies Job,
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16 },
  });
  let deadline: NodeJS.Timeout | undefined;
  try {
    return await new Promise((resolve) => {
      // A deadline set in the worker would not fire: the worker is blocked while it waits, and while it computes.
      deadline = setTimeout(
        () => resolve({ stopped: "deadline", message: "the call took longer than its deadline" }),
        limits["deadline-ms"],
      );
      worker.on("message", async (message: { query: Parameters<Network["answer"]>[0] } | { outcome: Outcome }) => {
        if ("outcome" in message) {
          resolve(limited(message.outcome, limits["output-bytes"]));
          return;
        }
        worker.postMessage(await network.answer(message.query));
        Atomics.store(signal, 0, 1);
        Atomics.notify(signal, 0);
      });
      worker.on("error", (error: NodeJS.ErrnoException) => {
        const reason = error.code === "ERR_WORKER_OUT_OF_MEMORY" ? "memory" : "other";
        resolve({ stopped: reason, message: error.message });
      });
    });
  } finally {
    clearTimeout(deadline);
    network.close();
    await worker.terminate();
  }
}

function limited(outcome: Outcome, limit: number): object {
  const isTooLarge = Buffer.byteLength(JSON.stringify(outcome)) > limit;
  return isTooLarge ? { stopped: "too-large", message: "the result is larger than the limit" } : outcome;
}

await main();
