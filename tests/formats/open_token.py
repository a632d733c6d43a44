#!/usr/bin/env python3
"""
open_token.py - opens tokens, given root key file, epoch file and keyd's database.

    open_token.py ROOT EPOCH DATABASE TENANT < tokens > lines of JSON

Written from docs/FORMATS.md alone, with nothing but Python's standard library and no
line of the programs': what it cannot open, that document does not tell. AES (FIPS 197),
CMAC (RFC 4493), AES-SIV (RFC 5297) and HKDF (RFC 5869) are written out here; it is slow,
and not safe against whoever measures its time. For tests and for the day on which
nothing else is left.

A line for each token: {"class":1,"tier":2,"kind":"string","value":"Ann"}, or {"why":"gone"}:
bad (no token of this tenant), gone (erased), unknown (no such key here), corrupt.
"""
import base64
import hashlib
import hmac
import json
import sqlite3
import struct
import sys

# ---- AES-256, CMAC, SIV, HKDF ----------------------------------------------------------


def make_tables():
    log, exp, x = [0] * 256, [0] * 510, 1
    for i in range(255):
        exp[i] = exp[i + 255] = x
        log[x] = i
        x ^= (x << 1) ^ (0x11b if x & 0x80 else 0)
        x &= 0xff
    sbox = []
    for a in range(256):
        b = exp[255 - log[a]] if a else 0
        r = 0x63
        for i in range(5):
            r ^= ((b << i) | (b >> (8 - i))) & 0xff
        sbox.append(r)
    twice = [(s << 1 ^ (0x1b if s & 0x80 else 0)) & 0xff for s in sbox]
    return sbox, [t << 24 | s << 16 | s << 8 | t ^ s for s, t in zip(sbox, twice)]


SBOX, T0 = make_tables()
T1 = [(t >> 8 | t << 24) & 0xffffffff for t in T0]
T2 = [(t >> 16 | t << 16) & 0xffffffff for t in T0]
T3 = [(t >> 24 | t << 8) & 0xffffffff for t in T0]


class AES256:
    def __init__(self, key):
        def sub(w):
            return (SBOX[w >> 24] << 24 | SBOX[w >> 16 & 255] << 16 | SBOX[w >> 8 & 255] << 8
                    | SBOX[w & 255])

        w, rcon = list(struct.unpack('>8I', key)), 1
        for i in range(8, 60):
            t = w[i - 1]
            if i % 8 == 0:
                t = sub((t << 8 | t >> 24) & 0xffffffff) ^ rcon << 24
                rcon <<= 1
            elif i % 8 == 4:
                t = sub(t)
            w.append(w[i - 8] ^ t)
        self.w = w

    def encrypt(self, block):
        w = self.w
        a, b, c, d = (x ^ k for x, k in zip(struct.unpack('>4I', block), w))
        for i in range(4, 56, 4):
            a, b, c, d = (
                T0[a >> 24] ^ T1[b >> 16 & 255] ^ T2[c >> 8 & 255] ^ T3[d & 255] ^ w[i],
                T0[b >> 24] ^ T1[c >> 16 & 255] ^ T2[d >> 8 & 255] ^ T3[a & 255] ^ w[i + 1],
                T0[c >> 24] ^ T1[d >> 16 & 255] ^ T2[a >> 8 & 255] ^ T3[b & 255] ^ w[i + 2],
                T0[d >> 24] ^ T1[a >> 16 & 255] ^ T2[b >> 8 & 255] ^ T3[c & 255] ^ w[i + 3])
        s = SBOX
        out = []
        for p, q, r, t, k in ((a, b, c, d, 56), (b, c, d, a, 57), (c, d, a, b, 58), (d, a, b, c, 59)):
            out.append((s[p >> 24] << 24 | s[q >> 16 & 255] << 16 | s[r >> 8 & 255] << 8
                        | s[t & 255]) ^ w[k])
        return struct.pack('>4I', *out)


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


def double(block):
    n = int.from_bytes(block, 'big') << 1
    if n >> 128:
        n = n & (1 << 128) - 1 ^ 0x87
    return n.to_bytes(16, 'big')


def cmac(aes, text):
    k1 = double(aes.encrypt(bytes(16)))
    whole = len(text) > 0 and len(text) % 16 == 0
    if not whole:
        text += b'\x80' + bytes(-(len(text) + 1) % 16)
    mac = bytes(16)
    for i in range(0, len(text) - 16, 16):
        mac = aes.encrypt(xor(mac, text[i:i + 16]))
    return aes.encrypt(xor(xor(mac, text[-16:]), k1 if whole else double(k1)))


