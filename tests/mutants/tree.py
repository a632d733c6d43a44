# tree.py - scratch copies of the sources, built apart, and tests run in them.
#
# A bug is never planted in the work tree. The pristine copy is built first; each
# worker has a copy of that, objects and all, so that after a bug was planted one
# file is compiled and the programs its tests need are linked.
import os
import re
import select
import signal
import subprocess
import threading
import time

BUILD_LIMIT = 180	# seconds for one incremental build
OUTPUT_KEPT = 1 << 18	# bytes of what a test says: a bug may make it say things for ever
MEMORY_KB = 6 << 20	# or ask for memory for ever
RELEASE = "release"
FAILED = r"(?:not ok |# \S+\.[ch]:\d+: )"	# a test, or a check of one that goes on

# What the make that called us said must not reach the makes we call.
for word in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MAKEFILE_LIST", "N", "FILE",
	"SEED", "ONLY", "LIST", "BUG", "QUICK", "VARIANT", "SAN", "WEAK", "SCRIM_WEAK", "V"):
	os.environ.pop(word, None)

groups = set()		# process groups that are running
groups_lock = threading.Lock()


def end_group(pgid, child=None):
	"""Ask it to go, so that its traps clean up; then make it go."""
	for sig, tries in ((signal.SIGTERM, 60), (signal.SIGKILL, 40)):
		for n in range(tries):
			if child is not None:
				child.poll()	# else what is left of it counts as there
			try:
				os.killpg(pgid, sig if n == 0 else 0)
			except OSError:
				return
			time.sleep(0.005 if n < 10 else 0.05)


def folders_of(pgid):
	"""Temporary folders that a group still has open or was told of: a test that is ended
	does not get to remove its own."""
	out = set()
	for pid in filter(str.isdigit, os.listdir("/proc")):
		try:
			if os.getpgid(int(pid)) != pgid:
				continue
			seen = [os.readlink("/proc/%s/fd/%s" % (pid, fd))
				for fd in os.listdir("/proc/%s/fd" % pid)]
			seen.append(read("/proc/%s/cmdline" % pid).decode("utf-8", "replace"))
		except OSError:
			continue
		out.update(m for s in seen for m in re.findall(r"/tmp/scrim-[a-z]+-\w{6}(?!\w)", s))
	return out


def end_all():
	with groups_lock:
		left = list(groups)
	for g in left:
		end_group(g)


