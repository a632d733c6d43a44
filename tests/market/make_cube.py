#!/usr/bin/env python3
"""make_cube.py - a weekly cube and customers' RFM rows out of events, for tests of the page.

	make_cube.py OUT small [--people N] [--weeks N] [--rise CATEGORY:WEEK:FACTOR] [--week-first YYYY-Www]
	make_cube.py OUT FOLDER ...		events.csv.gz and customers.csv.gz of FOLDER

Writes OUT/week.db, its tables as analytics/cube/cube.h says, and OUT/rfm.csv. Folding is plain: a
cell of fewer than ten people joins its neighbour. No attacker was asked: these are made-up people.
"""
import csv, datetime, gzip, random, sqlite3, sys
from collections import defaultdict

FLOOR = 10
CHANNELS = ["app", "mini_program", "h5", "pc"]
BANDS = [2000, 5000, 10000, 20000, 30000, 50000]  # hundredths
BAND_NAMES = ["<20", "20-50", "50-100", "100-200", "200-300", "300-500", "500+"]
SEGMENTS = ["champions", "loyal", "promising", "new", "at_risk", "asleep", "looking"]
AGES = ["under 20", "20-29", "30-39", "40-49", "50-59", "60+"]


def option(name, usual):
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else usual


def small(people, weeks):
    """Events of made-up people from the Monday day 0: (day, hour, person, type, category, cents, channel)."""
    r = random.Random(20261126)
    persons = {i: (r.choices(AGES, [4, 30, 32, 18, 10, 6])[0], r.choice("FM"), f"region {r.randint(1, 9)}") for i in range(people)}
    busy = {i: r.lognormvariate(-0.9, 0.9) for i in persons}
    hours = [3, 2, 1, 1, 1, 1, 2, 4, 6, 7, 8, 8, 9, 8, 7, 7, 7, 8, 9, 11, 14, 16, 12, 7]
    events = []
    for i in persons:
        liked = r.randrange(16)
        for day in range(weeks * 7):
            chance = busy[i] * 0.16 * (1.25 if day % 7 >= 5 else 1)
            while chance > 0 and r.random() < chance:
                chance -= 1
                c = liked if r.random() < 0.4 else min(int(r.expovariate(0.28)), 15)
                hour, channel = r.choices(range(24), hours)[0], r.choices(range(4), [5, 3, 2, 1])[0]
                events.append((day, hour, i, "b", c + 1, 0, channel))
                if r.random() < 0.13:
                    events.append((day, hour, i, "p", c + 1, int(r.lognormvariate(4.6, 0.8) * 100), channel))
    return datetime.date(2026, 2, 2), persons, events


