#!/usr/bin/env python3
"""A library includes what it links, and links only downward.

Reads the `attn_add_library` calls of lib/ and the includes beside them.
usage: layering.py; prints one line per finding and exits 1 if there is any.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# From the bottom up; a library may link those of lower lines and, without
# cycles, of its own line. The stages of the compiler are these lines.
ORDER = [
    ["AttnRuntime", "AttnTarget"],
    ["AttnIR"],
    ["AttnAnalysis", "FmhaIR"],
    ["AttnTransforms", "FmhaTransforms", "AttnTiling", "AttnLoweringCommon"],
    ["AttnLoweringFragments"],
    ["AttnLoweringCpu", "AttnLoweringMmaSync", "AttnLoweringWgmma", "AttnLoweringTcgen05"],
    ["AttnLowering", "AttnCodegen"],
    ["AttnEmulate", "AttnPipelines"],
    ["AttnCompiler", "AttnSimulate"],
    ["AttnPython"],
]
LEVEL = {name: level for level, names in enumerate(ORDER) for name in names}
# Each is one architecture's; what they share is in AttnLoweringCommon, or, for those
# whose tiles are fragments of registers, in AttnLoweringFragments.
FAMILIES = set(ORDER[5])
# (folder of lib, header): includes that need no linking, with the reason.
HEADER_ONLY = {
    ("Emulate", "attn/Codegen/CallNames.h"): "names of the device calls only, inline",
    ("Emulate", "attn/Codegen/DeviceCalls.h"): "names of the device calls only, constants",
    ("Lowering/Fragments", "attn/Codegen/DeviceCalls.h"): "the same names, which it emits",
}


def libraries() -> dict[Path, tuple[str, set[str]]]:
    """Folder below lib/ -> its library and the libraries that it links."""
    found = {}
    for file in sorted((ROOT / "lib").rglob("CMakeLists.txt")):
        text = re.sub(r"#[^\n]*", "", file.read_text())
        for name, body in re.findall(r"\battn_add_library\(\s*(\w+)(.*?)\)", text, re.S):
            linked = re.search(r"\bLINK\b(.*?)(?:\bDEPENDS\b|\Z)", body, re.S)
            names = set(re.findall(r"\b(?:Attn|Fmha)\w+", linked.group(1) if linked else ""))
            found[file.parent.relative_to(ROOT / "lib")] = (name, names)
        module = re.search(r"add_library\(\s*(AttnPython)\s+MODULE", text)
        if module:
            names = set(re.findall(r"\b(?:Attn|Fmha)\w+", " ".join(
                re.findall(r"target_link_libraries\(AttnPython\s+PRIVATE(.*?)\)", text, re.S))))  # fmt: skip
            # The facade is these two, as one shared library in a static build.
            if "AttnFacade" in names:
                names = names - {"AttnFacade"} | {"AttnCompiler", "AttnSimulate"}
            found[file.parent.relative_to(ROOT / "lib")] = (module.group(1), names)
    return found


def closure(name: str, links: dict[str, set[str]]) -> set[str]:
    """All libraries that ``name`` links, through others too."""
    seen: set[str] = set()
    todo = list(links.get(name, ()))
    while todo:
        one = todo.pop()
        if one not in seen:
            seen.add(one)
            todo.extend(links.get(one, ()))
    return seen


def owners(header: str, folders: dict[Path, tuple[str, set[str]]]) -> set[str]:
    """The libraries that a header "attn/X/Y.h" may belong to: that of lib/X,
    or of the nearest folder above it, or, for a folder that only groups
    libraries, all below it."""
    folder = Path(header).parent.relative_to("attn")
    for candidate in (folder, *folder.parents):
        if candidate in folders:
            return {folders[candidate][0]}
        below = {name for path, (name, _) in folders.items() if candidate in path.parents}
        if below and candidate != Path("."):
            return below
    return set()


def check_links(folders) -> list[str]:
    links = {name: linked for name, linked in folders.values()}
    found = []
    for folder, (name, linked) in folders.items():
        where = f"lib/{folder}/CMakeLists.txt"
        if name not in LEVEL:
            found.append(f"{where}: expected {name} to be in ORDER of layering.py, but got no such "
                         "line; add it where it belongs")  # fmt: skip
            continue
        for other in sorted(linked & LEVEL.keys()):
            if LEVEL[other] > LEVEL[name]:
                found.append(f"{where}: expected {name} to link only libraries below it, but got "
                             f"{other}; move what both need down")  # fmt: skip
        if name in FAMILIES and linked & FAMILIES:
            found.append(f"{where}: expected {name} to link no other family, but got "
                         f"{', '.join(sorted(linked & FAMILIES))}; share through AttnLoweringCommon")  # fmt: skip
        if name in closure(name, links):
            found.append(f"{where}: expected no cycle of libraries, but {name} links itself")
    return found


def check_includes(folders) -> list[str]:
    links = {name: linked for name, linked in folders.values()}
    found = []
    for folder, (name, _) in folders.items():
        allowed = closure(name, links) | {name}
        files = [*(ROOT / "lib" / folder).glob("*.cpp"), *(ROOT / "lib" / folder).glob("*.h")]
        for file in sorted(files):
            for number, line in enumerate(file.read_text().splitlines(), 1):
                match = re.match(r'#include "(attn/[\w/.-]+)"', line)
                if not match or (folder.as_posix(), match.group(1)) in HEADER_ONLY:
                    continue
                owner = owners(match.group(1), folders)
                if owner and not owner & allowed:
                    found.append(
                        f"{file.relative_to(ROOT)}:{number}: expected {name} to link "
                        f"{' or '.join(sorted(owner))}, whose header it includes, but got "
                        f"{', '.join(sorted(allowed - {name})) or 'none'}; add it to LINK in "
                        f"lib/{folder}/CMakeLists.txt, or do not include it"
                    )
    return found


def main() -> int:
    folders = libraries()
    found = check_links(folders) + check_includes(folders)
    print(*found, f"layering: {len(folders)} libraries, {len(found)} findings", sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
