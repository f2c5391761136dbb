// What the actions of a call may do on the network, and the client that does it: grants, address, certificates, time-outs.
// It runs in the main thread, and answers the queries of a worker.

import type { IncomingMessage } from "node:http";
import { request as send } from "node:https";
import type { ErrorCode } from "./types/interfaces/wasi-http-types.js";

const MAX_BODY = 1 << 20;
const FREE_HEADERS = ["accept", "accept-encoding", "content-length", "content-type", "user-agent"];

// Requests that a component may make: any of the methods, to any of the paths, of any of the hosts.
export interface Grant {
  hosts: string[];
  methods: string[];
  paths: string[];
  headers: string[];
}

// A request as the component made it, with times in milliseconds.
export interface SendQuery {
  kind: "send";
  scheme: string;
  authority: string;
  method: string;
  path: string;
  headers: [string, string][];
  body: Uint8Array;
  timeouts: { connect: number; firstByte: number; betweenBytes: number };
}

export interface ReadQuery {
  kind: "read";
  size: number;
}

export type Query = SendQuery | ReadQuery;
export type Answer<Q extends Query> =
  | { error: ErrorCode }
  | (Q extends SendQuery ? { status: number; headers: [string, string][] } : { data: Uint8Array });

export class Network {
  private readonly address: { host: string; port: string };
  private response: AsyncIterator<Buffer> | undefined;
  private unread: Buffer = Buffer.alloc(0);
  private read = 0;
  private betweenBytes = 0;
  private readonly abort = new AbortController();

  constructor(
    private readonly grant: Grant[],
    connect: string,
    private readonly ca: string,
    private requests: number,
  ) {
    const colon = connect.lastIndexOf(":");
    this.address = { host: connect.slice(0, colon), port: connect.slice(colon + 1) };
  }

  close(): void {
    this.abort.abort();
  }

  async answer(query: Query): Promise<Answer<SendQuery> | Answer<ReadQuery>> {
    try {
      return query.kind === "send" ? await this.send(query) : { data: await this.readBody(query.size) };
    } catch (error) {
      return { error: errorCode(error) };
    }
  }

  private async send(query: SendQuery): Promise<Answer<SendQuery>> {
    const host = query.authority.replace(/:443$/, "");
    if (query.scheme !== "HTTPS" || !this.grant.some((grant) => allows(grant, host, query))) {
      throw { tag: "HTTP-request-denied" };
    }
    if (this.requests-- <= 0) {
      throw { tag: "connection-limit-reached" };
    }
    const request = send({
      ...this.address, // there is no look-up of the name
      servername: host,
      ca: this.ca, // the only one that is trusted
      rejectUnauthorized: true, // whatever NODE_TLS_REJECT_UNAUTHORIZED says
      agent: false, // a connection of its own
      signal: this.abort.signal,
      method: query.method,
      path: query.path,
      headers: [["host", host], ...query.headers].flat(),
    });
    request.on("error", () => {}); // an error after the response is one of the body, which reports it
    const connected = new Promise<void>((resolve, reject) => {
      request.once("socket", (socket) => socket.once("secureConnect", resolve)).once("error", reject);
    });
    const head = new Promise<IncomingMessage>((resolve, reject) => {
      request.once("response", resolve).once("error", reject);
    });
    head.catch(() => {}); // `connected` reports it first
    request.end(query.body);
    await within(query.timeouts.connect, connected, { tag: "connection-timeout" });
    const response = await within(query.timeouts.firstByte, head, { tag: "HTTP-response-timeout" });
    this.betweenBytes = query.timeouts.betweenBytes;
    this.response = response[Symbol.asyncIterator]();
    this.unread = Buffer.alloc(0);
    this.read = 0;
    const headers = response.rawHeaders.flatMap((name, index, all): [string, string][] =>
      index % 2 === 0 ? [[name.toLowerCase(), all[index + 1]!]] : [],
    );
    return { status: response.statusCode!, headers };
  }

  // The next bytes of the body, or none at its end.
  private async readBody(size: number): Promise<Uint8Array> {
    while (this.unread.length === 0) {
      const next = await within(this.betweenBytes, this.response!.next(), { tag: "connection-read-timeout" });
      if (next.done) return new Uint8Array();
      this.unread = next.value;
      this.read += next.value.length;
      if (this.read > MAX_BODY) throw { tag: "HTTP-response-body-size", val: BigInt(MAX_BODY) };
    }
    const data = this.unread.subarray(0, size);
    this.unread = this.unread.subarray(size);
    return Uint8Array.from(data);
  }
}

function allows(grant: Grant, host: string, { method, path, headers }: SendQuery): boolean {
  const [plain] = path.split("?");
  return (
    !isAmbiguous(plain!) &&
    grant.hosts.some((pattern) => allowsHost(pattern, host)) &&
    grant.methods.includes(method) &&
    grant.paths.some((pattern) => matches(pattern, plain!, "/")) &&
    headers.every(([name]) => FREE_HEADERS.includes(name) || grant.headers.includes(name))
  );
}

// `*` does not stand for one of the last two labels.
function allowsHost(pattern: string, host: string): boolean {
  return !pattern.split(".").slice(-2).includes("*") && matches(pattern, host, ".");
}

// Whether a server may take a path for another one than the one that was compared with the grant.
function isAmbiguous(path: string): boolean {
  const plain = path.toLowerCase().replaceAll("%2e", ".");
  return /\\|%2f|%5c/.test(plain) || plain.split("/").some((segment) => segment === "." || segment === "..");
}

// `*` stands for one label of a host, or one segment of a path.
function matches(pattern: string, value: string, separator: string): boolean {
  const parts = pattern.split(separator);
  const values = value.split(separator);
  return (
    parts.length === values.length && parts.every((part, index) => part === values[index] || (part === "*" && values[index]))
  );
}

async function within<T>(milliseconds: number, promise: Promise<T>, error: ErrorCode): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(error), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

const CERTIFICATE_ERRORS = [
  "CERT_HAS_EXPIRED",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "CERT_NOT_YET_VALID",
  "CERT_SIGNATURE_FAILURE",
];

// Node's errors, in the terms of `wasi:http`. An untrusted certificate is not an alert: those are what a server sends.
function errorCode(error: unknown): ErrorCode {
  if (!(error instanceof Error)) return error as ErrorCode;
  const { code = "" } = error as NodeJS.ErrnoException;
  if (CERTIFICATE_ERRORS.includes(code)) return { tag: "TLS-certificate-error" };
  if (code === "ECONNREFUSED") return { tag: "connection-refused" };
  if (code === "ECONNRESET" || code === "EPIPE") return { tag: "connection-terminated" };
  if (code === "ETIMEDOUT") return { tag: "connection-timeout" };
  if (code === "HPE_HEADER_OVERFLOW") return { tag: "HTTP-response-header-section-size", val: undefined };
  if (code.startsWith("HPE_")) return { tag: "HTTP-protocol-error" };
  if (code.startsWith("ERR_SSL_") || code === "EPROTO") return { tag: "TLS-protocol-error" };
  return { tag: "destination-unavailable" };
}
