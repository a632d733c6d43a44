# generate.py - small bugs in a C file: every place where one can be planted.
#
# Five kinds: a condition negated, a call dropped, two arguments swapped, a
# limit or constant off by one, a return too early. Only code inside functions
# is touched. What a human reads (log events, diagnostics) is left alone, and so
# are tables, declarations' sizes and preprocessor lines: none of these is a bug
# a test should notice.
#
# There is no C parser here: comments and strings are blanked out and brackets
# are counted. What does not compile is thrown away by the caller.
import hashlib
import re

KINDS = ("negate", "drop-call", "swap-args", "off-by-one", "early-return")

# Calls whose words only a human reads, or that are a hint to the kernel.
SILENT = {"log_event", "sc_diag_set", "sync_file_range", "log_start"}
# Calls that say the same with their first two arguments exchanged.
SYMMETRIC = {"memcmp", "sodium_memcmp", "strcmp", "strcasecmp", "strncmp", "strncasecmp",
	"memmem_equal", "sc_span_eq", "calloc"}
# One byte more here is room that nobody uses.
ROOMS = {"calloc", "malloc", "realloc", "snprintf"}
CEILINGS = {"sc_buf_init", "sc_buf_reserve"}
NOT_CALLS = {"if", "for", "while", "switch", "return", "sizeof", "do", "else", "defined",
	"offsetof", "_Alignof", "va_arg", "SC_LIT", "WEAK"}
INTEGER = re.compile(r"^(?:const )?(?:size_t|ssize_t|unsigned|int|u?int(?:8|16|32|64)_t)$")
DECLARATION = re.compile(r"^(?:static |const |struct |enum |union |unsigned |int |char |bool |"
	r"size_t |ssize_t |u?int(?:8|16|32|64)_t |double |void |uLong |(?:time|mode|pid|off)_t )"
	r"[^()]*?[\s*]\w+\s*(?:=|;|,|\[)")
# How fast an array grows is nobody's promise; -2 says "none" as well as -1.
GROWTH = re.compile(r"\bcap\b.*\?.*\bcap\b.*\* 2")
UNARY = re.compile(r"[=(,?:<>]\s*-$|return\s+-$")


class Mutant:
	"""text[start:end] of FILE becomes NEW. Lines says how it reads: (old, new) whole lines."""

	def __init__(self, path, text, function, kind, start, end, new):
		self.path, self.function, self.kind = path, function, kind
		self.start, self.end, self.new = start, end, new
		a = text.rfind("\n", 0, start) + 1
		b = text.find("\n", end)
		b = len(text) if b < 0 else b
		self.old_lines = text[a:b]
		self.new_lines = text[a:start] + new + text[end:b]
		self.twin = 0	# which of several that read the same

	def key(self):
		return "\0".join((self.path, self.function, self.kind, self.old_lines,
			self.new_lines, str(self.twin)))

	def digest(self, seed=""):
		return hashlib.sha256((seed + "\0" + self.key()).encode()).hexdigest()

	def name(self):
		stem = self.path.rsplit("/", 1)[-1][:-2]
		return "%s:%s:%s:%s" % (stem, self.function, self.kind, self.digest()[:8])

	def apply(self, text):
		return text[:self.start] + self.new + text[self.end:]


def blank(text):
	"""The same length, comments, literals and preprocessor lines as blanks; quotes stay."""
	out = list(text)
	i, n = 0, len(text)

	def wipe(a, b):
		for k in range(a, b):
			if out[k] != "\n":
				out[k] = " "

	while i < n:
		c = text[i]
		if text.startswith("/*", i):
			j = text.find("*/", i + 2)
			j = n if j < 0 else j + 2
			wipe(i, j)
		elif text.startswith("//", i):
			j = text.find("\n", i)
			j = n if j < 0 else j
			wipe(i, j)
		elif c in "\"'":
			j = i + 1
			while j < n and text[j] != c:
				j += 2 if text[j] == "\\" else 1
			wipe(i + 1, j)
			j += 1
		elif c == "#" and text[text.rfind("\n", 0, i) + 1:i].strip() == "":
			j = i
			while True:
				j = text.find("\n", j)
				if j < 0 or text[j - 1] != "\\":
					break
				j += 1
			j = n if j < 0 else j
			wipe(i, j)
		else:
			j = i + 1
		i = j
	return "".join(out)


PAIRS = {"(": ")", "[": "]", "{": "}"}


def closing(code, at):
	"""Where the bracket opened at AT closes."""
	want = PAIRS[code[at]]
	depth = 0
	for i in range(at, len(code)):
		if code[i] == code[at]:
			depth += 1
		elif code[i] == want:
			depth -= 1
			if depth == 0:
				return i
	return len(code) - 1


def opening(code, at):
	"""Where the parenthesis that closes at AT was opened."""
	depth = 0
	for i in range(at, -1, -1):
		if code[i] == ")":
			depth += 1
		elif code[i] == "(":
			depth -= 1
			if depth == 0:
				return i
	return 0


