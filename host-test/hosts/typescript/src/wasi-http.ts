// The part of `wasi:http` 0.2 and `wasi:io` that components use to send requests. `ask` blocks until the main thread has
// answered. jco takes an exception as the error of a `result`, and classes as resources.
//
// preview2-shim, which comes with jco, would do it in one line, but it gives no say in the address, the CA or the errors: its
// HTTP client is in a thread of its own, out of reach.
//
// A request is sent when the component waits for its response. The body of the request is buffered until then; the body of the
// response is streamed.

import type { ErrorCode, Method, Scheme } from "./types/interfaces/wasi-http-types.js";
import type { Answer, Query, SendQuery } from "./network.js";

type Ask = <Q extends Query>(query: Q) => Answer<Q>;

const MAX_BODY = 1 << 20; // of a request
const MAX_READ = 64 << 10;
const CLOSED = { tag: "closed" };

class Pollable {
  constructor(private readonly wait = () => {}) {}
  ready(): boolean {
    this.wait();
    return true;
  }
  block(): void {
    this.wait();
  }
}

class IoError {
  constructor(readonly code: ErrorCode) {}
  toDebugString(): string {
    return this.code.tag;
  }
}

class Fields {
  constructor(public values: [string, Uint8Array][] = []) {}
  static fromList(values: [string, Uint8Array][]): Fields {
    return new Fields(values);
  }
  get(name: string): Uint8Array[] {
    return this.values.filter(([other]) => other.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
  }
  has(name: string): boolean {
    return this.get(name).length > 0;
  }
  append(name: string, value: Uint8Array): void {
    this.values.push([name, value]);
  }
  delete(name: string): void {
    this.values = this.values.filter(([other]) => other.toLowerCase() !== name.toLowerCase());
  }
  set(name: string, values: Uint8Array[]): void {
    this.delete(name);
    for (const value of values) this.append(name, value);
  }
  entries(): [string, Uint8Array][] {
    return this.values;
  }
}

class RequestOptions {
  readonly timeouts = { connect: 10_000, firstByte: 30_000, betweenBytes: 10_000 }; // a component may only shorten them
  setConnectTimeout(nanoseconds?: bigint): void {
    this.shorten("connect", nanoseconds);
  }
  setFirstByteTimeout(nanoseconds?: bigint): void {
    this.shorten("firstByte", nanoseconds);
  }
  setBetweenBytesTimeout(nanoseconds?: bigint): void {
    this.shorten("betweenBytes", nanoseconds);
  }
  private shorten(name: keyof RequestOptions["timeouts"], nanoseconds?: bigint): void {
    if (nanoseconds !== undefined) {
      this.timeouts[name] = Math.min(this.timeouts[name], Number(nanoseconds / 1_000_000n));
    }
  }
}

class OutgoingRequest {
  private method = "GET";
  private scheme = "HTTPS";
  private authority = "";
  private path = "/";
  private readonly content: Uint8Array[] = [];
  constructor(private readonly headers: Fields) {}
  setMethod(method: Method): void {
    this.method = method.tag === "other" ? method.val : method.tag.toUpperCase();
  }
  setScheme(scheme?: Scheme): void {
    this.scheme = scheme?.tag ?? "HTTPS";
  }
  setAuthority(authority = ""): void {
    this.authority = authority;
  }
  setPathWithQuery(path = "/"): void {
    this.path = path;
  }
  body(): OutgoingBody {
    return new OutgoingBody(this.content);
  }
  query(): Omit<SendQuery, "timeouts"> {
    const { method, scheme, authority, path } = this;
    const headers = this.headers.values.map(([name, value]): [string, string] => [
      name.toLowerCase(),
      Buffer.from(value).toString("latin1"),
    ]);
    return { kind: "send", method, scheme, authority, path, headers, body: Buffer.concat(this.content) };
  }
}

class OutgoingBody {
  constructor(private readonly content: Uint8Array[]) {}
  write(): OutputStream {
    return new OutputStream(this.content);
  }
  static finish(): void {}
}

class OutputStream {
  private left = MAX_BODY;
  constructor(private readonly content: Uint8Array[]) {}
  checkWrite(): bigint {
    return BigInt(this.left);
  }
  write(data: Uint8Array): void {
    this.left -= data.length;
    if (this.left < 0) throw CLOSED;
    this.content.push(data.slice());
  }
  blockingWriteAndFlush(data: Uint8Array): void {
    this.write(data);
  }
  flush(): void {}
  blockingFlush(): void {}
  subscribe(): Pollable {
    return new Pollable();
  }
}

type Result<T, E> = { tag: "ok"; val: T } | { tag: "err"; val: E };

class FutureIncomingResponse {
  private result: Result<IncomingResponse, ErrorCode> | undefined;
  constructor(private readonly send: () => Result<IncomingResponse, ErrorCode>) {}
  subscribe(): Pollable {
    return new Pollable(() => this.wait());
  }
  get(): Result<Result<IncomingResponse, ErrorCode>, void> {
    return { tag: "ok", val: this.wait() };
  }
  private wait(): Result<IncomingResponse, ErrorCode> {
    return (this.result ??= this.send());
  }
}

class IncomingResponse {
  constructor(
    private readonly ask: Ask,
    private readonly head: { status: number; headers: [string, string][] },
  ) {}
  status(): number {
    return this.head.status;
  }
  headers(): Fields {
    return new Fields(this.head.headers.map(([name, value]) => [name, Buffer.from(value, "latin1")]));
  }
  consume(): IncomingBody {
    return new IncomingBody(this.ask);
  }
}

class IncomingBody {
  constructor(private readonly ask: Ask) {}
  stream(): InputStream {
    return new InputStream(this.ask);
  }
}

class InputStream {
  constructor(private readonly ask: Ask) {}
  read(size: bigint): Uint8Array {
    if (size === 0n) return new Uint8Array();
    const answer = this.ask({ kind: "read", size: size > MAX_READ ? MAX_READ : Number(size) });
    if ("error" in answer) throw { tag: "last-operation-failed", val: new IoError(answer.error) };
    if (answer.data.length === 0) throw CLOSED;
    return answer.data;
  }
  blockingRead(size: bigint): Uint8Array {
    return this.read(size);
  }
  subscribe(): Pollable {
    return new Pollable();
  }
}

// The imports of a component.
export function wasiHttp(ask: Ask): object {
  const handle = (request: OutgoingRequest, options = new RequestOptions()) =>
    new FutureIncomingResponse(() => {
      const answer = ask({ ...request.query(), timeouts: options.timeouts });
      return "error" in answer
        ? { tag: "err", val: answer.error }
        : { tag: "ok", val: new IncomingResponse(ask, answer) };
    });
  return {
    "wasi:clocks/monotonic-clock": { now: () => process.hrtime.bigint() },
    "wasi:io/poll": { Pollable, poll: (all: Pollable[]) => Uint32Array.from(all.keys()).filter((n) => all[n]!.ready()) },
    "wasi:io/error": { Error: IoError },
    "wasi:io/streams": { InputStream, OutputStream },
    "wasi:http/types": {
      Fields,
      RequestOptions,
      OutgoingRequest,
      OutgoingBody,
      FutureIncomingResponse,
      IncomingResponse,
      IncomingBody,
      httpErrorCode: (error: IoError) => error.code,
    },
    "wasi:http/outgoing-handler": { handle },
  };
}
