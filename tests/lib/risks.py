#!/usr/bin/env python3
"""risks.py - what somebody gets out of a release of a view, in figures: the measures of Anonymeter.

	risks.py make DIR N		made-up people: N that are released, N that are not, and the spec
	risks.py adult DIR FOLDER	the same of Adult, half of it released
	risks.py single|link|infer|excluded DIR RELEASE.db [GUESSES]	an attack: exit 0 when it succeeds, 10 when not
	risks.py useful DIR RELEASE.db ERROR COLUMN=TAU...	what an analyst gets: exit 0 when it is enough

An attacker sees the release and the public hierarchies, and may know some of a person. What works
on people who were never released (control) is what the table is for: the risk is what works
better on those who were, (main - control) / (1 - control), at the upper end of Wilson's 95 %. An
attack that could not make the guesses asked of it says nothing either way: exit 2.
"""
import csv, json, math, os, random, sqlite3, sys
from collections import Counter, namedtuple
from itertools import combinations
from statistics import median

FAILED, VOID = 10, 2
Z = 1.96
World = namedtuple("World", "columns secrets main control cells released")


# ---- the tables -------------------------------------------------------------------------

JOBS = ["care nurse doctor", "trade clerk seller driver", "craft baker joiner smith", "none pupil retired"]
ILLS = ["none", "back", "heart", "lung", "skin", "nerves"]
SPENT = [0, 50, 100, 200, 400, 800]


def person(r):
    age = int(r.triangular(18, 90, 40))
    town = min(int(r.expovariate(0.18)), 19)
    group = 3 if age > 66 or age < 22 and r.random() < 0.7 else r.choice([0, 1, 1, 2]) if town < 8 else r.choice([1, 2, 2])
    jobs = JOBS[group].split()[1:]
    job = jobs[age > 40] if group == 3 else r.choices(jobs, [5, 3, 2][:len(jobs)])[0]
    pay = {"doctor": 2.6, "pupil": 0.4, "retired": 0.8, "nurse": 1.3}.get(job, 1) * (0.7 + min(age, 60) / 100)
    income = min(int(r.lognormvariate(math.log(3000 * pay), 0.35)), 14999)
    children = min(int(r.expovariate(1 / (0.3 + min(age, 45) / 30))), 5)
    usual = ["none", "back"] if age < 45 else ["back", "heart"] if age < 65 else ["heart", "lung"]
    ill = r.choice(usual) if r.random() < 0.85 else r.choice(ILLS)
    band = min(max(int(r.gauss(income / 1500, 1)), 0), 5)
    return [age, "t%02d" % town, job, income, children, ill, SPENT[band]]


