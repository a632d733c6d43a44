# tables.py - what people wrote down: which tests guard which file, the bugs to
# plant by name, and the mutants that are no bugs.
import glob
import os
import re

HERE = os.environ.get("MUTANT_TABLES", os.path.dirname(os.path.abspath(__file__)))


class Stale(Exception):
	pass


def lines_of(name):
	with open(os.path.join(HERE, name), encoding="utf-8") as f:
		return f.read().split("\n")


class Promise:
	def __init__(self, name, drawn, globs, guards):
		self.name, self.drawn, self.globs, self.guards = name, drawn, globs, guards

	def files(self):
		return sorted(f for g in self.globs for f in glob.glob(g, recursive=True))


def read_promises():
	"""guards.txt: "promise NAME files..." or "also NAME files...", then indented guards."""
	out = []
	for line in lines_of("guards.txt"):
		if line.startswith("#") or not line.strip():
			continue
		words = line.split()
		if line[0] in " \t":
			out[-1].guards += words
		else:
			out.append(Promise(words[1], words[0] == "promise", words[2:], []))
	return out


def spelled_out(word):
	"""The tests a word means: "crypto/*" is a layer's units, "attacks/*.sh" all attacks."""
	variant, test = ("", word) if ":" not in word else word.split(":")
	variant += ":" if variant else ""
	if "*" not in test:
		return [word]
	if test.endswith(".sh"):
		return [variant + f[6:] for f in sorted(glob.glob("tests/" + test))]
	layer, name = test.split("/")
	return [variant + layer + "/" + os.path.basename(f)[:-2] for f in
		sorted(glob.glob("tests/unit/%s/test_%s.c" % (layer, name)))]


def guards_of(promises, path):
	words = [x for w in promise_of(promises, path).guards for x in spelled_out(w)]
	return list(dict.fromkeys(words))


def promise_of(promises, path):
	for p in promises:
		if path in p.files():
			return p
	return None


class Block:
	"""A head line "== ..." and the lines under it, changes as in a diff."""

	def __init__(self, head, line):
		self.head, self.line = head, line
		self.changes = [([], [])]	# (old lines, new lines)
		self.words = []			# what is no change


def read_blocks(name):
	out = []
	for n, line in enumerate(lines_of(name), 1):
		if line.startswith("#") or (not line.strip() and not out):
			continue
		if line.startswith("== "):
			out.append(Block(line[3:].strip(), n))
		elif line.startswith("-"):
			if out[-1].changes[-1][1]:
				out[-1].changes.append(([], []))
			out[-1].changes[-1][0].append(line[1:])
		elif line.startswith("+"):
			out[-1].changes[-1][1].append(line[1:])
		elif line.startswith("@@"):
			out[-1].changes.append(([], []))
		elif line.strip():
			out[-1].words.append(line.strip())
	return out


class Planted:
	"""A bug with a name: "== NAME FILE", the old lines, the new lines."""
	kind = "planted"

	def __init__(self, block):
		m = re.match(r"(\S+)\s+(\S+)$", block.head)
		if not m:
			raise Stale("planted.txt:%d: not \"== NAME FILE\"" % block.line)
		self.label, self.path = m.groups()
		self.changes = [c for c in block.changes if c[0] or c[1]]

	def name(self):
		return self.label

	def apply(self, text):
		"""Whole lines are compared; each must stand exactly once."""
		for old, new in self.changes:
			want = "\n" + "\n".join(old) + "\n"
			n = ("\n" + text).count(want) if old else 0
			if n != 1:
				raise Stale("%s: its old text stands %d times in %s" %
					(self.label, n, self.path))
			at = ("\n" + text).index(want)
			put = "".join(line + "\n" for line in new)
			text = text[:at] + put + text[at + len(want) - 1:]
		return text


def read_planted():
	return [Planted(b) for b in read_blocks("planted.txt")]


def read_equivalent():
	"""(file, function, kind, old lines, new lines) -> the sentence that says why."""
	out, stale = {}, []
	for b in read_blocks("equivalent.txt"):
		m = re.match(r"(\S+) (\S+) (\S+)$", b.head)
		if not m or not b.words:
			stale.append("equivalent.txt:%d: a head of three words and a sentence" %
				b.line)
			continue
		old, new = ("\n".join(x) for x in b.changes[0])
		try:
			with open(m.group(1), encoding="utf-8") as f:
				there = ("\n" + f.read()).count("\n" + old + "\n")
		except OSError:
			there = 0
		if there == 0:
			stale.append("equivalent.txt:%d: its old text is not in %s" %
				(b.line, m.group(1)))
		out[m.groups() + (old, new)] = " ".join(b.words)
	return out, stale
