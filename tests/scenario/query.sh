#!/bin/bash
# scrim-queryd: who may ask, what is answered, and what its log says of it.
. "$(dirname "$0")/../lib/query.sh"

QUERY_LIMITS='{ "time": "2s", "rows": 1500, "queue": 256, "at_once": 256 }'
query_world
publish weekly 1 1000
publish weekly 2 2000
publish other 1 10
grant ana
grant both --purposes analytics,reporting
grant mara --role marketing --dataset '*'
start_queryd
ok "it is ready" queryd_ready

# ---- answers
is "a question is answered" "$(ask ana 'SELECT channel, count(*) AS n, avg(orders) AS a FROM sales GROUP BY 1 ORDER BY 1')" 200
is "from the newest release, with the columns' types" "$(jq -c '[.dataset, .release, .columns, .rows[2][1:], .cut]' "$W/body")" \
	'["weekly",2,[{"name":"channel","type":"text"},{"name":"n","type":"integer"},{"name":"a","type":"real"}],[666,999.5],false]'
record=$(jq .record "$W/body")
ok "its record stood there before it, with its question's shape and tables" \
	shows ".[] | select(.index == $record) | .entry // .record // . | tostring | test(\"query\") and test(\"sales\")"
is "an older release is asked by its number" "$(post_query ana '{"dataset":"weekly","release":1,"sql":"SELECT count(*) FROM sales"}'; jq -c .rows "$W/body")" '200[[1000]]'
is "more rows than may be are cut, which is told" "$(ask ana 'SELECT * FROM sales'; jq -c '[.cut, (.rows | length)]' "$W/body")" '200[true,1500]'
is "CSV is by RFC 4180, without formulas" "$(ask ana 'SELECT word, 1 AS one, -2.5 AS m, NULL AS n FROM words' -H 'Accept: text/csv'; tr -d '\r' <"$W/body" | head -4)" \
	$'200word,one,m,n\n"\'=1+1",1,-2.5,\n"\'+44",1,-2.5,\n"\'-x",1,-2.5,'
python3 - "$W/body" <<-'END' >"$W/csv" 2>&1
	import csv, sys
	rows = list(csv.reader(open(sys.argv[1], newline="", encoding="utf-8")))
	assert [r[0] for r in rows[5:]] == ["a,b", 'say "hi"', "two\nlines", "", " edge", "门店", "plain"], rows
	assert all(len(r) == 4 for r in rows)
	print("read")
END
is "and a program reads it back as it was" "$(cat "$W/csv")" read

# ---- what may not be asked
is "a table that is none of the release's" "$(ask ana 'SELECT * FROM sqlite_master')" 403
ok "says what there is" grep -q 'one of sales, words, dictionary' "$W/body"
is "a mistake" "$(ask ana 'SELECT categorie FROM sales')" 400
ok "says where and what was meant" grep -q 'line 1, column 8: unknown column \\"categorie\\": did you mean \\"category\\"\|column 8.*category' "$W/body"
is "two statements" "$(ask ana 'SELECT 1; SELECT 2')" 403
is "a slow question is cut off" "$(ask ana 'SELECT count(*) FROM sales a, sales b, sales c')" 422
is "what is no question" "$(post_query ana '{"dataset":"weekly"}')" 400
is "what is no JSON" "$(post_query ana 'SELECT 1')" 400
is "a method that nobody knows is refused" "$(curl -s -o /dev/null -w '%{http_code} %header{allow}' -X TRACE "$Q/v1/query")" "501 "
is "on any path" "$(curl -s -o /dev/null -w '%{http_code} %header{allow}' -X PROPFIND "$Q/nothing")" "501 "
is "another one is told what is taken" "$(curl -s -o /dev/null -w '%{http_code} %header{allow}' -X PUT "$Q/v1/query")" "405 POST"
is "also at the metrics" "$(curl -s -o /dev/null -w '%{http_code} %header{allow}' -X POST "$Q/metrics")" "405 GET"
is "without a key nothing is said" "$(curl -s -o /dev/null -w '%{http_code}' -d '{}' "$Q/v1/query")" 401
printf nobody >"$W/nobody.key"
is "nor with another's" "$(ask nobody 'SELECT 1')" 401

# ---- grants
is "a dataset that is not granted" "$(post_query ana '{"dataset":"other","sql":"SELECT 1"}'; jq -c 'del(.request_id)' "$W/body")" \
	"$(post_query ana '{"dataset":"nowhere","sql":"SELECT 1"}'; jq -c 'del(.request_id)' "$W/body")"
