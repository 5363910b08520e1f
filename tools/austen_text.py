#!/usr/bin/env python3
"""Takes a novel out of Debian's package r-cran-janeaustenr: a public-domain text to measure on.

usage: austen_text.py Rdata.rdb TITLE OUT.txt

Lines are joined to paragraphs. R keeps each novel as a compressed list of lines.

    apt-get download r-cran-janeaustenr && dpkg -x r-cran-janeaustenr_*.deb austen
    python tools/austen_text.py \
        austen/usr/lib/R/site-library/janeaustenr/data/Rdata.rdb Persuasion persuasion.txt
"""
import re
import struct
import sys
import zlib
from pathlib import Path

HEADER = 23
"""Bytes before the list: format, versions, encoding."""


def novels(content):
    """The lines of each novel."""
    at = 0
    while at + 4 < len(content):
        unpacker = zlib.decompressobj()
        try:
            yield lines(unpacker.decompress(content[at + 4:]))
            at = len(content) - len(unpacker.unused_data)
        except zlib.error:
            return


def lines(blob):
    _, count = struct.unpack_from(">II", blob, HEADER)
    at = HEADER + 8
    found = []
    for _ in range(count):
        _, length = struct.unpack_from(">II", blob, at)
        found.append(blob[at + 8: at + 8 + length].decode())
        at += 8 + length
    return found


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    source, title, target = sys.argv[1:]
    for novel in novels(Path(source).read_bytes()):
        if novel[0].lower() == title.lower():
            paragraphs = re.split(r"\n\s*\n", "\n".join(novel))
            text = "\n\n".join(" ".join(p.split()) for p in paragraphs if p.strip())
            Path(target).write_text(text + "\n")
            return
    sys.exit(f"{source}: no novel '{title}'")


if __name__ == "__main__":
    main()
