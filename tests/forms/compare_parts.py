"""What the codec reads in forms of parts, held against Python's email package.

	compare_parts.py FORM_READ COUNT SEED

Whatever is accepted is, part by part, what email reads: its names, and the bytes of what is no
file; and each text whose part is called "phone" is taken by that selector, and nothing else is.
Prints "agreed N accepted M taken K".
"""
import email
import random
import re
import struct
import subprocess
import sys

tool, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rng = random.Random(seed)
BOUNDARIES = ["b", "AaB03x", "----WebKitFormBoundary7MA4YWxkTrZu0gW", "'()+_,-./:=?"]
NAMES = ["phone", "phone", "user_phone", "a[phone]", "a[0][id]", "名", "a b", "_charset_", "x%41", "", "a=b"]
FILES = ["me.png", "Ann Lee passport.pdf", "姓名.txt", "a;b", "a%22b", ""]
VALUES = [b"07700 900123", b"", b"a\r\nb", b"\r\n", b"a\nb\r\n\r\n", "示例".encode(), b"utf-8", b"-- ", b"--", b"[1]", b"Content-Type: x\r\n\r\n"]
TYPES = ["text/plain", "text/plain; charset=UTF-8", "application/octet-stream", 'text/plain; charset="utf-8"', "TEXT/html"]
NOISE = [b"\r\n", b"\n", b"\r", b"--", b"--b", b"\r\n--b\r\n", b"\n--b\n", b"\r\n--b--", b"b", b'"', b";", b"\\", b"=", b":", b" ", b"\t", b"\r\n ", b"\x00", b"\xff", b"*", b"name", b"; name=phone",
	b"; filename=x", b"(c)", b"X-A: 1\r\n", b"Content-Transfer-Encoding: base64\r\n", b"Content-Type: multipart/mixed; boundary=c\r\n", b"%22", b",", b"--AaB03x"]


def part(mark):
	name, filename = 'name="%s"' % rng.choice(NAMES), 'filename="%s"' % rng.choice(FILES)
	params = [name] if rng.random() < 0.7 else rng.choice([[name, filename], [filename, name]])
	if params == [name] and rng.random() < 0.1:
		params = ["name=phone"]
	head = [rng.choice(["Content-Disposition: form-data; ", "content-disposition:form-data;"]) + rng.choice(["; ", ";"]).join(params)]
	if rng.random() < 0.4:
		head.insert(rng.randrange(2), "Content-Type: " + rng.choice(TYPES))
	if rng.random() < 0.1:
		head.append("Content-Transfer-Encoding: " + rng.choice(["8bit", "binary", "7bit"]))
	return mark + b"\r\n" + "\r\n".join(head).encode() + b"\r\n\r\n" + rng.choice(VALUES) + b"\r\n"


def make():
	boundary = rng.choice(BOUNDARIES)
	mark = b"--" + boundary.encode()
	body = b"".join(part(mark) for _ in range(rng.randrange(1, 5))) + mark + rng.choice([b"--\r\n", b"--"])
	for _ in range(rng.choice([0, 0, 0, 1, 2])):
		at = rng.randrange(len(mark), len(body) + 1)
		body = body[:at] + rng.choice(NOISE) + body[at + rng.randrange(3):]
	return boundary, body


def text(value):
	return value.encode("ascii", "surrogateescape") if isinstance(value, str) else value


def python(boundary, body):
	"""What each part is called, in the order of its line, and its bytes; of a file None."""
	m = email.message_from_bytes(b'Content-Type: multipart/form-data; boundary="' + boundary.encode() + b'"\r\n\r\n' + body)
	assert m.is_multipart() and not m.defects, (body, m.defects)
	out = []
	for p in m.get_payload():
		assert not p.is_multipart() and not p.defects, (body, p.defects)
		line = dict((k.lower(), v) for k, v in p.raw_items())["content-disposition"]
		line = text(str(line) if not isinstance(line, str) else line)
		called = re.findall(rb';[ \t]*(filename|name)=(?:"([^"]*)"|([^;]*))', line, re.I)
		names = [a or b.rstrip(b" \t") for _, a, b in called]
		has_file = any(k.lower() == b"filename" for k, _, _ in called)
		# as the package itself has them
		header = {k.lower(): v for k, v in p.get_params(header="content-disposition", unquote=True)[1:]}
		assert len(header) == len(called), (body, header, called)
		out.append((names, header["name"], None if has_file else p.get_payload(decode=True)))
	return out


pairs = [make() for _ in range(count)]
told = subprocess.run([tool, "--multipart", "$.phone"], input=b"".join(struct.pack("<I", len(b)) + b for _, b in pairs), stdout=subprocess.PIPE, check=True).stdout.decode().split("\n")[:-1]
assert len(told) == count, "as many answers as bodies"
accepted = taken = 0
for (boundary, body), line in zip(pairs, told):
	if line == "refused":
		continue
	accepted += 1
	pieces, got = line.split(" |")
	want = ""
	read = python(boundary, body)
	for names, _, value in read:
		want += "".join(" " + n.hex() for n in names) + ("=" + value.hex() if value else "")
	assert pieces == want, (body, pieces, want)
	if any(n == "phone" and v is None for _, n, v in read):
		assert got == " refused", (body, got)
		continue
	ranges = [tuple(map(int, r.split("-"))) for r in got.split()]
	assert [body[a:b] for a, b in ranges] == [v for _, n, v in read if n == "phone" and v is not None], (body, got)
	taken += len(ranges)
print("agreed", count, "accepted", accepted, "taken", taken)
assert accepted > count // 4 and taken > count // 8, "the bodies are not what was meant"