def make(folder, n, seed):
    r = random.Random(seed)
    names = ["age", "town", "job", "income", "children", "ill", "spent"]
    write(folder, names, [person(r) for _ in range(2 * n)])
    with open(folder + "/town.csv", "w") as f:
        f.writelines("t%02d;area %d;*\n" % (t, t // 5) for t in range(20))
    with open(folder + "/job.csv", "w") as f:
        f.writelines("%s;%s;*\n" % (j, g.split()[0] + " work") for g in JOBS for j in g.split()[1:])
    grids = [("age", 18, 89), ("income", 0, 14999), ("children", 0, 5)]
    columns = [{"name": c, "is": "quasi", "grid": {"min": a, "max": b, "step": 1}} for c, a, b in grids]
    columns += [{"name": c, "is": "quasi", "hierarchy": c + ".csv"} for c in ("town", "job")]
    columns += [{"name": c, "is": "sensitive"} for c in ("ill", "spent")]
    spec(folder, columns)


def adult(folder, source):
    r = random.Random(20260301)
    with open(source + "/adult.csv") as f:
        rows = list(csv.DictReader(f, delimiter=";"))
    r.shuffle(rows)
    trees = ["sex", "race", "marital-status", "education", "native-country", "workclass"]
    names = ["age"] + trees + ["occupation", "salary-class"]
    write(folder, [x.replace("-", "_") for x in names], [[row[x] for x in names] for row in rows])
    columns = [{"name": "age", "is": "quasi", "grid": {"min": 0, "max": 99, "step": 1}}]
    for x in trees:
        columns.append({"name": x.replace("-", "_"), "is": "quasi",
                        "hierarchy": os.path.abspath("%s/adult_hierarchy_%s.csv" % (source, x))})
    columns += [{"name": c, "is": "sensitive"} for c in ("occupation", "salary_class")]
    spec(folder, columns)


def write(folder, names, rows):
    half = len(rows) // 2
    for name, part in ("people", rows[:half]), ("control", rows[half:2 * half]):
        with open("%s/%s.csv" % (folder, name), "w", newline="") as f:
            csv.writer(f).writerows([names] + part)


def spec(folder, columns):
    with open(folder + "/views.json", "w") as f:
        json.dump({"datasets": [{"name": "people", "title": "Made-up people", "from": "csv", "k": 10,
                                 "columns": columns}]}, f)


# ---- what an attacker has ---------------------------------------------------------------

class Column:
    """A public hierarchy: leaves in their order, and which of them a published cell stands for."""

    def __init__(self, spec, folder):
        self.name, self.cover = spec["name"], {}
        self.ordered = "grid" in spec
        if self.ordered:
            self.leaves = [str(x) for x in range(spec["grid"]["min"], spec["grid"]["max"] + 1)]
        else:
            with open(os.path.join(folder, spec["hierarchy"])) as f:
                paths = list(csv.reader(f, delimiter=";"))
            self.leaves = [p[0] for p in paths]
            for i, p in enumerate(paths):
                for node in set(p):
                    self.cover[node] = self.cover.get(node, ()) + (i,)
        self.at = {x: i for i, x in enumerate(self.leaves)}

    def leaves_of(self, cell):
        if cell not in self.cover:
            a, _, b = cell.partition("-")
            self.cover[cell] = range(self.at[a], self.at[b or a] + 1) if cell != "*" else range(len(self.leaves))
        return self.cover[cell]


def world(folder, release):
    with open(folder + "/views.json") as f:
        spec = json.load(f)["datasets"][0]["columns"]
    columns = [Column(c, folder) for c in spec if c["is"] == "quasi"]
    secrets = [c["name"] for c in spec if c["is"] == "sensitive"]

    def people(name):
        with open("%s/%s.csv" % (folder, name)) as f:
            return [[c.at[r[c.name]] for c in columns] + [r[s] for s in secrets] for r in csv.DictReader(f)]

    db = sqlite3.connect(release)
    names = ", ".join('"%s"' % x for x in [c.name for c in columns] + secrets)
    cells = [list(row) for row in db.execute("SELECT %s FROM people ORDER BY rowid" % names)]
    n = len(columns)
    released = [[c.leaves_of(x) for c, x in zip(columns, row)] + row[n:] for row in cells]
    return World(columns, secrets, people("people"), people("control"), cells, released)


def values(cell):
    """What a cell may have been: leaves, or the one value of a column that goes as it is."""
    return cell if isinstance(cell, (range, tuple)) else (cell,)


def masks(rows, width):
    """For each column, the rows (as bits) in which a value is possible."""
    out = [{} for _ in range(width)]
    for c in range(width):
        cells = {}
        for i, row in enumerate(rows):
            cells[row[c]] = cells.get(row[c], 0) | 1 << i
        for cell, m in cells.items():
            for v in values(cell):
                out[c][v] = out[c].get(v, 0) | m
    return out


def bits(m):
    out = []
    while m:
        out.append((m & -m).bit_length() - 1)
        m &= m - 1
    return out


def nearest(possible, row, which, n_rows):
    """The rows that most of the columns WHICH of somebody fit."""
    for wrong in range(len(which) + 1):
        found = 0
        for some in combinations(which, len(which) - wrong):
            m = (1 << n_rows) - 1
            for c in some:
                m &= possible[c].get(row[c], 0)
            found |= m
        if found:
            return found
    return 0


def wilson(hits, n):
    p, d = hits / n, 1 + Z * Z / n
    return (p + Z * Z / (2 * n)) / d, Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / d


def risk(what, hits, n, control_hits, control_n, most):
    """Is the risk, at the upper end of what it may be, above MOST?"""
    m, me = wilson(hits, n)
    c, ce = wilson(control_hits, control_n)
    r = (m - c) / (1 - c)
    upper = r + math.hypot(me / (1 - c), (m - 1) / (1 - c) ** 2 * ce)
    print("# %s: main %d of %d, control %d of %d: risk %.3f, at most %.3f (bound %.2f)" % (
        what, hits, n, control_hits, control_n, r, upper, most))
    return upper > most


def void(what, made, asked):
    if made < asked:
        print("# void: %s, %d guesses of %d" % (what, made, asked))
        sys.exit(VOID)


# ---- singling out -----------------------------------------------------------------------

def predicate(r, w, row, c, middle):
    """One column of a guess: this value, or all from it on to the end that is nearer."""
    if c >= len(w.columns) or not w.columns[c].ordered or r.random() < 0.5:
        return c, "is", row[c]
    return c, "from" if row[c] > middle[c] else "to", row[c]


def fits(possible, guess):
    m = -1
    for c, how, x in guess:
        if how == "is":
            m &= possible[c].get(x, 0)
            continue
        some = 0
        for v, rows in possible[c].items():
            if v >= x if how == "from" else v <= x:
                some |= rows
        m &= some
    return m


def one(m):
    return m != 0 and m & (m - 1) == 0


def guesses(r, w, asked, sizes, among):
    """Guesses at one person: of one in a table that the release could be of, drawn anew now and then."""
    made, possible, drawn, width = {}, None, None, len(w.columns) + len(w.secrets)
    for i in range(40 * asked):
        if len(made) == asked:
            break
        if i % 500 == 0:
            drawn = [[r.choice(x) if isinstance(x, (range, tuple)) else x for x in row] for row in w.released]
            possible = masks(drawn, width)
            middle = [median(row[c] for row in drawn) for c in range(len(w.columns))]
        row = r.choice(drawn)
        guess = tuple(sorted(predicate(r, w, row, c, middle) for c in r.sample(among, r.choice(sizes))))
        if one(fits(possible, guess)):
            made[guess] = True
    return list(made)


def by_secrets(w, main, control):
    """
    Told, and held by nothing: a class and the sensitive values that are once in it are true of
    one person. No k prevents that; it takes who knows what is sensitive of somebody already.
    """
    n, hits, made = len(w.columns), [0, 0], 0
    for row, times in Counter(map(tuple, w.released)).items():
        if times > 1:
            continue
        made += 1
        for i, table in enumerate((main, control)):
            m = -1
            for c, cell in enumerate(row):
                some = 0
                for v in values(cell):
                    some |= table[c].get(v, 0)
                m &= some
            hits[i] += one(m)
    print("# no bound: by a class and all that is sensitive, %d guesses: main %.3f, control %.3f" % (
        made, hits[0] / max(made, 1), hits[1] / max(made, 1)))


def single(w, asked):
    r, bad = random.Random(21), False
    n = len(w.columns)
    main, control = masks(w.main, n + len(w.secrets)), masks(w.control, n + len(w.secrets))
    fine = [c for c in range(n) if len(w.columns[c].leaves) > 200]
    for what, sizes, among, want in (("one column", [1], fine, min(asked, 1500)),
                                     ("several columns", range(2, n + 1), range(n), asked)):
        if not among:
            print("# " + what + ": none has so many values that one could single out")
            continue
        made = guesses(r, w, want, sizes, among)
        void(what, len(made), want)
        hits = [sum(one(fits(t, g)) for g in made) for t in (main, control)]
        bad |= risk("singled out by " + what, hits[0], want, hits[1], want, 0.05)
    by_secrets(w, main, control)
    return bad


# ---- linking ----------------------------------------------------------------------------

def link(w, asked):
    r, bad = random.Random(22), False
    width, n = len(w.columns) + len(w.secrets), len(w.released)
    possible = masks(w.released, width)
    left, right = list(range(0, width, 2)), list(range(1, width, 2))
    void("linking", min(len(w.main), len(w.control)), asked)
    hits = Counter()
    for which, people in ("main", w.main), ("control", w.control):
        theirs = masks(people, width)
        for i in r.sample(range(len(people)), asked):
            a, b = (bits(nearest(possible, people[i], side, n)) for side in (left, right))
            for near in 1, 10:
                rows = [set(r.sample(x, min(near, len(x)))) for x in (a, b)]
                hits[which, near] += not rows[0].isdisjoint(rows[1])
            # and whom among all whose other half is known: one who fits a row that he fits
            row, m = w.released[r.choice(a)], -1
            for c in right:
                some = 0
                for v in values(row[c]):
                    some |= theirs[c].get(v, 0)
                m &= some
            hits[which, 0] += m != 0 and r.choice(bits(m)) == i
    for near in 1, 10, 0:
        what = "linked by %d nearest rows" % near if near else "linked person to person"
        bad |= risk(what, hits["main", near], asked, hits["control", near], asked, 0.05)
    return bad


# ---- inferring --------------------------------------------------------------------------

def best_rows(w, people):
    """Of each of PEOPLE: how often each value of the secrets is in the rows that fit best."""
    n, classes, known = len(w.columns), {}, {}
    for row in w.released:
        counts = classes.setdefault(tuple(row[:n]), [Counter() for _ in w.secrets])
        for s, count in enumerate(counts):
            count[row[n + s]] += 1
    possible, classes = masks(list(classes), n), list(classes.values())
    for p in people:
        key = tuple(p[:n])
        if key not in known:
            found = [classes[i] for i in bits(nearest(possible, p, range(n), len(classes)))]
            known[key] = [sum(c, Counter()) for c in zip(*found)]
        yield p, known[key]


def first(counts):
    return max(counts.items(), key=lambda x: (x[1], x[0]))


def infer(w, asked):
    """By the value that most of the best rows have, and by one of them."""
    r, bad, at = random.Random(23), False, len(w.columns)
    void("inferring", min(len(w.main), len(w.control)), asked)
    hits, sure = Counter(), {}
    for which, people in ("main", w.main), ("control", w.control):
        for p, rows in best_rows(w, people[:asked]):
            for s, counts in enumerate(rows):
                n = sum(counts.values())
                value, times = first(counts)
                hits[which, s, "most"] += value == p[at + s]
                hits[which, s, "one"] += r.random() * n < counts[p[at + s]]
                middle, about = wilson(times, n)
                sure.setdefault((which, s), []).append((middle - about, r.random(), value == p[at + s]))
    for s, name in enumerate(w.secrets):
        for how in "most", "one":
            bad |= risk("%s inferred by %s of the best rows" % (name, how), hits["main", s, how], asked,
                        hits["control", s, how], asked, 0.10)
        bad |= precise(name, sure["main", s], sure["control", s])
    return bad


def precise(name, main, control):
    """Of the surest hundredth, how many more are right than of people who were not released?"""
    n = max(len(main) // 100, 1)
    right = [sum(x[2] for x in sorted(side, reverse=True)[:n]) / n for side in (main, control)]
    print("# %s, the surest 1 %%: %.3f right, control %.3f (bound: 0.10 more)" % (name, right[0], right[1]))
    return right[0] > right[1] + 0.10


def excluded(w, asked):
    """Somebody who knows of each person one value that it is not, and is sure of another."""
    bad, at, hits = False, len(w.columns), Counter()
    void("inferring", min(len(w.main), len(w.control)), asked)
    for which, people in ("main", w.main), ("control", w.control):
        for p, rows in best_rows(w, people[:asked]):
            for s, counts in enumerate(rows):
                others = Counter({v: n for v, n in counts.items() if v != p[at + s]})
                left = counts - Counter({first(others)[0]: sum(counts.values())}) if others else counts
                value, times = first(left) if left else ("", 0)
                sure = left and times * 10 >= sum(left.values()) * 9
                hits[which, s] += bool(sure and value == p[at + s])
                hits[which, s, "sure"] += bool(sure)
    for s, name in enumerate(w.secrets):
        main, control = hits["main", s] / asked, hits["control", s] / asked
        print("# %s with one value excluded: sure and right of %.4f, control %.4f (bound: 0.01 more; sure of %d and %d)" % (
            name, main, control, hits["main", s, "sure"], hits["control", s, "sure"]))
        bad |= main > control + 0.01
    return bad


# ---- use --------------------------------------------------------------------------------

def ranges(r, c):
    """What an analyst asks of a column: from one value to another, or a node of its tree."""
    if not c.ordered:
        nodes = [x for x in c.cover if len(c.cover[x]) < len(c.leaves)]
        return set(c.cover[r.choice(sorted(nodes))])
    a, b = sorted(r.sample(range(len(c.leaves)), 2))
    return set(range(a, b + 1))


def counted(w, asked, most):
    r, wrong = random.Random(1), []
    n = len(w.main)
    while len(wrong) < asked:
        two = r.sample(range(len(w.columns)), 2)
        want = [ranges(r, w.columns[c]) for c in two]
        true = sum(p[two[0]] in want[0] and p[two[1]] in want[1] for p in w.main)
        if true * 100 < n:
            continue
        share = [{x: len(want[i].intersection(w.columns[c].leaves_of(x))) / len(w.columns[c].leaves_of(x))
                  for x in {row[c] for row in w.cells}} for i, c in enumerate(two)]
        told = sum(share[0][row[two[0]]] * share[1][row[two[1]]] for row in w.cells)
        wrong.append(abs(told - true) / true)
    wrong.sort()
    print("# %d counts over two columns: wrong by %.4f in the middle, %.4f at nine tenths (bound %.2f)" % (
        asked, median(wrong), wrong[asked * 9 // 10], most))
    return median(wrong) <= most


def ranked(w, least):  # LEAST: of columns, by their names
    """Segments by what their people spent, as the table and as the release has them."""
    good, at = True, len(w.columns) + w.secrets.index("spent")
    for c, column in enumerate(w.columns):
        if column.name not in least:
            continue
        true, told = Counter(), Counter()
        for p in w.main:
            true[p[c]] += int(p[at])
        for row in w.released:
            for leaf in row[c]:
                told[leaf] += int(row[at]) / len(row[c])
        pairs = list(combinations(sorted(true), 2))
        tau = sum((d > 0) - (d < 0) for d in ((true[a] - true[b]) * (told[a] - told[b]) for a, b in pairs)) / len(pairs)
        print("# %d segments by %s, in the order of their sums: tau %.3f (bound %.2f)" % (len(true), column.name, tau, least[column.name]))
        good &= tau >= least[column.name]
    return good


def main():
    what, folder = sys.argv[1:3]
    if what == "make":
        return make(folder, int(sys.argv[3]), int(os.environ.get("PEOPLE_SEED", 1)))  # another seed: other people
    if what == "adult":
        return adult(folder, sys.argv[3])
    w = world(folder, sys.argv[3])
    if what == "useful":
        good = counted(w, 100, float(sys.argv[4]))
        least = {x: float(tau) for x, tau in (a.split("=") for a in sys.argv[5:])}
        return not (ranked(w, least) and good)
    attack = {"single": single, "link": link, "infer": infer, "excluded": excluded}[what]
    asked = int(sys.argv[4]) if len(sys.argv) > 4 else len(w.main)
    return 0 if attack(w, asked) else FAILED


if __name__ == "__main__":
    sys.exit(main())
