#!/usr/bin/env python3
# house_bites.py - house.py says of a small house what was done wrong in it, once,
# and nothing of a sound one. Prints TAP.
#
#	tests/lib/house_bites.py FOLDER		(for the houses; it is there and empty)
import contextlib
import io
import os
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import house	# noqa: E402

SOUND = {
	"mk/layers.mk": "LAYERS := base net\nsees_base := base\nsees_net := $(sees_base) net\n",
	"docs/config.schema.json": '{"properties":{"key":{"type":"string"}}}\n',
	"base/a.h": "/*\n * a.h\n */\n#ifndef BASE_A_H\n#define BASE_A_H\n#define ONE_ITEMS_MAX 64\n"
		"struct pair_of {\n\tint n;\n};\nint one(const char *s);\n#endif\n",
	"base/a.c": '/*\n * a.c\n */\n#include "base/a.h"\n#include <string.h>\nint one(const char *s)\n{\n'
		"\tint n = (int)strlen(s);\n\n\tfor (int i = 0; i < ONE_ITEMS_MAX; i++)\n\t\tn += i;\n\treturn n;\n}\n",
	"net/b.h": '/*\n * b.h\n */\n#ifndef NET_B_H\n#define NET_B_H\n#include "base/a.h"\n'
		"#define TWO_ITEMS_MAX ONE_ITEMS_MAX\nint two(void);\n#endif\n",
	"net/b.c": '/*\n * b.c\n */\n#include "net/b.h"\nint two(void)\n{\n\treturn one("key") + TWO_ITEMS_MAX;\n}\n',
	"net/main.c": '/*\n * main.c\n */\n#include "net/b.h"\nint main(void)\n{\n\treturn two();\n}\n',
}
HEADER = '#ifndef NET_C_H\n#define NET_C_H\n#include "net/b.h"\nint three(void);\n#endif\n'
THREE = '/*\n * c.c\n */\n%s#include "net/c.h"\nint three(void)\n{\n\treturn two();\n}\n'
PRIVATE = "#ifndef NET_P_H\n#define NET_P_H\n#endif\n"
SPARE = [("net/b.h", "int two(void);", "int two(void);\nint three(void);"),
	("net/b.c", "int two", "int three(void)\n{\n\treturn 3;\n}\nint two")]
CIRCLE = [("net/c.h", None, HEADER), ("net/b.c", '#include "net/b.h"', '#include "net/b.h"\n#include "net/c.h"'),
	("net/b.c", "return one", "return three() + one")]

