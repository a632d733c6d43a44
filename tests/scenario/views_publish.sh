#!/bin/bash
# Publishing a release: who may, what is recorded, what the receipt proves, and that it ends in the
# same state wherever it was broken off.
. "$(dirname "$0")/../lib/world.sh"

world_new
world_order_routes "http://127.0.0.1:$PEER_PORT" | world_routes -
jq '.views = { drafts: "drafts", published: "views" }' "$W/scrim.json" >"$W/tmp/c" && mv "$W/tmp/c" "$W/scrim.json"
world_up
export SCRIM_CONFIG=$W/scrim.json

make_release() { "$TOOLS/shelf_maker" "$W/drafts" portrait "$@"; }
# run WANTED-CODE args...: standard output and error are kept in $W/out and $W/err.
run() {
	local want=$1 rc
	shift
	"$BIN/scrim" views "$@" >"$W/out" 2>"$W/err" </dev/null
	rc=$?
	[ $rc = "$want" ] || { echo "# exit code $rc, wanted $want"; sed 's/^/# /' "$W/err"; return 1; }
}
publish() { # WANTED-CODE ROLE args...
	local want=$1 role=$2
	shift 2
	run "$want" publish --key "$W/keys/$role.key" --purpose audit portrait "$@"
}
says() { grep -q -- "$1" "$W/err" || { sed 's/^/# /' "$W/err"; return 1; }; }
records() { "$BIN/scrim" audit show --kind admin --json 2>/dev/null | grep -c '"act":"views.publish".*"result":"'"$1"'"'; }

# ---- who may ------------------------------------------------------------------------
ok "a release without drafts is told as that" publish 1 privacy_officer
ok "and where it was looked for" says "there is no release of portrait in $W/drafts"
sha1=$(make_release 1 40)
for role in operator auditor marketing analyst support_lead shop key_custodian; do
	ok "$role does not publish" publish 4 "$role"
done
ok "nothing is published" run 0 list
ok "which is told" grep -q "nothing is published" "$W/out"
is "nobody's word is a record of publishing" "$(records ok)" 0
ok "but their asking is one" test "$(records refused)" -ge 7
ok "without a key nobody does" run 4 publish --purpose audit portrait

# ---- published ------------------------------------------------------------------------
ok "the privacy officer publishes" publish 0 privacy_officer
ok "which is told" grep -q "^published: release 1 of portrait" "$W/out"
is "it is recorded once" "$(records ok)" 1
is "by dataset, number and manifest" "$("$BIN/scrim" audit show --kind admin --json | jq -c '(.entry // .) | select(.outcome.result == "ok") | .what.release')" \
	'{"dataset":"portrait","number":1,"manifest":"'"$sha1"'"}'
is "what is there" "$(cd "$W/views/portrait/1" && printf '%s ' *)" 'entry manifest.json receipt release.db report.json '
ok "the receipt is one for everybody" "$BIN/scrim" audit prove --check "$W/views/portrait/1/receipt" --vkey "$W/run/log/vkey" \
	<"$W/views/portrait/1/entry"
ok "asked again" publish 0 privacy_officer
ok "it says that it was there" grep -q "^was published already: release 1" "$W/out"
is "and nothing is recorded" "$(records ok)" 1
ok "the draft is not needed any more" mv "$W/drafts/portrait/1" "$W/tmp/draft1"
ok "when its number is said" publish 0 privacy_officer 1
mv "$W/tmp/draft1" "$W/drafts/portrait/1"
ok "list tells it" run 0 list
ok "in a line" grep -qE '^portrait +1  view  2026-11-16\.\.2026-11-22  k 10 +44 rows  holds$' "$W/out"
ok "and in JSON" run 0 list portrait --json
is "with its manifest" "$(jq -c '.[] | [.number, .kind, .k, .receipt, .manifest_sha256]' "$W/out")" '[1,"view",10,"holds","'"$sha1"'"]'

