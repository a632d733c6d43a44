"""What the codec reads in forms, held against urllib.parse and the rules of PHP and qs.

	compare.py FORM_READ COUNT SEED

Whatever is accepted is, pair by pair, what parse_qsl() reads; and each value that one of them
would give to a declared name is taken by its selector. Prints "agreed N accepted M taken K".
"""
import random
import struct
import subprocess
import sys
from urllib.parse import parse_qsl

tool, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rng = random.Random(seed)
DECLARED = [("$.phone", ["phone"]), ("$.user_phone", ["user_phone"]), ("$.a.phone", ["a", "phone"]), ("$.a[0].phone", ["a", "0", "phone"]), ("$.n[*]", ["n", None])]
NAMES = ["phone", "user_phone", "user.phone", "user phone", " phone", "phone ", "a[phone]", "a[0][phone]", "a[00][phone]", "a[b][phone]", "a[phone][]",
	"n[]", "n[3]", "n[k]", "n", "", "a", "a[0].phone", "名", "_charset_", "a.b[c]", "phone[]", "phone[x].y"]
VALUES = ["", "07700 900123", "a=b", "utf-8", "示例", "~*-._", "1+1=2", "%", "x" * 40, "\r\n", "[1]"]
NOISE = [b"&", b"=", b"%", b"+", b";", b"[", b"]", b"%5B", b"%5d", b"%00", b"%zz", b"%2", b" ", b"?", b".", b"%2e", b"%20", b"\xef\xbb\xbf", b"\xe4", b"%E4%BD%A0", b"%c0%af", b"\x00", b"#", b"phone", b"0"]
PLAIN = set(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~*[]!'(),/:@$")


def write(text):
	"""A text in one of its spellings."""
	out = b""
	for c in text.encode():
		how = rng.random()
		if c == 0x20 and how < 0.5:
			out += b"+"
		elif (c in PLAIN or c >= 0x80) and how < 0.85:
			out += bytes([c])
		else:
			out += (b"%%%02X" if how < 0.95 else b"%%%02x") % c
	return out


def make():
	pairs = []
	for _ in range(rng.randrange(1, 6)):
		name, value = write(rng.choice(NAMES)), write(rng.choice(VALUES))
		pairs.append(name if rng.random() < 0.1 else name + b"=" + value)
	body = b"&".join(pairs)
	for _ in range(rng.choice([0, 0, 0, 1, 2])):
		at = rng.randrange(len(body) + 1)
		body = body[:at] + rng.choice(NOISE) + body[at + rng.randrange(3):]
	return body


def python(body):
	text = parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
	return [(n.encode("latin-1"), v.encode("latin-1")) for n, v in text]


def php(name):
	"""php_register_variable_ex(): the way of parts; None is []."""
	name = name.lstrip(" ")
	root = ""
	for i, c in enumerate(name):
		if c == "[" and i:
			break
		root += "_" if c in " ." else c
	way, i = [root], len(root)
	while i < len(name) and name[i] == "[":
		end = name.find("]", i)
		if end < 0:
			return ["".join("_" if c in " .[" else c for c in name)]
		part = name[i + 1:end]
		way.append(None if part.strip() == "" else part)
		i = end + 1
	return way


def qs(name):
	"""Node's qs: each [part] wherever it stands, whatever is between them."""
	at = name.find("[")
	if at < 0:
		return [name]
	way = [name[:at]] if at else []
	for part in name[at:].split("[")[1:]:
		if "]" in part:
			way.append(part.split("]")[0] or None)
	return way


def fits(way, declared):
	"""Does the way lead to what is declared, or beneath it?"""
	if len(way) < len(declared):
		return False
	return all(d is None or w is None and d.isdigit() or w == d for w, d in zip(way, declared))


def ranges(body):
	"""Of each pair, where its raw value stands."""
	at, out = 0, []
	for pair in body.split(b"&"):
		if pair:
			eq = pair.find(b"=")
			out.append((at + (len(pair) if eq < 0 else eq + 1), at + len(pair)))
		at += len(pair) + 1
	return out


bodies = [make() for _ in range(count)]
told = subprocess.run([tool] + [s for s, _ in DECLARED], input=b"".join(struct.pack("<I", len(b)) + b for b in bodies), stdout=subprocess.PIPE, check=True).stdout.decode().split("\n")[:-1]
assert len(told) == count, "as many answers as bodies"
accepted = taken = 0
for body, line in zip(bodies, told):
	if line == "refused":
		continue
	accepted += 1
	parts = line.split(" |")
	pairs = [tuple(bytes.fromhex(x) for x in (p + "=").split("=")[:2]) for p in parts[0].split(" ")[1:]]
	read = python(body)
	assert pairs == read, (body, pairs, read)
	where = ranges(body)
	for (_, declared), got in zip(DECLARED, parts[1:]):
		got = {tuple(map(int, r.split("-"))) for r in got.split()}
		taken += len(got)
		for (name, _), span in zip(read, where):
			text = name.decode()
			ways = [[text], [text.strip(" ")], php(text), qs(text)]
			if any(fits(w, declared) for w in ways):
				assert span in got, (body, declared, name, got)
			elif span in got:
				# more is taken only where numbers are spelled otherwise, or dots go on
				assert any(c in text for c in ".0[") or " " in text, (body, declared, name)
print("agreed", count, "accepted", accepted, "taken", taken)
assert accepted > count // 4 and taken > count // 8, "the bodies are not what was meant"
