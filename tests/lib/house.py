#!/usr/bin/env python3
# house.py - the part of the house style that takes more than one line to judge.
#
#	tests/lib/house.py [-C TREE] [-o OBJECTS] [CHECK...]
#
#	includes	written from the root, and of a folder the layer may see
#	circles		headers, object files (by their symbols) and folders that need each other
#	globals		symbols, macros, inline functions and fields that the product does not use
#	headers		what is used of the C library is included where it is used
#	ceilings	equal ceilings of equal names are tied to each other
#	keys		every key of a schema is read by somebody
#	hand		loop variables, the order of includes, owners of members: one way
#	tags		(only when asked) structs of headers whose name is one bare word
#
# OBJECTS is where the object files of the product are (build/release/obj); without
# it, nothing is said of symbols. tests/lib/house.txt names the exceptions, each
# with its reason; one that no longer excepts anything is a complaint too.
# Several object files that include one X_private.h are one object, and may call
# each other in a circle.
import collections
import os
import re
import subprocess
import sys

CIRCLE, HOOK, APART, TIED = "circle", "hook", "apart", "tied"


def strip(text):
	"""TEXT without comments and without what is in quotes; lines stay where they are."""
	def blank(m):
		return m[0] if m[0][0] == "#" else ('""' if m[0][0] == '"' else " ") + "\n" * m[0].count("\n")
	return re.sub(r'^#\s*include[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', blank, text,
		flags=re.S | re.M)


class Tree:
	def __init__(self, root, objects):
		self.root, self.objects, self.bad = root, objects, 0
		self.raw, self.code, self.tests = {}, {}, {}
		for path in self.files():
			with open(os.path.join(root, path), encoding="utf-8") as f:
				text = f.read()
			if path.startswith("tests/"):
				self.tests[path] = text
			else:
				self.raw[path], self.code[path] = text, strip(text)
		self.includes = {p: re.findall(r'^#\s*include\s+"([^"]+)"', t, re.M) for p, t in self.code.items()}
		self.system = {p: set(re.findall(r"^#\s*include\s+<([^>]+)>", t, re.M)) for p, t in self.code.items()}
		self.layers, self.sees = self.read_layers()
		self.exceptions, self.used = self.read_exceptions(), set()

	def files(self):
		git = subprocess.run(["git", "-C", self.root, "ls-files", "-co", "--exclude-standard", "*.c", "*.h"],
			capture_output=True, text=True, check=False)
		found = git.stdout.split("\n") if git.returncode == 0 else [
			os.path.relpath(os.path.join(d, f), self.root)
			for d, _, fs in os.walk(self.root) for f in fs if f.endswith((".c", ".h"))]
		return sorted(f for f in found if f and not f.startswith("build/")
			and os.path.exists(os.path.join(self.root, f)))

	def read_layers(self):
		with open(os.path.join(self.root, "mk/layers.mk"), encoding="utf-8") as f:
			text = f.read()
		sees = {}
		for name, what in re.findall(r"^sees_([\w/]+)\s*:=\s*(.*)$", text, re.M):
			what = re.sub(r"\$\(patsubst %,(\S+)%,([^)]*)\)",
				lambda m: " ".join(m[1] + w for w in m[2].split()), what)
			sees[name] = re.sub(r"\$\(sees_([\w/]+)\)", lambda m: " ".join(sees[m[1]]), what).split()
		return re.search(r"^LAYERS\s*:=\s*(.*)$", text, re.M)[1].split(), sees

	def read_exceptions(self):
		rows = {}
		path = os.path.join(self.root, "tests/lib/house.txt")
		if os.path.exists(path):
			with open(path, encoding="utf-8") as f:
				for n, line in enumerate(f, 1):
					line = line.split("#")[0].strip()
					if not line:
						continue
					head, _, why = line.partition(" - ")
					kind, *names = head.split()
					rows[(kind, *names)] = n
					if not why.strip():
						self.say(f"tests/lib/house.txt:{n}: no reason is given")
		return rows

	def excepted(self, *row):
		if row in self.exceptions:
			self.used.add(row)
		return row in self.exceptions

	def say(self, what):
		print(f"  {what}")
		self.bad += 1

	def at(self, path, offset):
		return f"{path}:{self.code[path].count(chr(10), 0, offset) + 1}"


