// A limit on the memory of a core module. V8 has none for one module, so this writes a maximum into its memory section
// (WebAssembly Core Specification, 5.5.8): `memory.grow` then fails beyond it.

const PAGE = 65536;
const MEMORY_SECTION = 5;

interface MemorySection {
  start: number;
  end: number;
  memories: { minimum: number; maximum: number | undefined }[]; // in pages
}

export function countMemories(module: Uint8Array): number {
  return memorySection(module)?.memories.length ?? 0;
}

export function limitMemory(module: Uint8Array, bytes: number): Buffer<ArrayBuffer> {
  const section = memorySection(module);
  if (section === undefined) return Buffer.from(module);
  const limit = Math.floor(bytes / PAGE);
  const content = encoded(section.memories.length);
  for (const { minimum, maximum = limit } of section.memories) {
    if (minimum > limit) throw new Error("the component needs more memory than its limit");
    content.push(1, ...encoded(minimum), ...encoded(Math.min(maximum, limit))); // 1: it has a maximum
  }
  const limited = Uint8Array.of(MEMORY_SECTION, ...encoded(content.length), ...content);
  return Buffer.concat([module.subarray(0, section.start), limited, module.subarray(section.end)]);
}

function memorySection(module: Uint8Array): MemorySection | undefined {
  let at = 8; // after the magic number and the version
  const number = () => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = module[at++]!;
      value += (byte % 128) * shift;
      if (byte < 128) return value;
    }
  };
  while (at < module.length) {
    const start = at;
    const section = module[at++];
    const size = number();
    const end = at + size;
    if (section === MEMORY_SECTION) {
      const memories = [];
      for (let left = number(); left > 0; left--) {
        const flags = number();
        if (flags > 1) throw new Error("the component has a memory that is shared or has 64 bits");
        memories.push({ minimum: number(), maximum: flags === 1 ? number() : undefined });
      }
      return { start, end, memories };
    }
    at = end;
  }
  return undefined;
}

// LEB128, unsigned.
function encoded(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...encoded(Math.floor(value / 128))];
}
