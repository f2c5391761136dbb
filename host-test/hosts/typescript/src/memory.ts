// A limit on the memory of a core module. V8 has none for one module, so this writes a maximum into its memory section
// (WebAssembly Core Specification, 5.5.8): `memory.grow` then fails beyond it.

const PAGE = 65536;
export const LARGEST = 65536 * PAGE;
const MEMORY_SECTION = 5;

// The module with its limit, and how many memories it has.
export function limitMemory(module: Uint8Array, bytes: number): { code: Buffer<ArrayBuffer>; memories: number } {
  const limit = Math.floor(bytes / PAGE);
  let memories = 0;
  let at = 8; // after the magic number and the version
  const number = () => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = module[at++]!;
      value += (byte % 128) * shift;
      if (byte < 128) return value;
    }
  };
  const parts: Uint8Array[] = [];
  let copied = 0;
  while (at < module.length) {
    const start = at;
    const section = module[at++];
    const size = number();
    const end = at + size;
    if (section === MEMORY_SECTION) {
      const count = number();
      const content = encoded(count);
      memories += count;
      for (let memory = 0; memory < count; memory++) {
        const flags = number(); // 1: it has a maximum
        const minimum = number();
        const maximum = flags & 1 ? number() : limit;
        if (flags > 1) throw new Error("the component has a memory that is shared or has 64 bits");
        if (minimum > limit) throw new Error("the component needs more memory than its limit");
        content.push(1, ...encoded(minimum), ...encoded(Math.min(maximum, limit)));
      }
      parts.push(module.subarray(copied, start), Uint8Array.of(MEMORY_SECTION, ...encoded(content.length), ...content));
      copied = end;
    }
    at = end;
  }
  return { code: Buffer.concat([...parts, module.subarray(copied)]), memories };
}

// LEB128, unsigned.
function encoded(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...encoded(Math.floor(value / 128))];
}