# ---- includes --------------------------------------------------------------------

def check_includes(t):
	for path, text in t.code.items():
		layer = max((n for n in t.sees if path.startswith(n + "/")), key=len, default="")
		sees = t.sees.get(layer, [])
		for m in re.finditer(r'^#\s*include\s+"([^"]+)"', text, re.M):
			name, where = m[1], t.at(path, m.start())
			if name.startswith(".") or "/../" in name or (
				"/" in path and os.path.exists(os.path.join(t.root, os.path.dirname(path), name))):
				t.say(f'{where}: "{name}" is relative; write it from the root')
			elif not any(name == s or name.startswith(s + "/") for s in sees):
				t.say(f"{where}: {layer} may not see {name} (mk/layers.mk)")


# ---- circles ---------------------------------------------------------------------

def circles(graph):
	"""The strongly connected sets of more than one."""
	index, low, stack, out = {}, {}, [], []

	def visit(v):
		index[v] = low[v] = len(index)
		stack.append(v)
		for w in sorted(graph.get(v, ())):
			if w not in index:
				visit(w)
				low[v] = min(low[v], low[w])
			elif w in stack:
				low[v] = min(low[v], index[w])
		if low[v] == index[v]:
			i = stack.index(v)
			if len(stack) - i > 1:
				out.append(sorted(stack[i:]))
			del stack[i:]
	for v in sorted(graph):
		if v not in index:
			visit(v)
	return out


def shortest(graph, members):
	"""One circle through MEMBERS, as short as there is."""
	best = None
	for start in members:
		ways, seen = [[start]], {start}
		while ways:
			way = ways.pop(0)
			if start in graph[way[-1]]:
				best = way if best is None or len(way) < len(best) else best
				break
			new = [n for n in sorted(graph[way[-1]]) if n in members and n not in seen]
			seen.update(new)
			ways += [way + [n] for n in new]
	return list(zip(best, best[1:] + best[:1]))


def symbols(t):
	"""Of each object: what it defines for others, and what it takes from them."""
	defines, takes = {}, collections.defaultdict(set)
	objects = {p: os.path.join(t.objects, p[:-2] + ".o") for p in t.code if p.endswith(".c")}
	there = [o for o in objects.values() if os.path.exists(o)]
	if len(there) < len(objects):
		sys.exit(f"house: {len(objects) - len(there)} sources have no object file in {t.objects}: build them first")
	path_of = {o: p for p, o in objects.items()}
	nm = subprocess.run(["nm", "-A", *there], capture_output=True, text=True, check=True)
	for line in nm.stdout.splitlines():
		obj, _, rest = line.partition(":")
		kind, name = rest.split()[-2:]
		if kind == "U":
			takes[path_of[obj]].add(name)
		elif kind.isupper() and name != "main":
			defines[name] = path_of[obj]
	return defines, takes


def one_object(t, members):
	"""Do all include the same X_private.h?"""
	private = []
	for m in members:
		own = own_header(t, m)
		private.append({i for i in t.includes[m] + t.includes.get(own, []) if i.endswith("_private.h")})
	return bool(set.intersection(*private))


def check_circles(t):
	headers = {p: [i for i in inc if i != p] for p, inc in t.includes.items() if p.endswith(".h")}
	for c in circles(headers):
		t.say("headers include each other in a circle: " + " ".join(c))
	folders = collections.defaultdict(set)
	for path, inc in t.includes.items():
		for i in inc:
			if os.path.dirname(i) != os.path.dirname(path):
				folders[os.path.dirname(path)].add(os.path.dirname(i))
	for c in circles(folders):
		if not t.excepted(CIRCLE, *c):
			edges = [f"{a} -> {b}" for a, b in shortest(folders, c)]
			t.say(f"{len(c)} folders need each other in a circle: " + ", ".join(edges))
	if t.objects is None:
		return
	defines, takes = symbols(t)
	calls, why = collections.defaultdict(set), {}
	for path, names in takes.items():
		for n in sorted(names & defines.keys()):
			if defines[n] != path:
				calls[path].add(defines[n])
				why.setdefault((path, defines[n]), n)
	for c in circles(calls):
		if not one_object(t, c) and not t.excepted(CIRCLE, *c):
			edges = [f"{a} -> {b} ({why[a, b]})" for a, b in shortest(calls, c)]
			t.say(f"{len(c)} files need each other in a circle: " + ", ".join(edges))


