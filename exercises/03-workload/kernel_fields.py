"""Where fields lie in the kernel's structures, as -D options for the compiler. Complete: nothing to do here.

A running kernel brings a table of its own types, /sys/kernel/btf/vmlinux ("BTF"). Asking it takes a moment.
Compiling the kernel's header files takes half a minute on an emulated machine.
"""

import struct
from pathlib import Path

TABLE = Path("/sys/kernel/btf/vmlinux")
STRUCT = 4  # how the table marks a structure
FIELDS = {
    "task_struct": ["files"],
    "files_struct": ["fdt"],
    "file": ["f_inode", "f_path", "private_data"],
    "dentry": ["d_name"],
}


def flags(wanted=FIELDS):
    """One option a field, its offset in bytes: -DFILE_F_INODE=32."""
    content = TABLE.read_bytes()
    _, _, _, header_bytes, types_at, types_bytes, names_at, names_bytes = struct.unpack_from(
        "<HBBIIIII", content
    )
    types = content[header_bytes + types_at :][:types_bytes]
    names = content[header_bytes + names_at :][:names_bytes]
    return [
        f"-D{name.upper()}_{field.upper()}={offset_of(types, names, name, field)}"
        for name, fields in wanted.items()
        for field in fields
    ]


def offset_of(types, names, name, field):
    """Bytes from the start of a structure to one of its fields. Raises LookupError when there is none."""
    name_number, field_number = (number_of(names, text) for text in (name, field))
    at = types.find(struct.pack("<I", name_number))
    while at >= 0:
        (info,) = struct.unpack_from("<I", types, at + 4)
        if at % 4 == 0 and info >> 24 & 0x1F == STRUCT:
            # A header of 12 bytes, then 12 for each field: its name's number, its type, its place in bits.
            for member in range(info & 0xFFFF):
                number, _, bits = struct.unpack_from("<III", types, at + 12 + 12 * member)
                if number == field_number:
                    # With bit fields in a structure, the upper byte of a place is the width.
                    return (bits & 0xFFFFFF if info >> 31 else bits) // 8
        at = types.find(struct.pack("<I", name_number), at + 1)
    raise LookupError(f"this kernel's struct {name} has no field {field}")


def number_of(names, text):
    """A name's number in the table: where its text begins. Raises LookupError when there is none."""
    at = names.find(b"\0" + text.encode() + b"\0")
    if at < 0:
        raise LookupError(f"this kernel knows nothing called {text}")
    return at + 1
