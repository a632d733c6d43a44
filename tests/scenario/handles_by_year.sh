#!/bin/bash
# What the logs call somebody is another name each year: who saw them is asked of all years, and of a
# year whose key is destroyed nobody can say it any more, also where a backup still has the key.
# timeout: 200
. "$(dirname "$0")/../lib/world.sh"

world_new
clock_new
clock_noon
world_any_age
mkdir "$W/backup"
echo '[]' | world_routes -
world_up
J='Content-Type: application/json'
YEAR=$(date -u +%Y)

scrim() { "$BIN/scrim" "$@" --config "$W/scrim.json" 2>"$W/err"; }
seal() { # WHO
	jq -cn --arg s "$1" '{ items: [{ class: "name", value: "Ann Example", subject: $s }] }' |
		world_curl order_system -H "$J" --data-binary @- "$URL/v1/seal" | jq -r '.items[0].token'
}
state() { # TOKEN
	jq -cn --arg t "$1" '{ items: [{ token: $t }] }' |
		world_curl order_system -H "$J" -H 'Scrim-Purpose: delivery' --data-binary @- "$URL/v1/reveal" | jq -r '.items[0].status'
}
opens() { [ "$(state "$1")" = ok ]; }
saw() { # WHO [more]: by year, how often they were seen, and how many names that was under
	scrim audit show --keyd --kind reveal --person "$1" --json "${@:2}" >"$W/saw"
	jq -s '"\(length) \([.[].entry.what.subjects[]] | unique | length)"' -r "$W/saw"
}
merge() { # FROM INTO
	world_curl order_system -o /dev/null -w '%{http_code}' -H 'Scrim-Purpose: order_processing' -H "$J" \
		-d "$(jq -nc --arg f "$1" '{from:$f}')" "$URL/v1/subjects/$2/merge"
}
turn() { # DAYS since the start: keyd lives through them
	clock_ahead "$1"
	clock_runs "$1"
	await 20 has_year "$2"
}
has_year() { # the day's books too: they are opened in the second behind such a leap
	scrim keys status --json | jq -e --arg y "$1" 'any(.keys[]; .kind == "year" and .name == $y)' >/dev/null && opens "$bob"
}
year() { scrim keys status --json | jq -r --arg y "$1" '.keys[] | select(.kind == "year" and .name == $y).state'; }
log_of() { scrim audit show --keyd --json "$@"; }

ann=$(seal ann) bob=$(seal bob)
is "this year's name has a key, and the next one's" "$(year $YEAR) $(year $((YEAR + 1)))" "active active"
ok "somebody is seen" opens "$ann"
ok "and somebody else" opens "$bob"
is "who saw them is told by their id" "$(saw ann)" "1 1"
is "of nobody nothing is" "$(saw nobody)" "0 0"
ok "that it was asked is in keyd's log, with who asked" \
	jq -es 'length == 2 and all(.[].entry; .who.principal == "uid-'"$(id -u)"'" and (.what.subjects | length) == 1)' <(log_of --kind search)
no "and no id is in any log" grep -rqaE 'subject.{1,4}ann|"(ann|bob|nobody)"' "$W/run/log" "$W/run/keyd/log"
no "a name and handles at once are a mistake" scrim audit show --keyd --person ann --subject 00

# two years go by
ok "a year begins while keyd runs" turn 366 $((YEAR + 2))
ok "they are seen in it" opens "$ann"
ok "and another one" turn 732 $((YEAR + 3))
ok "they are seen there too" opens "$ann"
is "they have another name in each, and all are asked" "$(saw ann)" "3 3"
h=$(jq -rs '.[0].entry.what.subjects[0]' "$W/saw")
is "by one of them that year alone" "$(log_of --kind reveal --subject "$h" | wc -l)" 1
is "by two of them both" "$(log_of --kind reveal --subject "$h,$(jq -rs '.[1].entry.what.subjects[0]' "$W/saw")" | wc -l)" 2
ok "scrimd's log has the same names" await 10 eval '[ "$(scrim audit show --person ann --json | jq -rs "[.[].entry | select(.outcome.keyd).what.subjects[]] | unique | length")" = 3 ]'
ok "each year's key is told of" jq -es --arg y "handles of $((YEAR + 3))" 'any(.[].entry; .outcome.why == $y)' <(log_of --kind admin)

# behind the backup: a merge, and the end of a year
guest=$(seal guest)
ok "a backup is taken" scrim keys backup --demo "$W/backup"
is "a guest becomes an account that had nothing" "$(merge guest account)" 200
ok "the merge says whose it is for keyd alone" jq -es '[.[].entry | select(.act == "subjects.merge" and .outcome.result == "ok")] | length == 1 and (.[0].what.whose | length) == 96' <(log_of --kind admin)

no "without --yes no year ends" scrim keys destroy-year "$YEAR"
no "nor does this one" scrim keys destroy-year $((YEAR + 2)) --yes
no "nor the last one" scrim keys destroy-year $((YEAR + 1)) --yes
no "nor one that never was" scrim keys destroy-year 1999 --yes
no "nor what is none" scrim keys destroy-year abcd --yes
is "so none has" "$(year "$YEAR") $(saw ann)" "active 3 3"
ok "an old one does" scrim keys destroy-year "$YEAR" --yes
is "it is told to be destroyed" "$(year "$YEAR")" destroyed
no "twice is once" scrim keys destroy-year "$YEAR" --yes
is "who saw them then is not told" "$(saw ann)" "2 2"
ok "but said not to be known" grep -q "nobody can say any more of whom the entries of $YEAR are" "$W/err"
no "which is no answer where there is no other" scrim audit show --keyd --kind reveal --person nobody
ok "of later years it is not said" eval 'saw ann --from-ms "$(($(date -u -d "$((YEAR + 1))-01-01" +%s) * 1000))" >/dev/null && ! grep -q "nobody can say" "$W/err"'
ok "all of theirs opens" opens "$ann"

stop keyd KILL
start_keyd
await 20 opens "$ann"
is "so it is behind a crash" "$(year "$YEAR") $(saw ann)" "destroyed 4 2"
stop keyd
rm -f "$W"/run/keyd/keyd.*
ok "the backup is restored" scrim keys restore --demo "$W/backup"
start_keyd
await 20 opens "$ann"
is "the year is destroyed again" "$(year "$YEAR") $(saw ann)" "destroyed 5 2"
ok "and the merge done again" opens "$guest"
is "so that who has the account is erased with it" "$(world_curl privacy_officer -H 'Scrim-Purpose: audit' -H "$J" -d '{"subject":"account"}' "$URL/v1/subjects/erase" | jq -r .status) $(state "$guest")" "erased gone"
ok "what keyd keeps holds together" scrim keys check --demo
tap_done
