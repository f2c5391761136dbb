// Logs in with the official JavaScript SDK: once, or COUNT times more, and says what that took.
//
// node login.mjs PORT CA-FILE CLIENT-ID SECRET-FILE [COUNT]
//
// As fast as the SDK allows: an agent that keeps the connection, one SDK client for the whole life of the
// process, and its logging left off. The name `login.mypurecloud.de` is resolved to this machine, so that TLS
// checks name and certificate as it would for the real one.

import { readFileSync } from "node:fs";
import { Agent } from "node:https";
import sdk from "purecloud-platform-client-v2";

const [port, ca, id, secretFile, count] = process.argv.slice(2);
const secret = readFileSync(secretFile, "utf8");
const here = [{ address: "127.0.0.1", family: 4 }];
const lookup = (_name, options, done) =>
  options.all ? done(null, here) : done(null, here[0].address, here[0].family);

const client = sdk.ApiClient.instance;
client.setProxyAgent(new Agent({ keepAlive: true, ca: readFileSync(ca), lookup }));
client.setGateway({ host: "login.mypurecloud.de", protocol: "https", port: Number(port) });

await client.loginClientCredentialsGrant(id, secret);
console.log("session");
if (count === undefined) {
  process.exit(0);
}

// What the engine compiles once it knows the code to be hot is not to be counted.
for (let n = 0; n < Number(count) / 2; n++) {
  await client.loginClientCredentialsGrant(id, secret);
}
const times = [];
const before = process.cpuUsage();
for (let n = 0; n < Number(count); n++) {
  const started = process.hrtime.bigint();
  await client.loginClientCredentialsGrant(id, secret);
  times.push(Number(process.hrtime.bigint() - started) / 1000);
}
const { user, system } = process.cpuUsage(before);
times.sort((a, b) => a - b);
console.log(JSON.stringify({ median_us: times[times.length >> 1], cpu_us: (user + system) / times.length }));
process.exit(0);