is "is refused as one that is not there" "$(post_query ana '{"dataset":"other","sql":"SELECT 1"}')" 403
is "every dataset, to who has every one" "$(post_query mara '{"dataset":"other","sql":"SELECT count(*) FROM sales"}'; jq -c .rows "$W/body")" '200[[10]]'
is "of two purposes one must be said" "$(ask both 'SELECT 1')" 400
ok "and which there are is told" grep -q 'one of analytics, reporting' "$W/body"
is "it is said" "$(post_query both '{"dataset":"weekly","sql":"SELECT 1","purpose":"reporting"}')" 200
is "another is not granted" "$(post_query both '{"dataset":"weekly","sql":"SELECT 1","purpose":"delivery"}')" 403
ok "denials are recorded" shows 'map(tostring | select(test("denial") and test("ana"))) | length >= 3'
"$BIN/scrim" views revoke ana --grants "$W/grants/grants.json" --config "$W/none.json" >/dev/null
is "a key that was taken back opens nothing, at once" "$(ask ana 'SELECT 1')" 401
grant ana2
jq '.grants |= map(if .principal == "ana2" then .until = "2020-01-01T00:00:00Z" else . end)' "$W/grants/grants.json" >"$W/g" && mv "$W/g" "$W/grants/grants.json"
is "nor does one that is over" "$(ask ana2 'SELECT 1')" 403
cp "$W/grants/grants.json" "$W/good.json"
echo '{ "grants": [ {' >"$W/grants/grants.json"
is "while the grants cannot be read, those before them hold" "$(ask mara 'SELECT 1')" 200
ok "and readyz says so" queryd_says '.grants == false and .ready == false'
cp "$W/good.json" "$W/grants/grants.json"
ok "until they can" queryd_says '.grants and .ready'

# ---- the list, and files
get() { curl -s -H "Authorization: Bearer $(cat "$W/$1.key")" "$Q$2"; }
is "who may see all is told of all" "$(get mara /v1/datasets | jq -c '[.datasets[] | [.name, (.releases | map(.number))]] | sort')" '[["other",[1]],["weekly",[2,1]]]'
is "who may see one, of one" "$(get both /v1/datasets | jq -c '[.datasets[].name]')" '["weekly"]'
is "with its dictionary" "$(get both /v1/datasets | jq -r '.datasets[0].releases[0].tables[0].columns[3].unit')" cents
is "a report" "$(get both /v1/datasets/weekly/1/report.json)" '{"report":1}'
is "the manifest, as it was signed" "$(get both /v1/datasets/weekly/manifest | sha256sum)" "$(sha256sum <"$W/views/weekly/2/manifest.json")"
is "nothing of what is not granted" "$(get both /v1/datasets/other/manifest | jq -r .type)" urn:scrim:problem:not-granted

# ---- many at once
for i in $(seq 200); do
	jq -n --arg sql "SELECT count(*) FROM sales WHERE orders >= $i" '{ dataset: "weekly", sql: $sql }' |
		curl -s -H "Authorization: Bearer $(cat "$W/mara.key")" -H 'Content-Type: application/json' -d @- "$Q/v1/query" |
		jq -c ".rows[0][0] == 2000 - $i" >>"$W/many" &
	[ $((i % 50)) != 0 ] || wait
done
wait
is "200 readers, each with an answer of their own" "$(grep -c true "$W/many")" 200

# ---- releases that are none
publish weekly 3 30 --unpublished
publish weekly 4 40 --other-key
publish weekly 5 50 --other-release
ok "those without a receipt that holds are told" await 10 queryd_says '.refused == 3 and .served == 3 and .releases == false'
is "and not served" "$(ask mara 'SELECT 1'; jq .release "$W/body")" 2002
is "also not by number" "$(post_query mara '{"dataset":"weekly","release":4,"sql":"SELECT 1"}')" 403
rm -rf "$W/views/weekly/3" "$W/views/weekly/4" "$W/views/weekly/5"
ok "until they are gone" await 10 queryd_ready
chmod u+w "$W/views/weekly/2/release.db" 2>/dev/null
cp "$W/views/weekly/1/release.db" "$W/swapped" && mv "$W/swapped" "$W/views/weekly/2/release.db"
status=$(ask mara 'SELECT count(*) FROM sales')
answered() { jq -ne --arg s "$status" --slurpfile b "$W/body" '$s == "503" or ($s == "200" and $b[0].release == 1)' >/dev/null; }
ok "a file that was put in a release's place is never answered from" answered
ok "and the release is not served" await 10 queryd_says '.refused == 1'
is "the one before it is" "$(ask mara 'SELECT count(*) FROM sales'; jq -c '[.release, .rows]' "$W/body")" '200[1,[[1000]]]'

# ---- killed between record and answer
# An outcome follows its answer, so records alone would not tell this question from the one before it.
questions() { records | grep -c '"question"'; }
before=$(questions)
ask mara 'SELECT count(*) FROM sales a, sales b, sales c, sales d' --max-time 10 >"$W/status" &
more() { [ "$(questions)" -gt "$before" ]; }
ok "a question is on the disk while it is being answered" await 5 more
stop queryd KILL
wait
is "who asked has no answer" "$(cat "$W/status")" 000
start_queryd
ok "and its record is there, without an outcome" shows '[.[] | tostring | select(test("\"query\""))] | last | test("question") and (test("\"result\"") | not)'
ok "the log goes on" queryd_says .log
is "nothing that was asked is in the log: no literal, no name of the asker's own" \
	"$(ask mara "SELECT 'Alice-4711' AS secretname FROM sales /* rumour */ LIMIT 1")" 200
stop queryd
no "nor in what it says" grep -rqaE 'Alice-4711|secretname|rumour' "$W/run" "$W/log"
ok "it stopped in good order" shows '[.[] | tostring] | last | test("\"stop\"")'
tap_done