def siv_open(key, ads, sealed):
    """The text, or None when it does not verify."""
    mac, ctr = AES256(key[:32]), AES256(key[32:])
    siv, sealed = sealed[:16], sealed[16:]
    count = int.from_bytes(siv, 'big') & ~(1 << 63 | 1 << 31)
    stream = b''.join(ctr.encrypt((count + i & (1 << 128) - 1).to_bytes(16, 'big'))
                      for i in range((len(sealed) + 15) // 16))
    text = xor(sealed, stream)
    d = cmac(mac, bytes(16))
    for ad in ads:
        d = xor(double(d), cmac(mac, ad))
    if len(text) >= 16:
        last = text[:-16] + xor(text[-16:], d)
    else:
        last = xor(double(d), text + b'\x80' + bytes(15 - len(text)))
    return text if hmac.compare_digest(cmac(mac, last), siv) else None


def hkdf(key, info, n=64):
    prk = hmac.new(bytes(32), key, hashlib.sha256).digest()
    out, t = b'', b''
    for i in range(1, -(-n // 32) + 1):
        t = hmac.new(prk, t + info + bytes([i]), hashlib.sha256).digest()
        out += t
    return out[:n]


# ---- keys ------------------------------------------------------------------------------

LEAF, CHILDREN, TOP = 80, 120, 4
SLOTS = LEAF * CHILDREN ** 3 * (CHILDREN - 1)
KEK, CLASS_KEY, SLOT_KEY, DESTROYED = 1, 2, 7, 4


def u64(n):
    return struct.pack('>Q', n & (1 << 64) - 1)  # SQLite's numbers have a sign


class Keys:
    def __init__(self, root, epoch, database, tenant):
        with open(root, encoding='ascii') as f:
            said = json.load(f)
        if said['scrim_root'] != 1 or said['kind'] != 'file':
            raise SystemExit('not a root key file of this version')
        with open(epoch, 'rb') as f:
            self.blocks = f.read()
        self.db = sqlite3.connect(database)
        self.tenant = bytes([len(tenant)]) + tenant.encode()
        self.store, n = self.db.execute("SELECT id, epoch FROM store WHERE node = ''").fetchone()
        self.boxes = {}
        self.top = self.box(TOP, 0, self.epoch_key(base64.b64decode(said['key']), n))
        self.rows = self.db.execute('SELECT id, kind, class, tier, epoch, state, parent, wrapped'
                                    ' FROM keyring').fetchall()
        ring = self.top[-32:]
        self.kek = {r[0]: self.unwrap(ring, b'scrim1|ring', r) for r in self.rows
                    if r[1] == KEK and r[5] != DESTROYED}
        slot = [r for r in self.rows if r[1] == SLOT_KEY and r[5] != DESTROYED][0]
        self.slots = AES256(self.unwrap(ring, b'scrim1|ring', slot))

    def epoch_key(self, root, n):
        block = self.blocks[n % 2 * 4096:][:4096]
        if block[:4] != b'SCE1' or block[4:12] != u64(n):
            raise SystemExit('the epoch file is of another time than the database')
        key = siv_open(hkdf(root, b'scrim1|epoch'), [self.tenant + self.store + u64(n)], block[12:60])
        if key is None:
            raise SystemExit('the root key does not open the epoch file')
        return key

    def unwrap(self, parent, label, row):
        ident, kind, of_class, tier, epoch, _, above, wrapped = row
        ad = (b'scrim1 key\0' + self.tenant + u64(ident) + u64(above)
              + bytes([kind, of_class, tier, epoch]))
        key = siv_open(hkdf(parent, label), [ad], wrapped)
        if key is None:
            raise SystemExit('a row of the keyring does not open')
        return key

    def box(self, level, index, key):
        """What the box holds; None: there is nobody below it."""
        n = level << 56 | index
        if n in self.boxes:
            return self.boxes[n]
        if key == bytes(32):
            return None
        row = self.db.execute('SELECT box FROM node WHERE n = ?', (n,)).fetchone()
        plain = row and siv_open(hkdf(key, b'scrim1|node'), [self.tenant + self.store + u64(n)], row[0])
        if not plain:
            raise KeyError('corrupt')
        self.boxes[n] = plain
        return plain

    def class_key(self, ident):
        for row in self.rows:
            if row[1] == CLASS_KEY and u64(row[0]) == u64(ident):
                if row[5] == DESTROYED:
                    raise KeyError('gone')
                return self.unwrap(self.kek[row[6]], b'scrim1|wrap', row)
        raise KeyError('unknown')

    def slot_of(self, ident):
        left, right = ident >> 32, ident & 0xffffffff
        for i in reversed(range(8)):
            block = bytes([i]) + bytes(11) + struct.pack('>I', left)
            left, right = right ^ int.from_bytes(self.slots.encrypt(block)[:4], 'big'), left
        return left << 32 | right

    def person_key(self, ident):
        slot = self.slot_of(ident)
        if slot >= SLOTS:
            raise KeyError('bad')
        high = self.db.execute("SELECT high FROM store WHERE node = ''").fetchone()[0]
        lost = self.db.execute('SELECT count(*) FROM lost WHERE first <= ? AND last >= ?',
                               (slot, slot)).fetchone()[0]
        if slot >= high or lost:
            raise KeyError('unknown')
        leaf, plain = slot // LEAF, self.top
        for level in reversed(range(TOP)):
            index = leaf // CHILDREN ** level
            at = index % CHILDREN * 32
            plain = self.box(level, index, plain[at:at + 32])
            if plain is None:
                raise KeyError('gone')
        at = slot % LEAF * 48
        if plain[at:at + 32] == bytes(32):
            raise KeyError('gone')
        return plain[at:at + 32]


# ---- tokens ----------------------------------------------------------------------------

DIGITS = '0123456789abcdefghjkmnpqrstvwxyz'
FIRST = {3: 32, 5: 8, 6: 32, 7: 18, 9: 19, 10: 34, 15: 10}
KINDS = ('string', 'number', 'literal')


def size_of(of_class, n):
    first = FIRST.get(of_class, 16)
    if n <= first:
        return first
    for size in (16, 32, 64, 96, 128):
        if n <= size:
            return size
    return -(-n // 128) * 128


def digits_of(text):
    """The digits of a token's text, and whether it is written as an address."""
    text = text.lower()
    if not text.startswith('sct1-'):
        raise KeyError('bad')
    local, at, rest = text[5:].partition('@')
    if not at:
        return local, False
    if len(local) != 59 or len(text) > 254:
        raise KeyError('bad')
    while True:
        label, dot, rest = rest.partition('.')
        if not dot or not 1 <= len(label) <= 63:
            raise KeyError('bad')
        local += label
        if len(label) < 63:
            break
    if local[-1] not in DIGITS or len(rest) != 4 + DIGITS.index(local[-1]):
        raise KeyError('bad')
    return local[:-1], True


def bytes_of(digits):
    n = 0
    for c in digits:
        if c not in DIGITS:
            raise KeyError('bad')
        n = n << 5 | DIGITS.index(c)
    size, spare = divmod(5 * len(digits), 8)
    if spare >= 5 or n & (1 << spare) - 1:
        raise KeyError('bad')
    return (n >> spare).to_bytes(size, 'big')


def open_token(keys, text):
    digits, address = digits_of(text)
    body = bytes_of(digits)
    if len(body) < 27:
        raise KeyError('bad')
    flags, of_class, tier = body[:3]
    ident = int.from_bytes(body[3:11], 'big')
    if flags & 0xe0 or flags & 3 == 3 or bool(flags & 0x10) != address or (address and of_class != 6):
        raise KeyError('bad')
    head = 27 if flags & 8 else 11
    if len(body) < head + 16:
        raise KeyError('bad')
    ads = [b'\x06scrim1' + keys.tenant + bytes([of_class, tier, flags & ~0x10]) + body[3:11]]
    if flags & 8:
        ads.append(body[11:27])
    key = keys.class_key(ident) if flags & 4 else keys.person_key(ident)
    filled = siv_open(hkdf(key, b'scrim1|seal'), ads, body[head:])
    if filled is None:
        raise KeyError('bad')
    value = filled.rstrip(b'\xff')
    if size_of(of_class, len(value)) != len(filled):
        raise KeyError('bad')
    return {'class': of_class, 'tier': tier, 'kind': KINDS[flags & 3],
            'value': value.decode('utf-8', 'surrogatepass')}


def main():
    if len(sys.argv) != 5:
        raise SystemExit(__doc__)
    keys = Keys(*sys.argv[1:])
    for line in sys.stdin:
        try:
            print(json.dumps(open_token(keys, line.strip())))
        except KeyError as why:
            print(json.dumps({'why': why.args[0]}))


if __name__ == '__main__':
    main()
