// Generates the TypeScript types of a host: `node types.mjs WIT-FILE FOLDER`.
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { generateHostTypes } from "@bytecodealliance/jco-transpile";
import { _addPreopen } from "@bytecodealliance/preview2-shim/filesystem";

_addPreopen("/", "/"); // jco reads WIT with a component of its own, which sees no files otherwise
const [wit, outDir] = process.argv.slice(2);
const options = { name: "index", worldName: "oauth-authentication", instantiation: "async", outDir };
for (const [file, content] of Object.entries(await generateHostTypes(wit, options))) {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}
