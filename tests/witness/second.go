// second.go - a second witness, written from the C2SP texts over Go's sumdb packages, and a reader
// of logs by those packages. Of ours it knows what the texts say and nothing else.
//
//	second serve ADDRESS NAME STATE LOGVKEY...	a witness; prints its vkey, then serves
//	second read DIR LOGVKEY [WITNESSVKEY...]	the checkpoint, all tiles, entries and proofs
//	second receipt FILE LOGVKEY <ENTRY		a proof of an entry (c2sp.org/tlog-proof)
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// ---- c2sp.org/tlog-checkpoint ----

type checkpoint struct {
	origin string
	size   int64
	root   tlog.Hash
}

func decimal(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != s {
		return 0, errors.New("no decimal number")
	}
	return n, nil
}

func hash(s string) (h tlog.Hash, err error) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != tlog.HashSize {
		return h, errors.New("no hash")
	}
	copy(h[:], b)
	return h, nil
}

func parseCheckpoint(text string) (c checkpoint, err error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 || lines[0] == "" {
		return c, errors.New("no checkpoint")
	}
	c.origin = lines[0]
	if c.size, err = decimal(lines[1]); err != nil {
		return c, err
	}
	c.root, err = hash(lines[2])
	return c, err
}

// ---- c2sp.org/tlog-cosignature ----

type cosigner struct {
	name string
	id   uint32
	pub  ed25519.PublicKey
	last uint64 // of what was verified last
}

func newCosigner(name string, pub ed25519.PublicKey) *cosigner {
	h := sha256.Sum256(append([]byte(name+"\n\x04"), pub...))
	return &cosigner{name: name, id: binary.BigEndian.Uint32(h[:]), pub: pub}
}

func parseCosigner(vkey string) (*cosigner, error) {
	f := strings.SplitN(vkey, "+", 3)
	if len(f) != 3 {
		return nil, errors.New("no vkey")
	}
	b, err := base64.StdEncoding.DecodeString(f[2])
	if err != nil || len(b) != 33 || b[0] != 4 {
		return nil, errors.New("no cosigner's vkey")
	}
	c := newCosigner(f[0], b[1:])
	if fmt.Sprintf("%08x", c.id) != f[1] {
		return nil, errors.New("the vkey's id is wrong")
	}
	return c, nil
}

func message(msg []byte, t uint64) []byte {
	return append([]byte(fmt.Sprintf("cosignature/v1\ntime %d\n", t)), msg...)
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.id }
func (c *cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 72 {
		return false
	}
	c.last = binary.BigEndian.Uint64(sig)
	return c.last != 0 && c.last < 1<<63 && ed25519.Verify(c.pub, message(msg, c.last), sig[8:])
}

// ---- c2sp.org/tlog-witness ----

type seen struct {
	verifier note.Verifier
	size     int64
	root     tlog.Hash
	note     []byte
}

type witness struct {
	sync.Mutex
	*cosigner
	key   ed25519.PrivateKey
	state string
	logs  map[string]*seen
}

func parseBody(body []byte) (old int64, proof tlog.TreeProof, rest []byte, err error) {
	i := bytes.Index(body, []byte("\n\n"))
	if i < 0 {
		return 0, nil, nil, errors.New("no blank line")
	}
	lines := strings.Split(string(body[:i]), "\n")
	if !strings.HasPrefix(lines[0], "old ") || len(lines) > 64 {
		return 0, nil, nil, errors.New("no old size, or too long a proof")
	}
	if old, err = decimal(lines[0][4:]); err != nil {
		return 0, nil, nil, err
	}
	for _, l := range lines[1:] {
		h, err := hash(l)
		if err != nil {
			return 0, nil, nil, err
		}
		proof = append(proof, h)
	}
	return old, proof, body[i+2:], nil
}