# ---- what is refused before anybody says it -------------------------------------------------
make_release 2 40 >"$W/tmp/sha"
ok "a draft that was not made after what is published" publish 1 privacy_officer
ok "is refused" says "was not made after the release 1"
rm -rf "$W/drafts/portrait/2"
make_release 2 40 --previous "$sha1" --unchecked >"$W/tmp/sha"
ok "one that was not checked" publish 1 privacy_officer
ok "is refused" says "was not checked"
rm -rf "$W/drafts/portrait/2"
make_release 2 40 --previous "$sha1" --tenant other >"$W/tmp/sha"
ok "one of another tenant" publish 1 privacy_officer
ok "is refused" says "of tenant other"
rm -rf "$W/drafts/portrait/2"
sha2=$(make_release 2 40 --previous "$sha1")
cp "$W/drafts/portrait/2/report.json" "$W/tmp/report"
rm -f "$W/drafts/portrait/2/report.json"
echo '{"x":1}' >"$W/drafts/portrait/2/report.json"
ok "one with a file that was changed" publish 1 privacy_officer
ok "is refused" says "report.json"
cp -f "$W/tmp/report" "$W/drafts/portrait/2/report.json"
ok "one with a file more" touch "$W/drafts/portrait/2/more"
ok "is refused" publish 1 privacy_officer
rm "$W/drafts/portrait/2/more"
is "none of them was recorded" "$(records ok)" 1

# ---- broken off -----------------------------------------------------------------------------
# Half made: the record is there, and the copy was not finished.
mkdir -p "$W/views/portrait/.making"
echo torn >"$W/views/portrait/.making/release.db"
ok "what a crash left is no release" run 0 list
is "of the two that are listed" "$(wc -l <"$W/out")" 1
stop keyd
TMPDIR=$W/tmp start publisher "$W/err" "$BIN/scrim" views publish --key "$W/keys/privacy_officer.key" --purpose audit portrait 2
await 5 eval '[ "$(records ok)" = 2 ]' || true
ok "without keyd the record is there, without a receipt" test ! -e "$W/views/portrait/2"
stop publisher
start_keyd
await 20 ready
ok "asked again it is published" publish 0 privacy_officer 2
is "with its manifest" "$("$BIN/scrim" views list --json | jq -c '[.[] | [.number, .receipt, .manifest_sha256]]')" \
	'[[2,"holds","'"$sha2"'"],[1,"holds","'"$sha1"'"]]'
ok "nothing half made is left" test ! -e "$W/views/portrait/.making"

# ---- what is there is held against its receipt --------------------------------------------------
cp -r "$W/views/portrait/1" "$W/tmp/saved"
cp -f "$W/views/portrait/2/receipt" "$W/views/portrait/2/entry" "$W/views/portrait/1/"
ok "a release with the receipt of another" run 1 list
ok "is told" grep -qE '^portrait +1 .*does not hold$' "$W/out"
ok "and is not taken for published" publish 1 privacy_officer 1
ok "with the reason" says "about another release"
rm -rf "$W/views/portrait/1" && mv "$W/tmp/saved" "$W/views/portrait/1"
rm -rf "$W/drafts/portrait/1"
make_release 1 44 >"$W/tmp/sha"
ok "another draft of a number that is published" publish 1 privacy_officer 1
ok "is refused" says "with another manifest than the draft's"
ok "all is well at last" run 0 list

# ---- what scrimd takes -----------------------------------------------------------------------
post() { world_curl privacy_officer -o "$W/answer" -w '%{http_code}' -H 'Scrim-Purpose: audit' -d "$1" "$URL/v1/views/publish"; }
good='"manifest_sha256":"'$sha1'"'
is "a number of its own" "$(post '{"dataset":"portrait","number":7,'"$good"'}')" 200
for body in '' '{' '[]' '{}' '{"dataset":"portrait","number":7}' '{"dataset":"p p","number":7,'"$good"'}' '{"dataset":"p","number":0,'"$good"'}' \
	'{"dataset":"p","number":9007199254740992,'"$good"'}' '{"dataset":"p","number":1.5,'"$good"'}' '{"dataset":"p","number":"1",'"$good"'}' \
	'{"dataset":"p","number":1,"manifest_sha256":"ab"}' '{"dataset":"p","number":1,'"$good"',"title":"x"}' '{"dataset":"p","dataset":"q","number":1,'"$good"'}'; do
	is "$(printf '%q' "$body") is none" "$(post "$body")" 400
done
is "without a purpose nothing is" "$(world_curl privacy_officer -o "$W/answer" -w '%{http_code}' -d '{"dataset":"p","number":1,'"$good"'}' "$URL/v1/views/publish")" 400
await 10 logs_verified
ok "the logs verify" logs_verified
tap_done