# ---- globals ---------------------------------------------------------------------

def words(texts):
	return collections.Counter(w for text in texts for w in re.findall(r"\w+", text))


def check_globals(t):
	in_tests, in_product = words(t.tests.values()), words(t.code.values())
	where = {}
	if t.objects is not None:
		defines, takes = symbols(t)
		taken = set().union(*takes.values())
		where = {n: p for n, p in defines.items() if n not in taken}
		for name in where:
			in_product[name] = 0
	for path, text in t.code.items():
		for m in re.finditer(r"^#\s*define\s+(\w+)|^static inline [^;{]*?(\w+)\([^;{]*\)\s*\{", text, re.M):
			name = m[1] or m[2]
			if in_product[name] <= 1 and not name.endswith("_H") and name not in where:
				where[name] = t.at(path, m.start())
		for m in re.finditer(r"^struct \w+ \{\n(.*?)^\}", text, re.M | re.S):
			for f in re.finditer(r"([a-z_]\w*)(?:\[[^\]]*\])*\s*(?:[,;]|:\s*\d+;)", m[1]):
				if in_product[f[1]] == 1:
					t.say(f"{t.at(path, m.start(1) + f.start())}: the field {f[1]} is named nowhere else")
	for name, path in sorted(where.items(), key=lambda row: row[::-1]):
		if t.excepted(HOOK, name):
			continue
		if in_tests[name] > 0:
			t.say(f"{path}: {name} is used by tests only; delete it with them, "
				"or give its reason in tests/lib/house.txt")
		else:
			t.say(f"{path}: {name} is used by no other file; make it static or delete it")


# ---- headers for what is used ----------------------------------------------------

USES = {
	"string.h": r"mem(?:cpy|move|set|cmp|chr|rchr|mem|pcpy)|str(?:len|cmp|ncmp|chr|rchr|str|dup|ndup|error|"
		r"spn|cspn|pbrk|nlen|errordesc_np|errorname_np)|explicit_bzero",
	"strings.h": r"strn?casecmp",
	"stdio.h": r"v?(?:s|sn|f|as|d)?printf|fput[sc]|putchar|puts|fopen|fclose|fread|fwrite|fgets|fflush|fscanf|"
		r"sscanf|rename",
	"stdlib.h": r"[mc]alloc|realloc|reallocarray|free|getenv|strto(?:ul|ull|l|ll|d)|qsort|bsearch|abort|exit",
	"assert.h": r"assert",
	"stdarg.h": r"va_(?:start|end|copy)",
	"fcntl.h": r"open(?:at)?|fallocate|posix_fadvise",
	"unistd.h": r"close|unlink(?:at)?|access|f(?:data)?sync|get[pu]id|readlink|pread|pwrite|ftruncate|dup[23]|"
		r"fork|execv|isatty|usleep|_exit|sysconf",
	"sys/stat.h": r"fstat(?:at)?|mkdir(?:at)?|fchmod|chmod|umask",
	"time.h": r"clock_gettime|gmtime_r|strftime|timegm|nanosleep",
	"signal.h": r"sig(?:action|emptyset|addset|fillset|procmask)|pthread_sigmask",
	"pthread.h": r"pthread_(?:create|join|mutex_\w+|cond_\w+|once)",
	"poll.h": r"poll",
}
WORDS = {	# what is no call
	"errno.h": r"errno",
	"inttypes.h": r"PRI[dux](?:8|16|32|64|MAX)|SCN\w+",
	"stdatomic.h": r"atomic_\w+",
	"stdarg.h": r"va_list",
	"stdio.h": r"FILE|stdout|stderr",
	"limits.h": r"(?:U?INT|U?LONG|U?LLONG|PATH|S?SIZE|IOV)_MAX(?<!SIZE_MAX)|CHAR_BIT",
	"pthread.h": r"pthread_(?:t|mutex_t|cond_t)",
}


def own_header(t, path):
	"""What a source is written against: its first include, when that is of its folder."""
	first = next(iter(t.includes[path]), "")
	return first if os.path.dirname(first) == os.path.dirname(path) and first in t.system else None