func (w *witness) add(body []byte) (int, string) {
	old, proof, raw, err := parseBody(body)
	if err != nil {
		return 400, err.Error()
	}
	i := bytes.LastIndex(raw, []byte("\n\n"))
	if i < 0 {
		return 400, "no note"
	}
	c, err := parseCheckpoint(string(raw[:i+1]))
	if err != nil {
		return 400, err.Error()
	}
	w.Lock()
	defer w.Unlock()
	l := w.logs[c.origin]
	if l == nil {
		return 404, "unknown log"
	}
	n, err := note.Open(raw, note.VerifierList(l.verifier))
	if err != nil {
		return 403, err.Error()
	}
	if old > c.size {
		return 400, "the old size is larger"
	}
	if old != l.size {
		return 409, fmt.Sprintf("%d\n", l.size)
	}
	switch {
	case c.size == 0 && c.root != sha256.Sum256(nil):
		return 422, "the empty tree has another root"
	case old == 0 && len(proof) != 0:
		return 422, "nothing is to be proved"
	case old == c.size && old != 0 && (c.root != l.root || len(proof) != 0):
		return 422, "another root"
	case old != 0 && old != c.size && tlog.CheckTree(proof, c.size, c.root, old, l.root) != nil:
		return 422, "no continuation"
	}
	line := w.sign([]byte(n.Text))
	all := append([]byte(nil), n.Text+"\n"...)
	for _, s := range n.Sigs {
		all = append(all, "\u2014 "+s.Name+" "+s.Base64+"\n"...)
	}
	all = append(all, line...)
	if err := keep(filepath.Join(w.state, name(c.origin)), all); err != nil {
		return 500, err.Error()
	}
	l.size, l.root, l.note = c.size, c.root, all
	return 200, line
}

func (w *witness) sign(text []byte) string {
	b := make([]byte, 12, 76)
	t := uint64(time.Now().Unix())
	binary.BigEndian.PutUint32(b, w.id)
	binary.BigEndian.PutUint64(b[4:], t)
	b = append(b, ed25519.Sign(w.key, message(text, t))...)
	return "\u2014 " + w.name + " " + base64.StdEncoding.EncodeToString(b) + "\n"
}

func name(origin string) string {
	h := sha256.Sum256([]byte(origin))
	return hex.EncodeToString(h[:])
}

func keep(path string, b []byte) error {
	f, err := os.Create(path + ".new")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	f.Close()
	if err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func (w *witness) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/add-checkpoint" && r.Method == "POST" {
		body, err := io.ReadAll(http.MaxBytesReader(out, r.Body, 1<<16))
		if err != nil {
			http.Error(out, "too long", 400)
			return
		}
		status, text := w.add(body)
		if status == 409 {
			out.Header().Set("Content-Type", "text/x.tlog.size")
		}
		out.WriteHeader(status)
		io.WriteString(out, text)
		return
	}
	w.Lock()
	defer w.Unlock()
	for origin, l := range w.logs {
		if r.URL.Path == "/"+name(origin)+"/checkpoint" && l.note != nil {
			out.Write(l.note)
			return
		}
	}
	http.NotFound(out, r)
}

func serve(address, who, state string, vkeys []string) error {
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	w := &witness{cosigner: newCosigner(who, pub), key: key, state: state, logs: map[string]*seen{}}
	for _, k := range vkeys {
		v, err := note.NewVerifier(k)
		if err != nil {
			return err
		}
		w.logs[v.Name()] = &seen{verifier: v}
	}
	fmt.Printf("%s+%08x+%s\n", who, w.id, base64.StdEncoding.EncodeToString(append([]byte{4}, pub...)))
	return http.ListenAndServe(address, w)
}

// ---- c2sp.org/tlog-tiles ----

type folder struct{ dir string }

// "tile/8/1/x001/067.p/3" is "tile/1/x001/067.p/3" there.
func path(t tlog.Tile) string {
	return strings.Replace(t.Path(), "tile/8/", "tile/", 1)
}

func (f folder) Height() int { return 8 }
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, t := range tiles {
		b, err := os.ReadFile(filepath.Join(f.dir, path(t)))
		if err != nil && t.W < 256 {
			whole := t
			whole.W = 256
			b, err = os.ReadFile(filepath.Join(f.dir, path(whole)))
		}
		if err != nil {
			return nil, err
		}
		if len(b) < t.W*tlog.HashSize {
			return nil, errors.New("a short tile: " + path(t))
		}
		out = append(out, b[:t.W*tlog.HashSize])
	}
	return out, nil
}
func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