def given(folder):
    persons, events = {}, []
    with gzip.open(f"{folder}/customers.csv.gz", "rt") as f:
        for row in csv.DictReader(f):
            if row["consent_analytics"] == "1":
                age = int(row["age"] or 20)
                persons[int(row["customer_id"])] = (AGES[min(max(age // 10 - 1, 0), 5)], row["gender"], row["province"])
    with gzip.open(f"{folder}/events.csv.gz", "rt") as f:
        next(f)
        for line in f:
            minute, person, kind, category, _, cents, channel = line.rstrip("\n").split(",")
            if int(person) in persons:
                m = int(minute)
                events.append((m // 1440, m // 60 % 24, int(person), kind, int(category), int(cents or 0), int(channel)))
    return datetime.date(2024, 1, 1), persons, events


def plant(events, rule, people):
    """More visits of CATEGORY from WEEK on, by people who did not come for it: FACTOR as many."""
    category, week, factor = rule.split(":")
    category, week, factor = int(category), int(week), float(factor)
    r, more = random.Random(7), []
    for e in events:
        if e[4] == category and e[0] // 7 >= week and e[3] == "b" and r.random() < factor - 1:
            more.append((e[0], e[1], r.choice(people), "b", category, 0, e[6]))
    return events + more


def band_of(cents):
    return BAND_NAMES[sum(cents >= b for b in BANDS)]


def fold(cells):
    """Neighbours of {member: set of people}, in its order, until each has FLOOR people or none."""
    groups = [([m], set(p)) for m, p in cells if p]
    while True:
        few = next((i for i, g in enumerate(groups) if len(g[1]) < FLOOR), None)
        if few is None or len(groups) == 1:
            return [(m, p) for m, p in groups if len(p) >= FLOOR]
        to = few - 1 if few > 0 else 1
        a, b = sorted((few, to))
        groups[a:b + 1] = [(groups[a][0] + groups[b][0], groups[a][1] | groups[b][1])]


def name(members):
    return " | ".join(map(str, members))


class Cube:
    def __init__(self, path):
        self.db = sqlite3.connect(path)

    def table(self, table, dims, measures, rows):
        cols = ", ".join([f"{d} TEXT" for d in dims] + [f"{m} INTEGER" for m in measures] + ["folded INTEGER"])
        self.db.execute(f"CREATE TABLE {table} ({cols})")
        marks = ", ".join("?" * (len(dims) + len(measures) + 1))
        self.db.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)


def iso(first, week):
    y, w, _ = (first + datetime.timedelta(7 * week)).isocalendar()
    return f"{y}-W{w:02d}"


def segment_of(orders, day, much):
    """Of one person's orders (day, cents) by the evening of DAY."""
    past = [o for o in orders if day - 280 < o[0] <= day]
    if not past:
        return "looking"
    since, n = day - past[-1][0], len(past)
    if n >= 4 and since < 56 and sum(o[1] for o in past) >= much:
        return "champions"
    if n >= 3:
        return "loyal" if since < 91 else "at_risk"
    return ("promising" if n == 2 else "new") if since < 91 else "asleep"


def make(out, first, persons, events):
    cube = Cube(f"{out}/week.db")
    weeks = max(e[0] for e in events) // 7 + (max(e[0] for e in events) % 7 == 6)
    events = sorted(e for e in events if e[0] < weeks * 7)
    by_week = [[] for _ in range(weeks)]
    orders = defaultdict(list)
    for e in events:
        by_week[e[0] // 7].append(e)
        if e[3] == "p":
            orders[e[2]].append((e[0], e[5], e[4]))
    categories = sorted({e[4] for e in events})
    spent = sorted((sum(o[1] for o in v) for v in orders.values()), reverse=True)
    much = spent[len(spent) // 20] if spent else 0
    rows = defaultdict(list)
    for w, es in enumerate(by_week):
        label = iso(first, w)
        bought = [e for e in es if e[3] == "p"]
        buyers = {e[2] for e in bought}
        again = {p for p in buyers if orders[p][0][0] < w * 7}
        rows["week"].append((label, len({e[2] for e in es}), len(buyers), len(bought), sum(e[5] for e in bought), len(again), 1))

        def cells(key, of=None):
            got = defaultdict(set)
            for e in es if of is None else of:
                got[key(e)].add(e[2])
            return got

        def folded(table, order, got, of=None):
            for members, people in fold([(m, got.get(m, ())) for m in order]):
                own = [e for e in of if e[4] in members] if table == "buyers_category" else None
                more = (len(own), sum(e[5] for e in own)) if own is not None else ()
                if table == "buyers_band":
                    more = (sum(band_of(e[5]) in members for e in bought),)
                rows[table].append((label, name(f"Category {m}" if "category" in table else m for m in members), len(people), *more, len(members)))
        folded("visitors_category", categories, cells(lambda e: e[4]))
        folded("buyers_category", categories, cells(lambda e: e[4], bought), bought)
        folded("buyers_band", BAND_NAMES, cells(lambda e: band_of(e[5]), bought))
        folded("buyers_weekday", range(1, 8), cells(lambda e: e[0] % 7 + 1, bought))
        for c, channel in enumerate(CHANNELS):
            got = cells(lambda e: e[1], [e for e in es if e[6] == c])
            for members, people in fold([(h, got.get(h, ())) for h in range(24)]):
                rows["visitors_hour"].append((label, channel, name(members), len(people), len(members)))
        day = w * 7 + 6
        if w >= weeks - 14 or w % 4 == 0:
            of = {p: segment_of(orders[p], day, much) for p in persons}
            if w >= weeks - 14:
                segment_rows(rows, label, of, bought, persons, es, w == weeks - 1)
        if w >= 26:
            ago = {p: segment_of(orders[p], day - 91, much) for p in persons}
            since = {p: sum(day - 91 < o[0] <= day for o in orders[p]) for p in persons}
            for members, people in fold([(s, {p for p in ago if ago[p] == s}) for s in SEGMENTS]):
                rows["quarters"].append((label, name(members), len(people), sum(since[p] > 0 for p in people), sum(since[p] for p in people), len(members)))
    months(rows, first, weeks, orders, categories)
    rows["caps"] = [(iso(first, w), 200000, 1) for w in range(weeks)]
    last = first + datetime.timedelta(7 * weeks - 1)
    rows["calendar"] = [(weeks, str(first), str(last), str(last + datetime.timedelta(1)), str(last + datetime.timedelta(8)), 1)]
    for table, dims, measures in TABLES:
        cube.table(table, dims, measures, sorted(rows[table]))
    cube.db.commit()
    release_rows(out, orders, weeks * 7 - 1)


def segment_rows(rows, label, of, bought, persons, es, last):
    got = defaultdict(set)
    for p, s in of.items():
        got[s].add(p)
    sums = defaultdict(lambda: [0, 0])
    for e in bought:
        sums[e[2]][0] += 1
        sums[e[2]][1] += e[5]
    for members, people in fold([(s, got[s]) for s in SEGMENTS]):
        own = [sums[p] for p in people if p in sums]
        rows["segments"].append((label, name(members), len(people), len(own), sum(o[0] for o in own), sum(o[1] for o in own), len(members)))
    used = defaultdict(lambda: defaultdict(int))
    for e in es:
        used[e[2]][CHANNELS[e[6]]] += 1
    channel = {p: max(u, key=u.get) for p, u in used.items()}
    for i, trait in enumerate(["age", "sex", "region"] + ["channel"]):
        values = CHANNELS if trait == "channel" else AGES if trait == "age" else sorted({p[i] for p in persons.values()})
        for s in SEGMENTS:
            by = defaultdict(set)
            for p in got[s]:
                v = channel.get(p) if trait == "channel" else persons[p][i]
                if v is not None:
                    by[v].add(p)
            for members, people in fold([(v, by.get(v, ())) for v in values]):
                if last or trait == "age":
                    rows["segment_" + trait].append((label, s, name(members), len(people), len(members)))


def months(rows, first, weeks, orders, categories):
    end = first + datetime.timedelta(7 * weeks)

    def month(day):
        d = first + datetime.timedelta(day)
        return d.year * 12 + d.month - 1
    text = lambda m: f"{m // 12}-{m % 12 + 1:02d}"
    whole = end.year * 12 + end.month - 1
    matrix, bands = defaultdict(set), defaultdict(set)
    for p, os in orders.items():
        start = month(os[0][0]) if os else None
        for day, cents, category in os:
            if month(day) < whole:
                matrix[(start, month(day))].add(p)
                bands[(month(day), category, band_of(cents))].add(p)
    for a in sorted({k[0] for k in matrix}):
        if len(matrix[a, a]) >= FLOOR:
            rows["cohorts"].append((text(a), text(a), len(matrix[a, a]), 1))
            for members, people in fold([(text(b), matrix[a, b]) for b in range(a + 1, whole) if (a, b) in matrix]):
                rows["cohorts"].append((text(a), name(members), len(people), len(members)))
    for m in {k[0] for k in bands}:
        for c in categories:
            for members, people in fold([(b, bands.get((m, c, b), ())) for b in BAND_NAMES]):
                rows["month_category_band"].append((text(m), f"Category {c}", name(members), len(people), len(members)))


TABLES = [
    ("week", ["week"], ["visitors", "buyers", "orders", "revenue", "bought_before"]),
    ("visitors_category", ["week", "category"], ["visitors"]),
    ("buyers_category", ["week", "category"], ["buyers", "orders", "revenue"]),
    ("buyers_band", ["week", "band"], ["buyers", "lines"]),
    ("visitors_hour", ["week", "channel", "hour"], ["visitors"]),
    ("buyers_weekday", ["week", "weekday"], ["buyers"]),
    ("segments", ["week", "segment"], ["people", "buyers", "orders", "revenue"]),
    ("segment_age", ["week", "segment", "value"], ["people"]),
    ("segment_sex", ["week", "segment", "value"], ["people"]),
    ("segment_region", ["week", "segment", "value"], ["people"]),
    ("segment_channel", ["week", "segment", "channel"], ["people"]),
    ("cohorts", ["first_month", "month"], ["buyers"]),
    ("month_category_band", ["month", "category", "band"], ["buyers"]),
    ("quarters", ["quarter", "segment"], ["people", "buyers", "orders"]),
    ("caps", ["week"], ["cap"]),
    ("calendar", ["number", "from_day", "to_day", "made", "next"], []),
]


def release_rows(out, orders, day):
    """Weeks since the last order, orders and whole yuan of 40 weeks, and the favourite category."""
    with open(f"{out}/rfm.csv", "w") as f:
        for p, os in sorted(orders.items()):
            past = [o for o in os if day - 280 < o[0] <= day]
            if not past:
                continue
            liked = defaultdict(int)
            for o in past:
                liked[o[2]] += 1
            favourite = min(liked, key=lambda c: (-liked[c], c))
            f.write(f"{(day - past[-1][0]) // 7},{len(past)},{sum(o[1] for o in past) // 100},Category {favourite},{p}\n")


if __name__ == "__main__":
    out, what = sys.argv[1:3]
    first, persons, events = small(int(option("--people", 3000)), int(option("--weeks", 43))) if what == "small" else given(what)
    if "--rise" in sys.argv:
        events = plant(events, option("--rise", ""), sorted(persons))
    if "--weeks" in sys.argv:
        events = [e for e in events if e[0] < int(option("--weeks", 0)) * 7]
    make(out, first, persons, events)