def check_headers(t):
	calls = {h: re.compile(r"(?<![\w.>])(?:%s)\s*\(" % p) for h, p in USES.items()}
	names = {h: re.compile(r"(?<![\w.>])(?:%s)\b" % p) for h, p in WORDS.items()}
	for path, text in t.code.items():
		have = set(t.system[path])
		own = own_header(t, path) if path.endswith(".c") else None
		if own is not None:
			have |= t.system[own]
		for header in sorted(set(USES) | set(WORDS)):
			if header in have or (header == "signal.h" and "sys/signalfd.h" in have):
				continue
			m = next((m for r in (calls, names) if header in r for m in [r[header].search(text)] if m), None)
			if m:
				t.say(f"{t.at(path, m.start())}: {m[0].rstrip('( ')} is used, <{header}> is not included")


# ---- ceilings --------------------------------------------------------------------

def value_of(text, known, depth=0):
	"""The number TEXT stands for, or None."""
	text = re.sub(r"\(\s*(?:size_t|u?int\d+_t|unsigned|rlim_t)\s*\)", "", text)
	text = re.sub(r"\b(0[xX][0-9a-fA-F]+|\d+)[uUlL]+\b", r"\1", text)
	for name in set(re.findall(r"[A-Za-z_]\w*", re.sub(r"\b0[xX]\w+", "", text))):
		v = value_of(known[name], known, depth + 1) if name in known and depth < 8 else None
		if v is None:
			return None
		text = re.sub(rf"\b{name}\b", str(v), text)
	if not re.fullmatch(r"[\s0-9a-fA-FxX()+*/<>-]+", text):
		return None
	try:
		return int(eval(text.replace("/", "//"), {"__builtins__": {}}))	# digits and operators only
	except (SyntaxError, ZeroDivisionError, TypeError, ValueError):
		return None


def check_ceilings(t):
	known, where = {}, {}
	for path, text in t.code.items():
		for m in re.finditer(r"^#\s*define\s+([A-Z]\w*)[ \t]+(.+)$|^\s*([A-Z]\w*) = ([^,{}]+)(?:,|\n\s*\})", text, re.M):
			name, body = m[1] or m[3], (m[2] or m[4]).strip()
			known.setdefault(name, body)
			if path.endswith(".h"):
				where.setdefault(name, path)
	groups = collections.defaultdict(set)
	for name in where:
		size = re.fullmatch(r"(?:(\w+)_)?([A-Z]+_MAX|HASH|HASH_BYTES|HANDLE|HANDLE_BYTES)", name)
		value = value_of(known[name], known) if size else None
		if value is not None:
			groups[size[2].replace("_BYTES", ""), value].add(name)
	for row in t.exceptions:
		if row[0] == TIED:
			t.used.add(row)
			groups[row].update(row[1:])
			for n in row[1:]:
				if n not in known:
					t.say(f"tests/lib/house.txt:{t.exceptions[row]}: there is no {n}")
	asserted = [set(re.findall(r"\w+", m)) for text in t.code.values()
		for m in re.findall(r"_Static_assert\((.*?);", text, re.S)]

	def tied(a, b):
		return b in re.findall(r"\w+", known.get(a, "")) or a in re.findall(r"\w+", known.get(b, "")) or \
			any({a, b} <= s for s in asserted) or t.excepted(APART, *sorted((a, b)))
	for key, names in sorted(groups.items(), key=str):
		rest, reached = sorted(names), []
		if len({where.get(n) for n in rest}) < 2:
			continue
		while rest:
			new = [n for n in rest if any(tied(n, r) for r in reached)] or rest[:1]
			if reached and new == rest[:1] and not any(tied(new[0], r) for r in reached):
				t.say(f"{where.get(new[0], '?')}: {new[0]} is {value_of(known.get(new[0], ''), known)} as {reached[0]} "
					f"is ({where.get(reached[0], '?')}); define it by that, or tie them with _Static_assert")
			reached += new
			rest = [n for n in rest if n not in new]


# ---- keys ------------------------------------------------------------------------

def check_keys(t):
	said = set(re.findall(r'"((?:\\.|[^"\\\n])*)"', "\n".join(t.raw.values())))
	for name in ("docs/config.schema.json", "docs/policy.schema.json", "docs/keyd.schema.json", "docs/words.schema.json"):
		path = os.path.join(t.root, name)
		if not os.path.exists(path):
			continue
		jq = subprocess.run(["jq", "-r", "[.. | objects | .properties? | objects | keys[]] | unique[]", path],
			capture_output=True, text=True, check=True)
		for key in jq.stdout.split():
			if key not in said and not key.startswith("$"):
				t.say(f'{name}: "{key}" is read by nobody')


