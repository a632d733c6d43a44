#!/usr/bin/env python3
"""The body of an add-checkpoint (c2sp.org/tlog-witness), out of a log's folder:
submit.py DIR OLD [CHECKPOINT [FROM]] proves that CHECKPOINT (DIR's own) extends its first FROM (OLD)
entries, and says OLD. Entries are hashed here; of the tiles nothing is believed."""
import base64, hashlib, os, sys

def entries(folder, size):
    out = []
    for n in range((size + 255) // 256):
        width = min(256, size - 256 * n)
        groups, k = ["%03d" % (n % 1000)], n // 1000
        while k:
            groups.insert(0, "x%03d" % (k % 1000))
            k //= 1000
        path = os.path.join(folder, "tile/entries", *groups)
        if width < 256 and os.path.exists("%s.p/%d" % (path, width)):
            path = "%s.p/%d" % (path, width)
        with open(path, "rb") as f:
            data = f.read()
        at = 0
        for _ in range(width):
            n_bytes = int.from_bytes(data[at:at + 2], "big")
            out.append(data[at + 2:at + 2 + n_bytes])
            at += 2 + n_bytes
    return out

def sha(data):
    return hashlib.sha256(data).digest()

def root(leaves):
    if not leaves:
        return sha(b"")
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return sha(b"\x01" + root(leaves[:k]) + root(leaves[k:]))

def proof(m, leaves, whole=True):
    """RFC 6962, 2.1.2: SUBPROOF"""
    if m == len(leaves):
        return [] if whole else [root(leaves)]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if m <= k:
        return proof(m, leaves[:k], whole) + [root(leaves[k:])]
    return proof(m - k, leaves[k:], False) + [root(leaves[:k])]

def main():
    folder, old = sys.argv[1], int(sys.argv[2])
    note = open(sys.argv[3] if len(sys.argv) > 3 else os.path.join(folder, "checkpoint"), "rb").read()
    start = int(sys.argv[4]) if len(sys.argv) > 4 else old
    size = int(note.split(b"\n")[1])
    lines = []
    if 0 < start < size:
        lines = proof(start, [sha(b"\x00" + e) for e in entries(folder, size)])
    out = b"old %d\n" % old + b"".join(base64.b64encode(h) + b"\n" for h in lines) + b"\n" + note
    sys.stdout.buffer.write(out)

if __name__ == "__main__":
    main()