// The entries of a tree of that size, in order.
func (f folder) entries(size int64, each func(i int64, entry []byte) error) error {
	for i := int64(0); i < size; {
		t := tlog.Tile{H: 8, L: -1, N: i / 256, W: 256}
		if size-i < 256 {
			t.W = int(size - i)
		}
		p := strings.Replace(t.Path(), "tile/8/data/", "tile/entries/", 1)
		b, err := os.ReadFile(filepath.Join(f.dir, p))
		if err != nil {
			b, err = os.ReadFile(filepath.Join(f.dir, strings.SplitN(p, ".p/", 2)[0]))
		}
		if err != nil {
			return err
		}
		for k := 0; k < t.W; k++ {
			if len(b) < 2 || len(b)-2 < int(binary.BigEndian.Uint16(b)) {
				return errors.New("a short bundle: " + p)
			}
			n := int(binary.BigEndian.Uint16(b))
			if err := each(i, b[2:2+n]); err != nil {
				return err
			}
			b = b[2+n:]
			i++
		}
	}
	return nil
}

func open(raw []byte, vkey string, witnesses []string) (c checkpoint, cosigned []string, err error) {
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return c, nil, err
	}
	list := []note.Verifier{v}
	for _, k := range witnesses {
		w, err := parseCosigner(k)
		if err != nil {
			return c, nil, err
		}
		list = append(list, w)
	}
	n, err := note.Open(raw, note.VerifierList(list...))
	if err != nil {
		return c, nil, err
	}
	own := false
	for _, s := range n.Sigs {
		if s.Name == v.Name() && s.Hash == v.KeyHash() {
			own = true
		} else {
			cosigned = append(cosigned, s.Name)
		}
	}
	if !own {
		return c, nil, errors.New("not signed by the log")
	}
	c, err = parseCheckpoint(n.Text)
	return c, cosigned, err
}

// Everything that the tiles claim: the root, each entry's place, and that each prefix is one.
func read(dir, vkey string, witnesses []string) error {
	f := folder{dir}
	raw, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return err
	}
	c, cosigned, err := open(raw, vkey, witnesses)
	if err != nil {
		return err
	}
	hashes := tlog.TileHashReader(tlog.Tree{N: c.size, Hash: c.root}, f)
	root, err := tlog.TreeHash(c.size, hashes)
	if err != nil || root != c.root {
		return fmt.Errorf("the tiles have another root: %v", err)
	}
	err = f.entries(c.size, func(i int64, entry []byte) error {
		p, err := tlog.ProveRecord(c.size, i, hashes)
		if err != nil {
			return err
		}
		return tlog.CheckRecord(p, c.size, c.root, i, tlog.RecordHash(entry))
	})
	if err != nil {
		return err
	}
	for n := int64(1); n <= c.size; n += 1 + c.size/50 {
		old, err := tlog.TreeHash(n, hashes)
		if err != nil {
			return err
		}
		p, err := tlog.ProveTree(c.size, n, hashes)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(p, c.size, c.root, n, old); err != nil {
			return err
		}
	}
	fmt.Println(c.origin, c.size, strings.Join(cosigned, " "))
	return nil
}

func receipt(file, vkey string) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	entry, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	i := bytes.Index(raw, []byte("\n\n"))
	if i < 0 {
		return errors.New("no blank line")
	}
	c, _, err := open(raw[i+2:], vkey, nil)
	if err != nil {
		return err
	}
	lines := strings.Split(string(raw[:i]), "\n")
	if len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "index ") {
		return errors.New("no proof")
	}
	index, err := decimal(lines[1][6:])
	if err != nil {
		return err
	}
	var p tlog.RecordProof
	for _, l := range lines[2:] {
		h, err := hash(l)
		if err != nil {
			return err
		}
		p = append(p, h)
	}
	return tlog.CheckRecord(p, c.size, c.root, index, tlog.RecordHash(entry))
}

func main() {
	err := errors.New("see the comment at the top of second.go")
	a := os.Args
	switch {
	case len(a) > 5 && a[1] == "serve":
		err = serve(a[2], a[3], a[4], a[5:])
	case len(a) > 3 && a[1] == "read":
		err = read(a[2], a[3], a[4:])
	case len(a) == 4 && a[1] == "receipt":
		err = receipt(a[2], a[3])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "second:", err)
		os.Exit(1)
	}
}