# ---- one hand --------------------------------------------------------------------

def skip_pair(s, i, a, b):
	depth = 0
	while i < len(s):
		depth += (s[i] == a) - (s[i] == b)
		i += 1
		if depth == 0:
			return i
	return i


def skip_statement(s, i):
	"""Behind the statement that begins at I."""
	i += len(s[i:]) - len(s[i:].lstrip())
	if s.startswith("{", i):
		return skip_pair(s, i, "{", "}")
	m = re.compile(r"(for|while|if|switch|\w*ForEach\w*)\s*\(").match(s, i)
	if not m:
		m = re.compile(r"(do|else)\b").match(s, i)
		if m:
			return skip_statement(s, m.end())
		depth = 0
		while i < len(s) and (s[i] != ";" or depth):
			depth += (s[i] in "({[") - (s[i] in ")}]")
			i += 1
		return i + 1
	i = skip_statement(s, skip_pair(s, m.end() - 1, "(", ")"))
	e = re.compile(r"\s*else\b").match(s, i)
	return skip_statement(s, e.end()) if m[1] == "if" and e else i


def check_hand(t):
	for path, text in t.code.items():
		for m in re.finditer(r"^\{\n(.*?)^\}", text, re.M | re.S):
			body = m[1]
			for name in {f[1] for f in re.finditer(r"\bfor \((\w+) = (?:\d+|\w+); ", body)}:
				outer = re.search(rf"^\t(?:const )?(?:size_t|unsigned|int|uint\d+_t)\b[^;()]*\b{name}\b[^;()]*;\n", body, re.M)
				if not outer:
					continue
				left = list(body[:outer.start()] + " " * len(outer[0]) + body[outer.end():])
				for f in re.finditer(rf"\bfor \({name} = ", body):
					end = skip_statement(body, f.start())
					left[f.start():end] = " " * (end - f.start())
				if not re.search(rf"(?<![\w.>]){name}\b", "".join(left)):
					t.say(f"{t.at(path, m.start(1) + outer.start())}: {name} counts in a loop only; declare it there")
		top = re.match(r"(?:\s*(?:#include [^\n]*)?\n)*", text)
		late = re.search(r"#include <[^\n]*\n\s*#include \"", top[0])
		if late:
			t.say(f"{t.at(path, late.start())}: the house's own headers come before the system's")
		for m in re.finditer(r"\(((?:const )?struct (\w+) \*)\)\(void \*\)", text):
			if any(f"struct {m[2]} {{" in c for c in t.code.values()):
				t.say(f"{t.at(path, m.start())}: ({m[1]})(void *): loop_owner() finds a member's owner")


def report_tags(t):
	for path, text in t.code.items():
		if path.endswith(".h"):
			for m in re.finditer(r"^struct ([a-z0-9]+) \{", text, re.M):
				others = [p for p, c in t.code.items() if os.path.dirname(p) != os.path.dirname(path)
					and re.search(rf"\bstruct {m[1]}\b", c)]
				if others:
					print(f"  {t.at(path, m.start())}: struct {m[1]} is known in {len(others)} files of other folders")


CHECKS = {"includes": check_includes, "circles": check_circles, "globals": check_globals, "headers": check_headers,
	"ceilings": check_ceilings, "keys": check_keys, "hand": check_hand}


def main(argv):
	root, objects, checks = ".", None, []
	while argv:
		a = argv.pop(0)
		if a == "-C":
			root = argv.pop(0)
		elif a == "-o":
			objects = argv.pop(0)
		else:
			checks.append(a)
	t = Tree(root, objects)
	for c in checks or CHECKS:
		(report_tags if c == "tags" else CHECKS[c])(t)
	if not checks:
		for row in t.exceptions.keys() - t.used:
			if objects is not None or row[0] == TIED:
				t.say(f"tests/lib/house.txt:{t.exceptions[row]}: {' '.join(row)} excepts nothing")
	print(f"house: {len(t.code)} files, {t.bad} complaints")
	return t.bad != 0


if __name__ == "__main__":
	sys.exit(main(sys.argv[1:]))