# Name, edits (a file, what stands there (None: all), what instead), what is said; no text: nothing.
CASES = [
	("a sound house", [], []),
	("a relative include", [("net/main.c", '"net/b.h"', '"../net/b.h"')], ['net/main.c:4: "../net/b.h" is relative']),
	("an include of a higher floor", [("base/a.c", "#include <", '#include "net/b.h"\n#include <')],
		["base/a.c:5: base may not see net/b.h", "folders need each other in a circle: base -> net, net -> base"]),
	("headers in a circle", [("net/c.h", None, HEADER), ("net/b.h", '#include "base/a.h"', '#include "base/a.h"\n#include "net/c.h"')],
		["headers include each other in a circle: net/b.h net/c.h"]),
	("object files in a circle", [*CIRCLE, ("net/c.c", None, THREE % "")],
		["net/b.c -> net/c.c (three), net/c.c -> net/b.c (two)"]),
	("one object in several files", [*CIRCLE, ("net/b_private.h", None, PRIVATE),
		("net/c.c", None, THREE % '#include "net/b_private.h"\n'),
		("net/b.c", '#include "net/c.h"', '#include "net/c.h"\n#include "net/b_private.h"')], []),
	("a function that nobody calls", SPARE, ["net/b.c: three is used by no other file"]),
	("a function that only tests call", [*SPARE, ("tests/unit/t.c", None, "int t(void) { return three(); }\n")],
		["net/b.c: three is used by tests only"]),
	("the same, with a reason", [*SPARE, ("tests/unit/t.c", None, "int t(void) { return three(); }\n"),
		("tests/lib/house.txt", None, "hook three - tests count with it\n")], []),
	("an exception without a reason", [*SPARE, ("tests/lib/house.txt", None, "hook three\n")],
		["house.txt:1: no reason is given"]),
	("a reason for nothing", [("tests/lib/house.txt", None, "hook two - tests count with it\n")],
		["hook two excepts nothing"]),
	("a constant that nobody uses", [("base/a.h", "#define ONE", "#define SPARE 3\n#define ONE")],
		["base/a.h:6: SPARE is used by no other file"]),
	("an inline function that nobody uses", [("base/a.h", "#endif", "static inline int four(void)\n{\n\treturn 4;\n}\n#endif")],
		["base/a.h:11: four is used by no other file"]),
	("a field that nobody names", [("base/a.h", "\tint n;", "\tint n, spare[2];")],
		["base/a.h:8: the field spare is named nowhere else"]),
	("a library function without its header", [("base/a.c", "#include <string.h>\n", "")],
		["base/a.c:7: strlen is used, <string.h> is not included"]),
	("equal ceilings that nothing ties", [("net/b.h", "TWO_ITEMS_MAX ONE_ITEMS_MAX", "TWO_ITEMS_MAX (8 * 8)")],
		["TWO_ITEMS_MAX is 64 as ONE_ITEMS_MAX is"]),
	("the same, tied by an assertion", [("net/b.h", "TWO_ITEMS_MAX ONE_ITEMS_MAX", "TWO_ITEMS_MAX (8 * 8)"),
		("net/b.c", "int two", '_Static_assert(ONE_ITEMS_MAX == TWO_ITEMS_MAX, "one");\nint two')], []),
	("ceilings that are said to be one", [("tests/lib/house.txt", None, "tied FEW TWO_ITEMS_MAX - they are one\n"),
		("base/a.h", "#define ONE", "#define FEW 9\n#define ONE"), ("base/a.c", "n += i", "n += i * FEW")],
		["as FEW is (base/a.h)"]),
	("a key that nobody reads", [("docs/config.schema.json", '"key"', '"door":{},"key"')], ['"door" is read by nobody']),
	("a counter that outlives its loop", [("base/a.c", "\n\n\tfor (int i", "\n\tint i;\n\n\tfor (i")],
		["base/a.c:9: i counts in a loop only"]),
	("one that is used after it", [("base/a.c", "\n\n\tfor (int i", "\n\tint i;\n\n\tfor (i"),
		("base/a.c", "return n;", "return n + i;")], []),
	("an own header behind the system's", [("base/a.c", '#include "base/a.h"\n#include <string.h>',
		'#include <string.h>\n#include "base/a.h"')], ["base/a.c:4: the house's own headers come before"]),
	("an owner found by a cast", [("base/a.c", "return n;", "return n + ((struct pair_of *)(void *)s)->n;")],
		["(struct pair_of *)(void *): loop_owner()"]),
]


def build(edits):
	files = dict(SOUND)
	for path, old, new in edits:
		if old is None:
			files[path] = new
		else:
			assert files[path].count(old) > 0, (path, old)
			files[path] = files[path].replace(old, new, 1)
	return files


def objects(root, files):
	"""All sources compiled by one call; a tree that does not compile is only looked at."""
	out = os.path.join(root, "obj")
	os.makedirs(out)
	sources = [os.path.join(root, f) for f in files if f.endswith(".c") and not f.startswith("tests/")]
	if subprocess.run(["gcc", "-w", "-I", root, "-c", *sources], cwd=out, check=False).returncode != 0:
		return None
	for s in sources:
		to = os.path.join(out, os.path.relpath(s, root)[:-2] + ".o")
		os.makedirs(os.path.dirname(to), exist_ok=True)
		os.rename(os.path.join(out, os.path.basename(s)[:-2] + ".o"), to)
	return out


def complaints(root, files):
	for path, text in files.items():
		to = os.path.join(root, path)
		os.makedirs(os.path.dirname(to), exist_ok=True)
		with open(to, "w", encoding="utf-8") as f:
			f.write(text)
	said = io.StringIO()
	with contextlib.redirect_stdout(said):
		house.main(["-C", root, "-o", objects(root, files)])
	return [line for line in said.getvalue().splitlines() if line.startswith("  ")]


def main(folder):
	failed = 0
	for n, (name, edits, wanted) in enumerate(CASES, 1):
		said = complaints(os.path.join(folder, str(n)), build(edits))
		good = len(said) == len(wanted) and all(any(w in s for s in said) for w in wanted)
		failed += not good
		print(f"{'' if good else 'not '}ok {n} - {name}: {'it is said, and no more' if wanted else 'nothing is said'}")
		if not good:
			print("\n".join(f"#{s}" for s in said))
	print(f"1..{len(CASES)}")
	return failed != 0


if __name__ == "__main__":
	sys.exit(main(sys.argv[1]))
