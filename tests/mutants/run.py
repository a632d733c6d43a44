# run.py - `make mutants`: plants one small bug after the other and asks the tests.
#
# The list is the bugs with names (planted.txt) and some generated ones, drawn
# anew for every commit from the files that carry a promise (guards.txt). A bug
# that no test of its file notices survives and is shown as a diff.
#
#	N=20			a sample: half with names, half generated
#	FILE=op_open		only that promise or file
#	ONLY=planted|generated
#	SEED=...		instead of the commit
#	LIST=1			say which, run nothing
#	QUICK=1			units only, or three stories where there are none
#	BUG="... ..."		only those whose name begins with one of these
#	JOBS=2			at a time
#
# Exit status 1: fewer than 98 % died (of a sample: so few that it is no chance), more than 3 % are called equivalent, or a
# row of the lists does not fit the sources any more.
import fcntl
import math
import os
import signal
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

opt = {k: os.environ.get(k, "") for k in ("N", "FILE", "ONLY", "SEED", "LIST", "BUG", "QUICK",
	"JOBS", "CC", "MUTANT_CFLAGS")}

import generate		# noqa: E402 (the options are read before tree.py clears them)
import tables		# noqa: E402
import tree		# noqa: E402

PER_PROMISE = 10
SCORE_MIN = 98.0
EQUIVALENT_MAX = 3.0
ROOT = os.environ.get("MUTANT_ROOT", "build/mutants")
# A swapped argument of another type is caught by the compiler, not by a test.
TYPES = ["-Werror=incompatible-pointer-types", "-Werror=int-conversion",
	"-Werror=discarded-qualifiers", "-Werror=implicit-function-declaration"]
say_lock = threading.Lock()


def say(*words):
	with say_lock:
		print(*words, flush=True)


def read(path):
	"""A source as it was when the run began, whatever is edited meanwhile."""
	with open(os.path.join(ROOT, "pristine", path), encoding="utf-8") as f:
		return f.read()


def seed():
	if opt["SEED"]:
		return opt["SEED"]
	r = subprocess.run(["git", "rev-parse", "HEAD"], stdout=subprocess.PIPE,
		stderr=subprocess.DEVNULL, check=False)
	return r.stdout.decode().strip() or "no commit"


# ---- drawing -----------------------------------------------------------------

class Compiler:
	"""Says whether a mutant compiles to anything else than the file did."""

	def __init__(self, pristine):
		self.pristine = pristine
		self.plain = {}

	def build(self, path, text):
		layer = path.split("/")[0]
		work = os.path.join(self.pristine.dir, "build", "draw")
		os.makedirs(os.path.join(work, os.path.dirname(path)), exist_ok=True)
		stem = os.path.join(work, path)
		with open(stem, "w", encoding="utf-8") as f:
			f.write(text)
		cmd = [opt["CC"] or "gcc"] + opt["MUTANT_CFLAGS"].split() + TYPES + ["-g0",
			"-Ibuild/release/inc/" + layer, "-I.", "-c",
			os.path.join("build/draw", path),
			"-o", os.path.join("build/draw", path + ".o")]
		r = subprocess.run(cmd, cwd=self.pristine.dir, stdout=subprocess.DEVNULL,
			stderr=subprocess.DEVNULL, check=False)
		return tree.read(stem + ".o") if r.returncode == 0 else None

	def accepts(self, path, text, mutated):
		if path not in self.plain:
			self.plain[path] = self.build(path, text)
		o = self.build(path, mutated)
		return o is not None and o != self.plain[path]


def draw(promise, seed_, want, compiler):
	"""The first WANT that compile, of each kind in turn, in an order the seed decides."""
	texts = {f: read(f) for f in promise.files()}
	by_kind = {}
	for f, text in texts.items():
		for m in generate.candidates(f, text):
			by_kind.setdefault(m.kind, []).append(m)
	for v in by_kind.values():
		v.sort(key=lambda m: m.digest(seed_))
	kinds = sorted(by_kind, key=lambda k: generate.hashlib.sha256(
		(seed_ + promise.name + k).encode()).hexdigest())
	out = []
	while len(out) < want and any(by_kind.values()):
		for k in kinds:
			while by_kind[k] and len(out) < want:
				m = by_kind[k].pop(0)
				if compiler.accepts(m.path, texts[m.path], m.apply(texts[m.path])):
					out.append(m)
					break
	return out


