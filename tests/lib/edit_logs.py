"""edit_logs.py - random edits of two logs, each judged three times over.

    edit_logs.py N SEED SCRIM GATE=ORIGIN KEYD=ORIGIN GOOD OLDER TRUST
        GATE, KEYD: the folders that are edited, as $SCRIM_CONFIG names them; GOOD, OLDER: folders
        with `gate` and `keyd`, as they are and as they were; TRUST: the auditor's file, which fits
        GOOD. Prints how often which word was right, and each disagreement.

After each case `scrim audit verify` and the verifier of verify_logs.py must have the same word of
each log, and the exit code must fit. With the auditor's file nothing may be verified unless what
counts is as it was: that is judged here by comparing bytes, by what FORMATS says has no effect.
"""
import json, os, random, shutil, subprocess, sys

from verify_logs import CODES, VERIFIED, WORDS, judge, parse_vkey, tile_name


def read_folder(top):
    """Every file below TOP, by its path in it."""
    out = {}
    for d, _, names in os.walk(top):
        for name in names:
            path = os.path.join(d, name)
            with open(path, "rb") as f:
                out[os.path.relpath(path, top)] = f.read()
    return out


# ---- what counts, by bytes alone -----------------------------------------------------------------

def needed(size):
    """The tiles and bundles of a tree of SIZE entries: level, number, width."""
    level, n = 0, size
    while n > 0:
        for kind in (["entries", 0] if level == 0 else [level]):
            for i in range((n + 255) // 256):
                yield kind, i, min(256, n - 256 * i)
        level, n = level + 1, n // 256


def counts(files, signed, size):
    """What a signature or the other log vouches for in a folder of SIGNED entries out of SIZE."""
    out = {}
    state = files.get("state", b"").split(b"\n")
    if len(state) == 7 and state[4][:7] == b"signed " and state[4][7:].isdigit() \
            and int(state[4][7:]) <= signed and state[4][7:] == b"%d" % int(state[4][7:]):
        state[4] = b"signed, or fewer"
    out["state"] = state
    vkey = files.get("vkey", b"")
    out["vkey"] = vkey[:-1] if vkey[-1:] == b"\n" else vkey
    out["checkpoint"] = files.get("checkpoint")
    for i in (0, 1):
        out["journal", i] = len(files.get("journal.%d" % i, b""))
    for kind, n, width in needed(size):
        name, whole = tile_name(kind, n, width), tile_name(kind, n, 256)
        out[kind, n] = files.get(name, files.get(whole))
    return out


class Folder:
    """One log's folder that is edited: what is in it, and what was."""

    def __init__(self, spec, name, good, older):
        self.dir, self.origin = spec.split("=")
        self.good, self.older = read_folder(os.path.join(good, name)), read_folder(os.path.join(older, name))
        self.now = dict(self.good)
        self.size = int(self.good["state"].split(b"\n")[2])
        self.signed = int(self.good["checkpoint"].split(b"\n")[1])
        self.wanted = counts(self.good, self.signed, self.size)
        shutil.rmtree(self.dir, ignore_errors=True)
        for name, data in self.good.items():
            self.write(name, data)

    def write(self, name, data):
        path = os.path.join(self.dir, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data)

    def put(self, files):
        """FILES and nothing else; only what differs is written."""
        for name in set(self.now) - set(files):
            os.unlink(os.path.join(self.dir, name))
        for name, data in files.items():
            if name not in self.now or self.now[name] is not data:
                self.write(name, data)
        self.now = files

    def unchanged(self):
        return counts(self.now, self.signed, self.size) == self.wanted


# ---- edits: each takes the two folders' files and says what it did --------------------------------

def pick(rnd, logs):
    """A file of either folder: those that are read as often as those that are many."""
    log = rnd.choice(logs)
    names = sorted(log)
    if rnd.random() < .5:
        names = [n for n in names if not n.startswith("tile/")] or names
    return (log, rnd.choice(names)) if names else (None, "")


def flip(rnd, logs, _):
    log, name = pick(rnd, logs)
    if not log or not log[name]:
        return "nothing"
    b = bytearray(log[name])
    places = [rnd.randrange(len(b)) for _ in range(rnd.choice([1, 1, 2, 8]))]
    if name.startswith("journal"):  # most of it is zeros
        places = [p % 65536 for p in places]
    for p in places:
        b[p] = rnd.choice([b[p] ^ 1 << rnd.randrange(8), rnd.randrange(256), ord(rnd.choice("0123456789\n "))])
    log[name] = bytes(b)
    return "flip %s at %s" % (name, places)


def cut(rnd, logs, _):
    log, name = pick(rnd, logs)
    if not log or not log[name]:
        return "nothing"
    n = rnd.choice([0, 1, len(log[name]) - 1, rnd.randrange(len(log[name]))])
    log[name] = rnd.choice([log[name][:n], log[name][n:], log[name][:n] + log[name][n + 1:]])
    return "cut %s at %d" % (name, n)


def append(rnd, logs, _):
    log, name = pick(rnd, logs)
    if not log:
        return "nothing"
    what = rnd.choice([b"\n", b"\0", b" ", b"x\n", log[name][-32:], log[name][:4096], bytes(rnd.randrange(256) for _ in range(40))])
    log[name] = log[name] + what
    return "append %r to %s" % (what[:12], name)


def remove(rnd, logs, _):
    log, name = pick(rnd, logs)
    if not log:
        return "nothing"
    del log[name]
    return "remove " + name


def copy(rnd, logs, _):
    (log, name), (other, to) = pick(rnd, logs), pick(rnd, logs)
    if not log or not other:
        return "nothing"
    if rnd.random() < .5:  # the same of the other log, which it would be taken for
        to = name
        other = logs[1 - logs.index(log)]
    other[to] = log[name]
    return "copy %s over %s" % (name, to)


def exchange(rnd, logs, _):
    (log, name), (other, to) = pick(rnd, logs), pick(rnd, logs)
    if not log or not other:
        return "nothing"
    if rnd.random() < .5 and name in logs[1 - logs.index(log)]:
        to = name
        other = logs[1 - logs.index(log)]
    log[name], other[to] = other[to], log[name]
    return "exchange %s and %s" % (name, to)


def older_file(rnd, logs, older):
    i = rnd.randrange(2)
    name = rnd.choice(sorted(older[i]))
    if rnd.random() < .5:
        name = rnd.choice(["state", "checkpoint", "vkey", "journal.0", "journal.1"])
    logs[i][name] = older[i][name]
    return "older %s of %d" % (name, i)


def older_some(rnd, logs, older):
    """Of a folder what somebody would put back together: the small files, tiles, or all."""
    i = rnd.randrange(2)
    names = [n for n in older[i] if rnd.random() < rnd.choice([.5, .9]) or n in ("state", "checkpoint")]
    for n in names:
        logs[i][n] = older[i][n]
    return "%d older files of %d" % (len(names), i)


def older_folder(rnd, logs, older):
    which = rnd.choice([[0], [1], [0, 1]])
    for i in which:
        logs[i].clear()
        logs[i].update(older[i])
    return "older folders %s" % which


def exchange_folders(rnd, logs, _):
    a, b = dict(logs[0]), dict(logs[1])
    for log, files in ((logs[0], b), (logs[1], a)):
        log.clear()
        log.update(files)
    return "exchange both folders"


def remove_folder(rnd, logs, _):
    logs[rnd.randrange(2)].clear()
    return "remove a folder"


OFTEN = [flip, cut, append, remove, copy, exchange, older_file] * 6
SELDOM = [older_some, older_some, older_folder, exchange_folders, remove_folder]


def edit(rnd, logs, older):
    # the lists are compared by who they are: two empty folders are two
    class Same(dict):
        __eq__ = object.__eq__
        __hash__ = object.__hash__
    logs = [Same(l) for l in logs]
    said = [rnd.choice(OFTEN + SELDOM)(rnd, logs, older) for _ in range(rnd.choice([1, 1, 1, 2, 3]))]
    return logs, "; ".join(said)


# ---- the words ------------------------------------------------------------------------------------

def scrim_says(scrim, options):
    p = subprocess.run([scrim, "audit", "verify", "--json"] + options, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE)
    try:
        rows = json.loads(p.stdout)
    except ValueError:
        return ["%r" % p.stderr[:200]], p.returncode, ""
    return [r["word"] for r in rows], p.returncode, [r.get("why", "") for r in rows]


def main():
    n, seed, scrim, gate, keyd, good, older, trust_path = sys.argv[1:]
    print("# %s cases, SEED=%s" % (n, seed))
    folders = [Folder(gate, "gate", good, older), Folder(keyd, "keyd", good, older)]
    specs = [("scrimd", folders[0].origin, folders[0].dir), ("keyd", folders[1].origin, folders[1].dir)]
    with open(trust_path, "rb") as f:
        trust = f.read()
    vkey_path, none_path = trust_path + ".vkey", trust_path + ".none"
    with open(vkey_path, "wb") as f:
        f.write(folders[1].good["vkey"])
    with open(none_path, "wb") as f:
        f.write(b"scrim.audit/trust@v1\n")
    for path in (vkey_path, none_path):
        os.chmod(path, 0o600)
    pin = parse_vkey(folders[1].good["vkey"].strip())[1]
    ways = {
        "trust": (None, trust, ["--trust", trust_path]),
        "pinned": (pin, None, ["--vkey", vkey_path, "--trust", none_path]),
        "beside": (None, None, ["--trust", none_path]),
    }
    failed, seen = 0, {}
    for i in range(int(n)):
        rnd = random.Random("%s.%s.%d" % (seed, os.path.basename(good), i))
        logs, what = [f.good for f in folders], "nothing"
        if i == 1:  # what nobody reads, whatever the lot says
            logs, what = [dict(logs[0], lock=b"x"), logs[1]], "lock"
        if i > 1:
            logs, what = edit(rnd, logs, [f.older for f in folders])
        for f, files in zip(folders, logs):
            f.put(files)
        counting = all(f.unchanged() for f in folders)
        for way in ["trust", "pinned" if i & 1 else "beside"]:
            by_pin, by_trust, options = ways[way]
            # a verification that holds moves the file on: it is the same each time
            with open(trust_path, "wb") as f:
                f.write(trust)
            mine = judge(specs, by_pin, by_trust)
            ours, worst = [WORDS[l.word] for l in mine], max(l.word for l in mine)
            theirs, code, why = scrim_says(scrim, options)
            key = "%s-%s" % (way, WORDS[worst])
            seen[key] = seen.get(key, 0) + 1
            if ours != theirs or code != CODES[worst]:
                failed += 1
                print("# case %d (%s), %s: %s %s here, %s %s (exit %d) there" % (i, what, way,
                      ours, [l.why for l in mine], theirs, why, code))
            if way == "trust" and not counting and VERIFIED in (worst, code):
                failed += 1
                print("# case %d (%s): verified, and what counts has changed" % (i, what))
    print(" ".join("%s=%d" % k for k in sorted(seen.items())))
    for f in folders:
        f.put(f.good)
    return 1 if failed else 0


sys.exit(main())
