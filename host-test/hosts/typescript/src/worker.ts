// Runs one call of an action. It ends with the worker.

import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import type { OauthAuthentication } from "./types/action.js";
import type { Argument, Failure, Success, Value } from "./types/interfaces/bot-action-run.js";
import type { Answer, Query } from "./network.js";
import { wasiHttp } from "./wasi-http.js";

// What the main thread hands over.
export interface Job {
  source: string;
  modules: Record<string, { module: WebAssembly.Module; memories: number }>;
  call: Call;
  signal: Int32Array;
}

export interface Call {
  action: string;
  arguments: ({ name: string } & Record<string, unknown>)[];
}

export type Outcome = { success: object } | { failure: object } | { stopped: string; message: string };

const RUN = "bot:action/run@0.2.0";
const port = parentPort!;
const job = workerData as Job;

// Asks the main thread, and blocks until it has answered.
function ask<Q extends Query>(query: Q): Answer<Q> {
  Atomics.store(job.signal, 0, 0);
  port.postMessage({ query });
  Atomics.wait(job.signal, 0, 0);
  return receiveMessageOnPort(port)!.message as Answer<Q>;
}

// A module may be instantiated more than once, but no more memories are created than the limit was split between.
let memories = Object.values(job.modules).reduce((sum, it) => sum + it.memories, 0);
function instantiateCore(module: WebAssembly.Module, imports?: WebAssembly.Imports): Promise<WebAssembly.Instance> {
  memories -= Object.values(job.modules).find((it) => it.module === module)!.memories;
  if (memories < 0) throw new Error("the component creates more memories than the limit was split between");
  return WebAssembly.instantiate(module, imports);
}

async function run(): Promise<Outcome> {
  const url = `data:text/javascript;base64,${Buffer.from(job.source).toString("base64")}`;
  const { instantiate } = await import(url);
  const component: Pick<OauthAuthentication, typeof RUN> = await instantiate(
    (name: string) => job.modules[name]!.module,
    wasiHttp(ask),
    instantiateCore,
  );
  try {
    return success(component[RUN].run(job.call.action, job.call.arguments.map(argument)));
  } catch (error) {
    // jco throws the error of a WIT `result` as it is. An exception is a trap, or a fault of this host.
    if (!(error instanceof Error)) {
      return failure(error as Failure);
    }
    const isTrap = error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
    return { stopped: isTrap ? "trap" : "other", message: String(error) };
  }
}

function argument(json: Call["arguments"][number]): Argument {
  const tag = (["text", "secret", "token", "session"] as const).find((tag) => tag in json)!;
  const value = json[tag];
  return { name: json.name, value: { tag, val: typeof value === "string" ? value : rename(value!, camel) } as Value };
}

function success({ outputs, session }: Success): Outcome {
  const values = Object.fromEntries(outputs.map(({ name, value }) => [name, value]));
  const change = { change: session.tag, ...("val" in session ? rename(session.val, kebab) : {}) };
  return { success: { outputs: values, session: session.tag === "unchanged" ? null : change } };
}

function failure({ code, field, retry, message, details }: Failure): Outcome {
  const again = retry.tag === "after" ? { after: retry.val } : retry.tag;
  const facts = Object.fromEntries(details.map(({ name, value }) => [name, value]));
  return { failure: { code, field: field ?? null, retry: again, message, details: facts } };
}

// The names of record members: in camel case in jco, in kebab case in JSON.
function rename(record: object, name: (name: string) => string): object {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [name(key), value]));
}
const camel = (name: string) => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

port.postMessage({ outcome: await run() });