def in_turn(things, jobs, work):
	"""work(thing) for each, JOBS at a time; the results in order."""
	out = [None] * len(things)
	todo = list(enumerate(things))
	lock = threading.Lock()
	failed = []

	def loop(worker):
		while not failed:
			with lock:
				if not todo:
					return
				i, t = todo.pop(0)
			try:
				out[i] = work(t, worker)
			except BaseException as e:	# noqa: B902 (handed to the caller)
				failed.append(e)

	threads = [threading.Thread(target=loop, args=(w,), daemon=True) for w in range(jobs)]
	for t in threads:
		t.start()
	for t in threads:
		while t.is_alive():
			t.join(0.5)
	if failed:
		raise failed[0]
	return out


def by_seed(seed_, things, name):
	return sorted(things, key=lambda t: generate.hashlib.sha256(
		(seed_ + "\0" + name(t)).encode()).hexdigest())


def wanted(path, promise):
	f, stem = opt["FILE"], os.path.basename(path)[:-2]
	named = opt["BUG"].split()
	if named and all(":" in b and b.split(":")[0] != stem for b in named):
		return False
	return not f or f in (promise.name, path, stem)


def choose(promises, pristine, jobs):
	"""The list of this run."""
	s = seed()
	n = int(opt["N"] or 0)
	planted, drawn = [], []
	if opt["ONLY"] != "generated":
		for p in tables.read_planted():
			q = tables.promise_of(promises, p.path)
			if q is None:
				raise tables.Stale("%s: no tests guard %s (guards.txt)" %
					(p.label, p.path))
			if wanted(p.path, q):
				planted.append(p)
	if opt["ONLY"] != "planted":
		drawn = [p for p in promises if p.drawn and any(wanted(f, p) for f in p.files())]
	each = PER_PROMISE
	if n:
		planted = by_seed(s, planted, lambda p: p.label)[:n - n // 2 if drawn else n]
		if drawn:
			left = n - len(planted)
			drawn = by_seed(s, drawn, lambda p: p.name)[:left]
			each = max(1, -(-left // len(drawn))) if drawn else 0
	compilers = [Compiler(pristine) for _ in range(jobs)]
	got = in_turn(drawn, jobs, lambda p, w: draw(p, s, each, compilers[w]))
	made = [m for ms in got for m in ms if wanted(m.path, tables.promise_of(promises, m.path))]
	if n:
		made = made[:n - len(planted)]
	return s, [m for m in planted + made if m.name().startswith(tuple(opt["BUG"].split()) or "")]


# ---- one mutant ----------------------------------------------------------------

class Verdict:
	def __init__(self, mutant, what, by="", why="", seconds=0.0):
		self.mutant, self.what, self.by, self.why = mutant, what, by, why
		self.seconds = seconds


class Baseline(Exception):
	pass


def checked(guard, pristine):
	"""Before a test may judge, it must pass where there is no bug. Once a run."""
	with guard.lock:
		if guard.took is not None:
			return
		for _ in range(2):
			with pristine.lock:
				pristine.copy_build(".", guard.variant)
				rc, out = pristine.make(guard.variant, guard.targets(), 2, 900)
			if rc != 0:
				raise Baseline("%s cannot be built:\n%s" %
					(guard.word, out[-2000:]))
			why, took, out = pristine.test(guard)
			if why is None:
				guard.took = took
				return
		raise Baseline("%s fails without any bug planted: %s\n%s" %
			(guard.word, why, out[-2000:]))


def diff(path, old, new, context=3):
	"""Unified, one hunk."""
	a, b = old.split("\n"), new.split("\n")
	i = 0
	while i < min(len(a), len(b)) and a[i] == b[i]:
		i += 1
	j = 0
	while j < min(len(a), len(b)) - i and a[-1 - j] == b[-1 - j]:
		j += 1
	lo, ea, eb = max(0, i - context), len(a) - j, len(b) - j
	tail = a[ea:ea + context]
	return "\n".join(["--- a/" + path, "+++ b/" + path, "@@ -%d,%d +%d,%d @@" % (lo + 1,
		ea - lo + len(tail), lo + 1, eb - lo + len(tail))] + [" " + x for x in a[lo:i]] +
		["-" + x for x in a[i:ea]] + ["+" + x for x in b[i:eb]] + [" " + x for x in tail])


class Runner:
	def __init__(self, pristine, trees, promises, equivalent):
		self.pristine, self.trees, self.promises = pristine, trees, promises
		self.equivalent = equivalent
		self.guards = {}
		self.lock = threading.Lock()

	def guard(self, word):
		with self.lock:
			return self.guards.setdefault(word, tree.Guard(word))

	def judge(self, m, t, bad, began):
		guards = [self.guard(w) for w in tables.guards_of(self.promises, m.path)]
		if opt["QUICK"]:
			guards = [g for g in guards if not g.script and
				g.variant == tree.RELEASE] or guards[:3]
		done = set()
		for i, g in enumerate(guards):
			checked(g, self.pristine)
			if t.copy_build(self.pristine.dir, g.variant):
				t.write(m.path, bad)	# newer than the objects that came
			if g.word not in done:	# the first few alone, for most die there
				batch = [g] if i < 3 else [h for h in guards[i:]
					if h.variant == g.variant]
				targets = list(dict.fromkeys(x for h in batch for x in h.targets()))
				rc, out = t.make(g.variant, targets)
				if rc != 0:
					return Verdict(m, "broken",
						why="does not build\n" + out[-1500:])
				done.update(h.word for h in batch)
			why, _, _ = t.test(g)
			if why is not None and g.script and why.startswith("not ok"):
				why, _, _ = t.test(g)	# a story must tell it twice
			if why is not None:
				return Verdict(m, "killed", g.word, why, time.monotonic() - began)
		return Verdict(m, "SURVIVED", seconds=time.monotonic() - began)

	def __call__(self, m, worker):
		t = self.trees[worker]
		text = read(m.path)
		key = (m.path, getattr(m, "function", ""), m.kind,
			getattr(m, "old_lines", ""), getattr(m, "new_lines", ""))
		if key in self.equivalent:
			return self.tell(Verdict(m, "equivalent", why=self.equivalent[key]),
				text, "")
		began = time.monotonic()
		try:
			bad = m.apply(text)
		except tables.Stale as e:
			return self.tell(Verdict(m, "STALE", why=str(e)), text, "")
		try:
			t.write(m.path, bad)
			v = self.judge(m, t, bad, began)
		finally:
			t.write(m.path, text)
		return self.tell(v, text, bad)

	def tell(self, v, text, bad):
		line = "%-10s %s" % (v.what, v.mutant.name())
		if v.what == "killed":
			line += "  by %s in %d s (%s)" % (v.by, v.seconds, v.why[:60])
		elif v.what == "SURVIVED":
			line += "  in %d s\n%s" % (v.seconds, diff(v.mutant.path, text, bad))
		elif v.why:
			line += "  " + v.why
		say(line)
		return v


# ---- all of them ----------------------------------------------------------------

def room_for(n):
	"""How many of a sample of N may live before it says that too many of all do: where
	SCORE_MIN of all die, more than that are seen in one sample of a hundred."""
	p = 1 - SCORE_MIN / 100
	seen = k = 0
	while True:
		seen += math.comb(n, k) * p ** k * (1 - p) ** (n - k)
		if seen >= 0.99:
			return k
		k += 1


def summary(promises, verdicts, stale, began):
	say("\n%-14s %6s %9s %11s %6s" % ("promise", "killed", "survived", "equivalent", "stale"))
	for p in promises:
		row = [v.what for v in verdicts if tables.promise_of(promises, v.mutant.path) is p]
		if row:
			say("%-14s %6d %9d %11d %6d" % (p.name, row.count("killed"),
				row.count("SURVIVED"), row.count("equivalent"),
				row.count("STALE") + row.count("broken")))
	for s in stale:
		say("STALE      " + s)
	what = [v.what for v in verdicts]
	killed, equal, lived = (what.count(w) for w in ("killed", "equivalent", "SURVIVED"))
	bad = len(what) - killed - equal - lived + len(stale)
	judged = len(what) - equal
	score = 100.0 * killed / judged if judged else 0.0
	share = 100.0 * equal / len(what) if what else 0.0
	too_many = equal > max(1, len(what) * EQUIVALENT_MAX / 100)
	room = room_for(judged) if opt["N"] else judged * (100.0 - SCORE_MIN) / 100
	ok = lived <= room and not too_many and bad == 0 and judged > 0
	say("\nscore %.1f %% (%d of %d died; %g %% must%s), %d equivalent (%.1f %%; %g %% may be), "
		"%d stale" % (score, killed, judged, SCORE_MIN,
		", so a sample may show %d alive" % room if opt["N"] else "", equal, share,
		EQUIVALENT_MAX, bad))
	say("in %d s" % (time.monotonic() - began))
	# a survivor within the score's room is shown above, and fails nothing
	say("%d passed, %d failed" % (killed + equal, 0 if ok else max(1, lived + bad)))
	return ok


def stop(signum, _frame):
	raise SystemExit(128 + signum)


def prepare(jobs):
	files = tree.sources()
	pristine = tree.Tree(ROOT, "pristine")
	pristine.sync(files)
	pristine.copy_build(".", "release")
	rc, out = pristine.make("release", ["build/release/inc/.links"])
	if rc != 0:
		raise Baseline("the tree cannot be built:\n" + out[-2000:])
	return pristine, files


def main():
	signal.signal(signal.SIGTERM, stop)
	signal.signal(signal.SIGHUP, stop)
	began = time.monotonic()
	os.makedirs(ROOT, exist_ok=True)
	lock = open(os.path.join(ROOT, "lock"), "w", encoding="utf-8")
	try:
		fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
	except OSError as e:
		raise Baseline("another run works in %s" % ROOT) from e
	jobs = int(opt["JOBS"] or os.cpu_count() or 2)
	promises = tables.read_promises()
	pristine, files = prepare(jobs)
	equivalent, stale = tables.read_equivalent()
	s, chosen = choose(promises, pristine, jobs)
	say("%d mutants, drawn by %s" % (len(chosen), s[:12]))
	if opt["LIST"]:
		for m in chosen:
			try:
				text = read(m.path)
				say("\n== %s\n%s" % (m.name(), diff(m.path, text, m.apply(text))))
			except tables.Stale as e:
				stale.append(str(e))
		for line in stale:
			say("STALE      " + line)
		return not stale
	guards = {w for m in chosen for w in tables.guards_of(promises, m.path)}
	needed = {x for w in guards for x in tree.Guard(w).targets() if ":" not in w}
	rc, out = pristine.make("release", sorted(needed), jobs, 1200)
	if rc != 0:
		raise Baseline("the tree cannot be built:\n" + out[-2000:])
	trees = [tree.Tree(ROOT, "worker-%d" % w) for w in range(jobs)]
	for t in trees:
		t.sync(files)
	runner = Runner(pristine, trees, promises, equivalent)
	verdicts = in_turn(chosen, jobs, runner)
	return summary(promises, verdicts, stale, began)


if __name__ == "__main__":
	try:
		good = main()
	except (tables.Stale, Baseline) as e:
		say("mutants: %s\n0 passed, 1 failed" % e)
		good = False
	finally:
		tree.end_all()
	sys.exit(0 if good else 1)
