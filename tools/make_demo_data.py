#!/usr/bin/env python3
"""Cuts the first images and labels out of two IDX files (.gz), for `pleat demo`.

usage: make_demo_data.py IMAGES.idx3-ubyte.gz LABELS.idx1-ubyte.gz OUT_FOLDER [COUNT]

Writes OUT_FOLDER/images.idx3-ubyte.gz and OUT_FOLDER/labels.idx1-ubyte.gz, the same bytes every time.
"""
import gzip
import struct
import sys
from pathlib import Path


def cut(source: Path, target: Path, magic: int, count: int) -> None:
    """Copies the header with a smaller count, then that many records."""
    content = gzip.decompress(source.read_bytes())
    axes = content[3]
    found, total, *sides = struct.unpack(f">I{axes}I", content[: 4 + 4 * axes])
    if found != magic:
        sys.exit(f"{source}: magic number {found:#x}, expected {magic:#x}")
    if total < count:
        sys.exit(f"{source}: {total} records, expected at least {count}")
    record = 1
    for side in sides:
        record *= side
    start = 4 + 4 * axes
    records = content[start : start + count * record]
    header = struct.pack(f">I{axes}I", magic, count, *sides)
    target.write_bytes(gzip.compress(header + records, compresslevel=9, mtime=0))


def main() -> None:
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    images, labels, folder = (Path(argument) for argument in sys.argv[1:4])
    count = int(sys.argv[4]) if len(sys.argv) == 5 else 2000
    folder.mkdir(parents=True, exist_ok=True)
    cut(images, folder / "images.idx3-ubyte.gz", 0x803, count)
    cut(labels, folder / "labels.idx1-ubyte.gz", 0x801, count)


if __name__ == "__main__":
    main()
