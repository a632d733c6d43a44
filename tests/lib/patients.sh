# patients.sh - a table of made-up patients, and what is to be published of it.

# patients DIR: DIR/patients.csv, 600 rows of 600 people, and DIR/views.json. Illness goes with
# age, so that a release that looks at k alone tells it.
patients() {
	awk 'function lot(n) { s = (s * 69069 + 1) % 2147483648; return int(s / 65536) % n }
	BEGIN {
		split("flu cold asthma gout", ill, " ")
		print "patient,age,place,ill"
		for (i = 0; i < 600; i++) {
			age = 20 + lot(60)
			printf "P%05d,%d,%s%d,%s\n", i, age, substr("ABCD", 1 + lot(4), 1), lot(3),
				ill[lot(10) == 0 ? 1 + lot(4) : 1 + int((age - 20) / 15)]
		}
	}' >"$1/patients.csv"
	for a in A B C D; do for b in 0 1 2; do echo "$a$b;$a;*"; done; done >"$1/place.csv"
	cat >"$1/views.json" <<-'JSON'
	{ "datasets": [ { "name": "patients", "title": "Who came", "from": "csv", "person": "patient", "k": 5,
	  "suppression": 0, "columns": [
	    { "name": "age", "is": "quasi", "grid": { "min": 20, "max": 79, "step": 5 } },
	    { "name": "place", "is": "quasi", "hierarchy": "place.csv" },
	    { "name": "ill", "is": "sensitive", "l": 2 } ] } ] }
	JSON
}