def functions(code):
	"""(name, returns, first of body, end of body) of every function defined here."""
	out = []
	i = 0
	while True:
		i = code.find("{", i)
		if i < 0:
			return out
		end = closing(code, i)
		head = code[:i].rstrip()
		if head.endswith(")"):
			o = opening(code, len(head) - 1)
			m = re.search(r"(\w+)\s*$", code[:o])
			if m:
				before = code[:m.start()]
				cut = max(before.rfind(";"), before.rfind("}"))
				kind = " ".join(before[cut + 1:].split())
				kind = re.sub(r"\b(static|inline|extern)\b ?", "", kind).strip()
				out.append((m.group(1), kind, i + 1, end))
		i = end + 1


def split(code, a, b, marks):
	"""Pieces (start, end) of code[a:b] between any of MARKS outside brackets."""
	out = []
	depth, from_, i = 0, a, a
	while i < b:
		c = code[i]
		if c in "([{":
			depth += 1
		elif c in ")]}":
			depth -= 1
		elif depth == 0:
			for m in marks:
				if code.startswith(m, i):
					out.append((from_, i))
					from_ = i + len(m)
					i = from_ - 1
					break
		i += 1
	out.append((from_, b))
	return out


def trim(code, a, b):
	while a < b and code[a].isspace():
		a += 1
	while b > a and code[b - 1].isspace():
		b -= 1
	return a, b


