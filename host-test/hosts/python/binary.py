"""What wasmtime-py does not expose of a component: whether a file is one, and how many memories it has."""

COMPONENT = b"\0asm\x0d\0\x01\0"  # the first bytes of each component in the binary format
CORE_MODULE, NESTED_COMPONENT, MEMORY_SECTION = 1, 4, 5


def count_memories(binary: bytes) -> int:
    """How many memories the core modules of a component have. Each section is an id, a size and that many bytes."""
    is_component = binary.startswith(COMPONENT)
    count, rest = 0, binary[8:]
    while rest:
        size, after = number(rest[1:])
        if is_component and rest[0] in (CORE_MODULE, NESTED_COMPONENT):
            count += count_memories(after[:size])
        elif not is_component and rest[0] == MEMORY_SECTION:
            count += number(after)[0]
        rest = after[size:]
    return count


def number(data: bytes) -> tuple[int, bytes]:
    """An unsigned number in LEB128, and what follows it."""
    value = data[0] & 0x7F
    if data[0] < 0x80:
        return value, data[1:]
    higher, rest = number(data[1:])
    return value | higher << 7, rest