def run(cmd, cwd, limit, env=None, watch=None):
	"""(exit status or None when it took too long, output). Ends early when WATCH(line)."""
	p = subprocess.Popen(cmd, cwd=cwd, env=env, stdin=subprocess.DEVNULL,
		stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
	with groups_lock:
		groups.add(p.pid)
	os.set_blocking(p.stdout.fileno(), False)
	out, status, line = b"", None, b""
	until = time.monotonic() + limit
	quit_ = False
	try:
		while not quit_:
			left = until - time.monotonic()
			if left <= 0:
				break
			ready, _, _ = select.select([p.stdout], [], [], min(left, 0.2))
			data = p.stdout.read() if ready else None
			if data:
				out = (out + data)[-OUTPUT_KEPT:]
				*whole, line = (line[-OUTPUT_KEPT:] + data).split(b"\n")
				quit_ = watch is not None and any(watch(x) for x in whole)
			# a daemon left behind may hold the pipe: the child's end counts
			if p.poll() is not None and not data:
				break
		status = p.poll()
	finally:
		folders = folders_of(p.pid) if watch is not None else ()
		end_group(p.pid, p)
		p.wait()
		if folders:
			subprocess.run(["rm", "-rf"] + sorted(folders), check=False)
		p.stdout.close()
		with groups_lock:
			groups.discard(p.pid)
	if quit_ and status is None:
		status = 1
	return status, out.decode("utf-8", "replace")


def scratch():
	"""A folder for a test's own; short, for sockets lie in it."""
	r = subprocess.run(["mktemp", "-d", "/tmp/scrim-mutant.XXXXXX"], check=True,
		stdout=subprocess.PIPE)
	path = r.stdout.decode().strip()
	os.chmod(path, 0o711)	# daemons with users of their own pass through it
	return path


def sources():
	try:
		out = subprocess.run(["git", "ls-files", "-z", "-co", "--exclude-standard"],
			check=True, stdout=subprocess.PIPE,
			stderr=subprocess.DEVNULL).stdout.decode().split("\0")
		if any(out):
			return sorted(f for f in out if f and os.path.isfile(f))
	except (OSError, subprocess.CalledProcessError):
		pass
	out = []
	for dir_, dirs, files in os.walk("."):
		dirs[:] = [d for d in dirs if d not in ("build", "run", ".git")]
		out += [os.path.relpath(os.path.join(dir_, f), ".") for f in files]
	return sorted(out)


def read(path):
	with open(path, "rb") as f:
		return f.read()


class Guard:
	"""A test: a unit "crypto/test_keyd" or "scenario/marker.sh", perhaps "VARIANT:" before."""

	def __init__(self, word):
		self.word = word
		self.variant, self.test = word.split(":") if ":" in word else (RELEASE, word)
		self.script = self.test.endswith(".sh")
		self.lock = threading.Lock()
		self.took = None	# seconds on the pristine tree, once it passed there

	def targets(self):
		b = "build/" + self.variant
		if self.script:
			return ["all", "tools"]
		return [b + "/unit/" + self.test]

	def command(self):
		limit = "ulimit -v %d; " % MEMORY_KB if self.variant == RELEASE else ""
		what = ["bash", "tests/" + self.test] if self.script else \
			["build/%s/unit/%s" % (self.variant, self.test)]
		return ["bash", "-c", limit + 'exec "$@"', "bash"] + what


class Tree:
	def __init__(self, root, name):
		self.dir = os.path.join(root, name)
		self.name = name
		self.lock = threading.Lock()	# one make at a time

	def sync(self, files):
		"""Make it a copy of the work tree; what was changed here is put right, and new."""
		for f in files:
			to = os.path.join(self.dir, f)
			data = read(f)
			st = os.stat(f)
			fresh = not os.path.exists(to)
			if not fresh and read(to) == data:
				continue
			os.makedirs(os.path.dirname(to), exist_ok=True)
			with open(to + ".new", "wb") as o:
				o.write(data)
			os.chmod(to + ".new", st.st_mode & 0o777)
			if fresh:
				os.utime(to + ".new", ns=(st.st_atime_ns, st.st_mtime_ns))
			os.replace(to + ".new", to)
		want = set(files)
		for dir_, dirs, names in os.walk(self.dir):
			if os.path.samefile(dir_, self.dir):
				dirs[:] = [d for d in dirs if d != "build"]
			for n in names:
				f = os.path.relpath(os.path.join(dir_, n), self.dir)
				if f not in want:
					os.unlink(os.path.join(self.dir, f))

	def copy_build(self, other, variant):
		"""Take over what was built elsewhere, unless there is something here: true then."""
		src, dst = os.path.join(other, "build", variant), os.path.join(self.dir, "build")
		# .links: those to the layers' folders are relative, so they may be copied
		if os.path.exists(os.path.join(src, "inc", ".links")) and \
		    not os.path.isdir(os.path.join(dst, variant)):
			os.makedirs(dst, exist_ok=True)
			subprocess.run(["cp", "-a", src, dst], check=True)
			return True
		return False

	def make(self, variant, targets, jobs=1, limit=BUILD_LIMIT):
		san = variant[4:].replace("-", ",") if variant.startswith("san-") else ""
		cmd = ["make", "-s", "-j%d" % jobs, "VARIANT=" + variant] + \
			(["SAN=" + san] if san else []) + targets
		return run(cmd, self.dir, limit)

	def write(self, path, text):
		to = os.path.join(self.dir, path)
		with open(to + ".new", "w", encoding="utf-8") as o:
			o.write(text)
		os.replace(to + ".new", to)

	def limit_of(self, guard):
		if guard.took is None:
			return 300
		return (60 if guard.script else 20) + 3 * guard.took

	def test(self, guard):
		"""None when it passes, else why it does not; and how long it took."""
		tmp = scratch()
		env = dict(os.environ, VARIANT=guard.variant, LC_ALL="C.UTF-8", TMPDIR=tmp,
			TSAN_OPTIONS="report_thread_leaks=0")	# children killed on purpose
		began = time.monotonic()
		try:
			rc, out = run(guard.command(), self.dir, self.limit_of(guard), env,
				lambda line: re.match(FAILED.encode(), line) is not None)
		finally:
			subprocess.run(["rm", "-rf", tmp], check=False)
		took = time.monotonic() - began
		bad = re.search("^" + FAILED + ".*", out, re.M)
		if bad:
			return bad.group(0), took, out
		if rc is None:
			return "it did not end", took, out
		if rc != 0:
			return "exit status %d" % rc, took, out
		if not re.search(r"^1\.\.\d+", out, re.M):
			return "it ended before its plan", took, out
		return None, took, out
