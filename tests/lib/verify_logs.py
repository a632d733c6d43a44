"""verify_logs.py - an auditor's own verifier of Scrim's logs, written from docs/FORMATS.md.

    verify_logs.py word ROLE=ORIGIN=DIR... [--pin VKEY] [--trust FILE]
        ROLE: keyd, or anything else. Prints the worst word, and each with its reason.
    verify_logs.py forge DIR FILE ORIGIN TEXT
        write the entries of DIR to FILE, one a line, but those that have TEXT in them
"""
import base64, hashlib, json, os, struct, sys, zlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

VERIFIED, UNPINNED, INCOMPLETE, BROKEN = range(4)
WORDS = ["verified", "unpinned", "incomplete", "broken"]
CODES = [0, 5, 6, 7] # of `scrim audit verify`


class Broken(Exception):
    pass


class Missing(Exception):
    pass


def sha(b):
    return hashlib.sha256(b).digest()


def b64(text):
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raise Broken("base64")
    if base64.b64encode(raw) != text:
        raise Broken("base64")
    return raw


def number(text):
    if not text.isdigit() or text != str(int(text)).encode() or int(text) >= 1 << 63:
        raise Broken("number")
    return int(text)


def read(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except FileNotFoundError:
        return None


def parse_vkey(text):
    """name+hex(key id)+base64(0x01 || public key)"""
    parts = text.split(b"+", 2)
    if len(parts) != 3:
        raise Broken("vkey")
    name, key_id, rest = parts
    raw = b64(rest)
    if len(raw) != 33 or raw[0] != 1 or key_id != sha(name + b"\n" + raw)[:4].hex().encode():
        raise Broken("vkey")
    if not name or any(c in name for c in b" +"):
        raise Broken("vkey")
    return name, raw[1:]


class Tree:
    """The right edge of an RFC 6962 tree, and the tiles that it fills."""

    def __init__(self):
        self.n, self.edge, self.levels = 0, [], {}

    def push(self, entry):
        h, level, index = sha(b"\0" + entry), 0, self.n
        while True:
            if level % 8 == 0:
                self.levels.setdefault(level // 8, []).append(h)
            if index & 1 == 0:
                break
            h = sha(b"\1" + self.edge.pop() + h)
            level, index = level + 1, index >> 1
        self.edge.append(h)
        self.n += 1

    def root(self):
        if not self.edge:
            return sha(b"")
        h = self.edge[-1]
        for left in reversed(self.edge[:-1]):
            h = sha(b"\1" + left + h)
        return h


def tile_name(level, n, width):
    parts = ["%03d" % (n % 1000)]
    while n >= 1000:
        n //= 1000
        parts.insert(0, "x%03d" % (n % 1000))
    return "tile/%s/%s%s" % (level, "/".join(parts), "" if width == 256 else ".p/%d" % width)


def batch(seg, at):
    """(first, [entry]), length of the batch at AT; None when it is none."""
    if seg[at:at + 8] != b"SCJ1\0\r\n\xff" or len(seg) - at < 32:
        return None
    first, count, size, zero, crc = struct.unpack(">QIIII", seg[at + 8:at + 32])
    body = seg[at + 32:at + 32 + size]
    if len(body) != size or zero != 0 or zlib.crc32(body, zlib.crc32(seg[at:at + 28])) != crc:
        return None
    entries, p = [], 0
    while p < size:
        n = struct.unpack(">H", body[p:p + 2])[0] if p + 2 <= size else 0
        entries.append(body[p + 2:p + 2 + n])
        p += 2 + n
    if p != size or len(entries) != count or count == 0 or any(not e for e in entries):
        return None
    return first, entries, (32 + size + 4095) // 4096 * 4096


def journal(d, length, end):
    """Entries behind END, of both segments."""
    segs = []
    for i in (0, 1):
        seg = read("%s/journal.%d" % (d, i))
        if seg is None or len(seg) != length:
            raise Broken("journal.%d" % i)
        segs.append(seg)
    found = []
    starts = [(batch(s, 0) or (1 << 64,))[0] for s in segs]
    for i in ([1, 0] if starts[1] < starts[0] else [0, 1]):
        at, expect = 0, None
        while at < length:
            b = batch(segs[i], at)
            if b is None or (expect is not None and b[0] != expect) or b[0] > end + len(found):
                break
            for k, e in enumerate(b[1]):
                if b[0] + k == end + len(found):
                    found.append(e)
            expect, at = b[0] + len(b[1]), at + b[2]
    for seg in segs:
        at = 0
        while at < length:
            at = seg.find(b"SCJ1\0\r\n\xff", at)
            if at < 0:
                break
            b = batch(seg, at) if at % 4096 == 0 else None
            if b is not None and b[0] + len(b[1]) > end + len(found):
                raise Broken("journal: a batch before a good one is damaged")
            at += b[2] if b is not None else 8
    return found


class Log:
    def __init__(self, role, origin, d):
        self.role, self.origin, self.dir = role, origin.encode(), d
        self.word, self.why = VERIFIED, ""
        self.have = None  # its state's origin, where that could be read
        self.there = self.read_to_end = self.told = self.pinned = False
        self.vkey = self.key = self.seen = self.head = None
        self.roots, self.entries, self.signed = {}, [], 0

    def say(self, word, why):
        if word > self.word:
            self.word, self.why = word, why

    def path(self, name):
        return os.path.join(self.dir, name)

    def read_state(self):
        if not any(os.path.lexists(self.path(n)) for n in ("state", "checkpoint", "tile")):
            raise Missing("there is no log")
        text = read(self.path("state"))
        if text is None:
            raise Broken("state is missing")
        lines = text.split(b"\n")
        if len(lines) != 7 or lines[0] != b"scrim.tlog/state@v1" or lines[6] != b"" \
                or lines[4][:7] != b"signed " or lines[5][:8] != b"journal ":
            raise Broken("state is malformed")
        self.size, self.state_root = number(lines[2]), b64(lines[3])
        self.signed_once, self.journal = number(lines[4][7:]), number(lines[5][8:])
        if len(self.state_root) != 32 or self.signed_once > self.size:
            raise Broken("state is malformed")
        self.have = lines[1]
        if self.have != self.origin:
            raise Broken("the folder has another log")

    def read_key(self):
        text = read(self.path("vkey"))
        if text is None:
            self.say(INCOMPLETE, "vkey is missing")
            return
        name, pub = parse_vkey(text[:-1] if text[-1:] == b"\n" else text)
        if name != self.origin:
            raise Broken("vkey is another log's")
        self.vkey = pub

    def read_checkpoint(self):
        raw = read(self.path("checkpoint"))
        if raw is None:
            self.say(INCOMPLETE, "there is no checkpoint")
            return
        text, blank, sigs = raw.partition(b"\n\n")
        lines = text.split(b"\n")
        if not blank or len(lines) != 3 or not sigs.endswith(b"\n"):
            raise Broken("checkpoint is malformed")
        size, root = number(lines[1]), b64(lines[2])
        if lines[0] != self.origin or len(root) != 32:
            raise Broken("checkpoint is another log's")
        good = False
        for line in sigs[:-1].split(b"\n"):
            if not line.startswith("— ".encode()):
                raise Broken("checkpoint is malformed")
            name, _, sig = line[len("— ".encode()):].partition(b" ")
            sig = b64(sig)
            if len(sig) < 5 or not name:
                raise Broken("checkpoint is malformed")
            if self.key is None or name != self.origin \
                    or sig[:4] != sha(name + b"\n\x01" + self.key)[:4]:
                continue
            try:
                Ed25519PublicKey.from_public_bytes(self.key).verify(sig[4:], text + b"\n")
                good = True
            except InvalidSignature:
                raise Broken("the signature does not verify")
        if self.key is not None and not good:
            raise Broken("it is not signed by the key")
        if size < self.signed_once or size > self.size:
            raise Broken("the checkpoint's size")
        self.head, self.signed = (size, root), size

    def bundle(self, level, n, width):
        raw = read(self.path(tile_name(level, n, width)))
        if raw is None and width < 256:
            raw = read(self.path(tile_name(level, n, 256)))
            whole = 256
        else:
            whole = width
        if raw is None:
            raise Broken("a tile is missing")
        if level != "entries":
            if len(raw) != 32 * whole:
                raise Broken("a tile is cut")
            return [raw[32 * i:32 * i + 32] for i in range(width)]
        out, at = [], 0
        while at < len(raw):
            n = struct.unpack(">H", raw[at:at + 2])[0] if at + 2 <= len(raw) else 0
            if n == 0 or at + 2 + n > len(raw):
                raise Broken("a bundle is cut")
            out.append(raw[at + 2:at + 2 + n])
            at += 2 + n
        if len(out) != whole:
            raise Broken("a bundle is cut")
        return out[:width]

    def check_root(self, tree, wanted):
        if tree.n not in wanted:
            return
        self.roots[tree.n] = root = tree.root()
        if self.seen is not None and self.seen[0] == tree.n and self.seen[1] != root:
            raise Broken("another past than was seen")
        if self.head is not None and self.head[0] == tree.n and self.head[1] != root:
            raise Broken("the signed root")
        if self.size == tree.n and self.state_root != root:
            raise Broken("state's root")

    def read_tree(self, wanted):
        tree = Tree()
        if self.seen is not None and (self.seen[0] > self.size or (self.head and self.seen[0] > self.head[0])):
            raise Broken("fewer entries than were seen")
        wanted = wanted | {self.size} | {h[0] for h in (self.head, self.seen) if h}
        self.check_root(tree, wanted)
        for n in range((self.size + 255) // 256):
            width = min(256, self.size - 256 * n)
            bundle, lowest = self.bundle("entries", n, width), self.bundle(0, n, width)
            # what it tells counts as far as it is good
            for e, h in zip(bundle, lowest):
                if sha(b"\0" + e) != h:
                    raise Broken("an entry and its tile do not match")
                self.entries.append(e)
            for e in bundle:
                tree.push(e)
                self.check_root(tree, wanted)
        for level, hashes in tree.levels.items():
            for n in range((len(hashes) + 255) // 256):
                want = hashes[256 * n:256 * n + 256]
                if self.bundle(level, n, len(want)) != want:
                    raise Broken("a tile does not match")


def load(log, wanted):
    log.read_checkpoint()
    log.read_tree(wanted)
    log.entries += journal(log.dir, log.journal, log.size)
    log.read_to_end = True


def attempt(log, fn, *args):
    try:
        return fn(*args)
    except Broken as e:
        log.say(BROKEN, str(e))
    except Missing as e:
        log.say(INCOMPLETE, str(e))


def heads_in(log):
    for i, e in enumerate(log.entries):
        if b'"head"' in e or b'"keyd":' in e:
            try:
                yield i, json.loads(e)
            except ValueError:
                pass


def tree_root(leaves):
    """RFC 6962, 2.1."""
    if not leaves:
        return sha(b"")
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha(b"\1" + tree_root(leaves[:k]) + tree_root(leaves[k:]))


def lists_hold(log):
    """Is each list of people, parts first, as its record tells?"""
    parts, req, people = 0, None, []
    for raw in log.entries:
        try:
            e = json.loads(raw) if b'"parts":' in raw else {}
        except ValueError:
            e = {}
        what = e.get("what", {})
        if e.get("v") != 1 or "parts" not in what:
            parts, people = 0, []
            continue
        mine = [bytes.fromhex(h) for h in what.get("subjects", [])]
        if e["kind"] == "people":
            if what["parts"] == 1:
                parts, people = 0, []
            elif what["parts"] != parts + 1 or e.get("req") != req:
                return False
            parts, req, people = what["parts"], e.get("req"), people + mine
            continue
        if what["parts"] != parts or e.get("req") != req:
            return False
        if tree_root([sha(b"\0" + h) for h in mine + people]).hex() != what.get("subjects_root"):
            return False
        parts, people = 0, []
    return True


def judge(specs, pin=None, trust=None):
    logs = [Log(*s) for s in specs]
    rows = {}
    for line in (trust or b"").split(b"\n")[1:-1]:
        vkey, size, root = line.split(b" ")
        name, pub = parse_vkey(vkey)
        rows[name] = pub, (int(size), b64(root))
    for log in logs:
        attempt(log, log.read_state)
    for log in logs:
        if log.have is not None and any(o is not log and o.have == log.have for o in logs):
            log.say(BROKEN, "another folder has the same log")
        log.there = log.word < INCOMPLETE
    for log in logs:
        if log.there:
            attempt(log, log.read_key)
            log.pinned_pub, log.seen = rows.get(log.origin, (None, None))
    brought = pin or next((l.pinned_pub for l in logs if l.there and l.pinned_pub), None)
    for log in logs:
        log.pinned = brought is not None
        log.key = brought or log.vkey
        if log.pinned and log.there and (log.vkey not in (None, brought)
                                         or log.pinned_pub not in (None, brought)):
            log.say(BROKEN, "its key is not the trusted one")
        if not log.pinned and any(o.vkey and log.vkey and o.vkey != log.vkey for o in logs):
            log.say(BROKEN, "keys of two keyds")
    # roots are wanted at sizes that only the others tell: this one is not written for long logs
    wanted = set()
    for log in logs:
        if log.there:
            wanted |= {log.seen[0]} if log.seen else set()
            for d, _, names in os.walk(log.path("tile/entries")):
                for name in names:
                    for part in (read(os.path.join(d, name)) or b"").split(b'"head":{')[1:]:
                        size = part.partition(b'"size":')[2].split(b",")[0]
                        wanted |= {int(size)} if size.isdigit() else set()
            raw = (read(log.path("checkpoint")) or b"").split(b"\n")
            wanted |= {int(raw[1])} if len(raw) > 1 and raw[1].isdigit() else set()
    for log in logs:
        if log.there:
            attempt(log, load, log, wanted)
    conclude(logs)
    return logs


def conclude(logs):
    keyd = next((l for l in logs if l.role == "keyd"), None)
    by_origin = {l.origin: l for l in logs}
    if keyd and keyd.there and not lists_hold(keyd):
        keyd.say(BROKEN, "a list of people is not as its record tells")
    newest = max([at(e) for l in logs for e in l.entries] or [0])
    given_up, misfits = {}, []
    for log in logs:
        for i, e in heads_in(log):
            head = e.get("head", {})
            named = e.get("outcome", {}).get("keyd")
            of = by_origin.get(head.get("origin", "").encode())
            if named is not None and log is keyd:
                log.say(BROKEN, "keyd's log names one of keyd's")
            if named is not None and keyd and keyd.read_to_end and log is not keyd \
                    and named >= len(keyd.entries):
                misfits.append((keyd, log, i, e["at"], 0))
            if log.role == "keyd" and head and e["kind"] == "admin":
                if e.get("act") == "head.forget":
                    given_up.setdefault(of, []).append((i, head["size"], log))
                if e.get("act") == "store.start_anew" and of is log:
                    given_up.setdefault(of, []).append((e["at"], head["size"], None))
            if e.get("kind") != "head" or e.get("outcome", {}).get("result") == "refused":
                continue
            if of is None or not of.there:
                log.say(INCOMPLETE, "a head of a log that was not looked at")
                continue
            root = bytes.fromhex(head["root"])
            if log is keyd and of.head == (head["size"], root) and e["outcome"]["result"] == "ok":
                of.told = True
            if head["size"] > of.size or of.roots.get(head["size"], root) != root:
                misfits.append((of, log, i, e["at"], head["size"]))
    for of, log, i, when, size in misfits:
        marks = [(m, by) for m, n, by in given_up.get(of, []) if n >= size and m >= (i if by else when)]
        if not marks:
            of.say(BROKEN, "%s's entry %d" % (log.role, i))
        elif any(by.seen is None or m >= by.seen[0] for m, by in marks if by) \
                or any(log.seen is None or i >= log.seen[0] for m, by in marks if not by):
            of.say(INCOMPLETE, "heads were given up")
    for log in logs:
        if not log.there:
            continue
        if keyd and keyd.read_to_end and log is not keyd and log.head and not log.told:
            log.say(INCOMPLETE, "keyd's log does not tell its newest head")
        if log.head and len(log.entries) > log.signed \
                and newest - at(log.entries[log.signed]) > 60000:
            log.say(INCOMPLETE, "entries without a signature")
        if not log.pinned:
            log.say(UNPINNED, "no key of the auditor's")


def at(entry):
    try:
        return json.loads(entry)["at"]
    except (ValueError, KeyError, TypeError):
        return 0


def forge(source, target, origin, drop):
    """The entries of SOURCE but those that have DROP, one a line."""
    log = Log("x", origin, source)
    log.read_state()
    log.read_tree(set())
    with open(target, "wb") as f:
        for e in log.entries:
            if not drop or drop.encode() not in e:
                f.write(e + b"\n")


def main():
    args = sys.argv[1:]
    pin = trust = None
    while "--pin" in args:
        k = args.index("--pin")
        pin = parse_vkey(read(args[k + 1]).strip())[1]
        del args[k:k + 2]
    while "--trust" in args:
        k = args.index("--trust")
        trust = args[k + 1]
        del args[k:k + 2]
    if args[0] == "forge":
        forge(*args[1:])
        return 0
    logs = judge([tuple(a.split("=", 2)) for a in args[1:]], pin, trust and read(trust))
    print(WORDS[max(l.word for l in logs)])
    for l in logs:
        print("# %s %s %s" % (l.role, WORDS[l.word], l.why))
    return 0


if __name__ == "__main__":
    sys.exit(main())
