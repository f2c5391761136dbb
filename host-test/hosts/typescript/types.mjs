// Generates src/types from the contract: `node types.mjs WIT-FOLDER`.
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { generateHostTypes } from "@bytecodealliance/jco-transpile";
import { _addPreopen } from "@bytecodealliance/preview2-shim/filesystem";

_addPreopen("/", "/"); // jco 1.35 reads WIT files with a component of its own, which sees no files otherwise
const options = { name: "action", worldName: "oauth-authentication", instantiation: "async", outDir: "src/types" };
for (const [file, content] of Object.entries(await generateHostTypes(process.argv[2], options))) {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}