class Finder:
	def __init__(self, path, text):
		self.path, self.text, self.code = path, text, blank(text)
		self.found = []
		self.quiet = []		# ranges nothing is planted in
		self.sizes = []		# brackets of declared arrays

	def add(self, kind, a, b, new):
		if any(q <= a < r for q, r in self.quiet):
			return
		self.found.append(Mutant(self.path, self.text, self.name, kind, a, b, new))

	def find(self):
		for self.name, self.returns, self.a, self.b in functions(self.code):
			self.note_quiet()
			self.conditions()
			self.calls()
			self.limits()
			self.returns_early()
		seen = {}
		for m in self.found:	# those that read the same are told apart by their order
			m.twin = seen.get(m.key(), 0)
			seen[m.key()] = m.twin + 1
		return self.found

	# ---- what is left alone ----

	def note_quiet(self):
		code = self.code
		for m in re.finditer(r"\b(\w+)\s*\(", code[self.a:self.b]):
			if m.group(1) in SILENT:
				o = self.a + m.end() - 1
				self.quiet.append((self.a + m.start(), closing(code, o) + 1))
		for a, b in self.statements():
			if re.match(r"static\b", code[a:b]):
				self.quiet.append((a, b))
			elif DECLARATION.match(code[a:b + 1]):
				for m in re.finditer(r"\[", code[a:b]):
					eq = code.find("=", a, a + m.start())
					if eq < 0:
						self.sizes.append((a + m.start(),
							closing(code, a + m.start())))

	def statements(self):
		"""(start, end) of what stands between ; { } and control heads; END: its own one."""
		code = self.code
		i = start = self.a
		while i < self.b:
			c = code[i]
			if c in "([":
				i = closing(code, i)
				head = code[start:i].lstrip()
				if re.match(r"(else\s+)?(if|for|while|switch)\b\s*\(", head) and \
				    code[i + 1:].lstrip()[:1] != ";":
					start = i + 1
			elif c == "{" and re.search(r"[=)]\s*$", code[start:i]) and \
			    not re.search(r"^\s*$", code[start:i]):
				i = closing(code, i)	# an initialiser or a compound literal
			elif c in "{}":
				start = i + 1
			elif c == ";":
				a, b = trim(code, start, i)
				m = re.match(r"(?:else|do)\b\s*", code[a:b])
				if m:
					a += m.end()
				m = re.match(r"(?:case\b[^:?]*|default|\w+)\s*:(?!:)\s*", code[a:b])
				if m and "?" not in code[a:b][:m.end()]:
					a += m.end()
				if a < b:
					yield a, b
				start = i + 1
			i += 1

	# ---- negate ----

	def negate(self, a, b):
		a, b = trim(self.code, a, b)
		if a == b:
			return
		self.add("negate", a, b, "!(%s)" % self.text[a:b])
		parts = split(self.code, a, b, ("&&", "||"))
		if len(parts) > 1:
			for p, q in parts:
				p, q = trim(self.code, p, q)
				self.add("negate", p, q, "!(%s)" % self.text[p:q])

	def conditions(self):
		code = self.code
		for m in re.finditer(r"\b(if|while|for)\s*\(", code[self.a:self.b]):
			o = self.a + m.end() - 1
			c = closing(code, o)
			if m.group(1) != "for":
				self.negate(o + 1, c)
				continue
			parts = split(code, o + 1, c, (";",))
			if len(parts) == 3:
				self.negate(*parts[1])
		for m in re.finditer(r"\?", code[self.a:self.b]):
			self.negate(self.before_ternary(self.a + m.start()), self.a + m.start())
		if self.returns == "bool":
			for a, b in self.statements():
				if re.match(r"return\b", code[a:b]) and "?" not in code[a:b] and \
				    not re.match(r"return\s+(true|false)$", code[a:b]):
					self.negate(a + 6, b)

	def before_ternary(self, at):
		code = self.code
		depth, i = 0, at - 1
		while i >= self.a:
			c = code[i]
			if c in ")]":
				depth += 1
			elif c in "([":
				if depth == 0:
					return i + 1
				depth -= 1
			elif depth == 0 and c in ",;{}:?":
				return i + 1
			elif depth == 0 and c == "=" and code[i - 1] not in "=!<>" and \
			    code[i + 1] != "=":
				return i + 1
			elif depth == 0 and code[i - 5:i + 1] == "return":
				return i + 1
			i -= 1
		return self.a

	# ---- calls ----

	def calls(self):
		code, text = self.code, self.text
		for a, b in self.statements():
			m = re.match(r"(?:\(void\)\s*)?([\w.\->\[\]]*\w)\s*\(", code[a:b])
			if m and closing(code, a + m.end() - 1) == b - 1 and \
			    m.group(1) not in NOT_CALLS | SILENT:
				self.add("drop-call", a, b + 1, ";")
			m = re.match(r"return\s+([\w.\->]*\w)\s*\(", code[a:b])
			if m and self.returns == "enum sc_err" and m.group(1) not in NOT_CALLS and \
			    closing(code, a + m.end() - 1) == b - 1:
				self.add("drop-call", a, b, "return SC_OK")
		for m in re.finditer(r"\berr = ([\w.\->]*\w)\s*\(", code[self.a:self.b]):
			o = self.a + m.end() - 1
			if m.group(1) not in NOT_CALLS:
				self.add("drop-call", self.a + m.start(1), closing(code, o) + 1,
					"SC_OK")
		for m in re.finditer(r"\b(\w+)\s*\(", code[self.a:self.b]):
			if m.group(1) in NOT_CALLS | SYMMETRIC:
				continue
			o = self.a + m.end() - 1
			args = [trim(code, p, q) for p, q in
				split(code, o + 1, closing(code, o), (",",))]
			for (p, q), (r, s) in zip(args, args[1:]):
				if text[p:q] != text[r:s]:
					self.add("swap-args", p, s,
						text[r:s] + text[q:r] + text[p:q])

	# ---- off by one ----

	def limits(self):
		code = self.code
		for m in re.finditer(r"(?<![<>\-])(<=|>=|<|>)(?![<>=])", code[self.a:self.b]):
			a = self.a + m.start()
			new = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}[m.group(1)]
			self.add("off-by-one", a, a + len(m.group(1)), new)
		for m in re.finditer(r"(?<![\w.])(0x[0-9a-fA-F]+|\d+)([uUlL]*)(?![\w.])",
		    code[self.a:self.b]):
			self.constant(self.a + m.start(), m.group(1), m.group(2))

	def constant(self, a, digits, suffix):
		hexa = digits.startswith("0x")
		line = self.code[self.code.rfind("\n", 0, a) + 1:self.code.find("\n", a)]
		if (len(digits) > 1 and digits[0] == "0" and not hexa) or \
		    any(p <= a < q for p, q in self.sizes) or GROWTH.search(line) or \
		    re.search(r"\bcase\s*$", self.code[:a]):
			return
		value = int(digits, 0)
		if value > 0xffff:
			return
		if self.in_call(a) in CEILINGS:
			return
		for v in (value + 1, value - 1):
			if v < 0 or (v > value and (self.in_call(a) in ROOMS or
			    UNARY.search(self.code[:a]))):
				continue
			self.add("off-by-one", a, a + len(digits) + len(suffix),
				("0x%x" % v if hexa else "%d" % v) + suffix)

	def in_call(self, at):
		"""The name of the call whose argument stands at AT."""
		depth = 0
		for i in range(at - 1, self.a, -1):
			if self.code[i] == ")":
				depth += 1
			elif self.code[i] == "(":
				if depth == 0:
					m = re.search(r"(\w+)\s*$", self.code[self.a:i])
					return m.group(1) if m else ""
				depth -= 1
			elif self.code[i] in ";{}":
				return ""
		return ""

	# ---- early return ----

	def returns_early(self):
		code = self.code
		words = {"enum sc_err": ["return SC_OK;"], "void": ["return;"],
			"bool": ["return true;", "return false;"]}.get(self.returns)
		if words is None:
			words = ["return 0;"] if INTEGER.match(self.returns) else []
		places = [self.a]
		for m in re.finditer(r"\{", code[self.a:self.b]):
			head = code[self.a:self.a + m.start()].rstrip()
			if re.search(r"\b(else|do)$", head):
				places.append(self.a + m.end())
			elif head.endswith(")"):
				o = opening(code, self.a + len(head) - 1)
				if re.search(r"\b(if|for|while)\s*$", code[self.a:o]):
					places.append(self.a + m.end())
		for at in places:
			indent = re.match(r"\s*\n(\t*)", self.text[at:])
			for w in words:
				if not self.text[at:].lstrip().startswith(w):
					self.add("early-return", at, at,
						"\n" + (indent.group(1) if indent else "\t") + w)


def candidates(path, text):
	return Finder(path, text).find()
