#!/usr/bin/env python3
"""Writes pages_table.c: the files that web/dist/manifest.txt names, taken in by the assembler.

usage: embed_pages.py DIST OUTPUT

.incbin takes 0.02 s where `xxd -i` takes 1.8 s for each MB. The hashes stand in the output, so that it
changes (and is compiled again) exactly when a file does. Without DIST/manifest.txt the table is empty,
and the server says that this build has no page.
"""
import hashlib
import os
import sys

FORMS = (("plain", ""), ("brotli", ".br"), ("gzip", ".gz"))


def symbol(number, form):
    return f"page_{number}_{form}"


def incbin(name, path):
    quoted = path.replace("\\", "\\\\").replace('"', '\\"')
    return (f'__asm__(".section .rodata\\n.balign 16\\n{name}:\\n.incbin \\"{quoted}\\"\\n{name}_end:\\n'
            f'.byte 0\\n.previous\\n");\n'
            f"extern const unsigned char {name}[], {name}_end[];\n")


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()[:20]


def main():
    dist, output = os.path.abspath(sys.argv[1]), sys.argv[2]
    manifest = os.path.join(dist, "manifest.txt")
    names = open(manifest, encoding="utf-8").read().split("\n") if os.path.exists(manifest) else []
    names = sorted(name for name in names if name)
    text = '/* Made by embed_pages.py. */\n#include "http/pages_table.h"\n\n'
    rows = ""
    for number, name in enumerate(names):
        row = f'\t{{"/{name}", "{digest(os.path.join(dist, name))}"'
        for form, ending in FORMS:
            path = os.path.join(dist, name + ending)
            if not os.path.exists(path):
                row += ", {0, 0}"
                continue
            size = os.path.getsize(path)
            text += f"/* {digest(path)} */\n" + incbin(symbol(number, form), path)
            row += f", {{{symbol(number, form)}, {size}}}"
        rows += row + "},\n"
    text += f"\nconst struct page_file pages_table[] = {{\n{rows}\t{{0, 0, {{0, 0}}, {{0, 0}}, {{0, 0}}}},\n}};\n"
    if os.path.exists(output) and open(output, encoding="utf-8").read() == text:
        return
    with open(output, "w", encoding="utf-8") as file:
        file.write(text)


main()
