#!/bin/bash
# What somebody who has two releases sees, and that it is told when it could tell somebody.
. "$(dirname "$0")/../lib/world.sh"

world_new
make_release() { "$TOOLS/shelf_maker" "$W/drafts" "$@" >/dev/null; }
run() {
	local want=$1 rc
	shift
	"$BIN/scrim" views diff "$@" >"$W/out" 2>"$W/err" </dev/null
	rc=$?
	[ $rc = "$want" ] || { echo "# exit code $rc, wanted $want"; sed 's/^/# /' "$W/err"; return 1; }
}
says() { grep -q -- "$1" "$W/out" || { sed 's/^/# /' "$W/out"; return 1; }; }
answer() { jq -c "$1" "$W/out"; }

make_release people 1 400
make_release people 2 403
make_release people 3 560
make_release others 1 400
make_release others 2 409

ok "a release against itself is no danger" run 0 "$W/drafts/people/1" "$W/drafts/people/1"
ok "all classes have as many rows" says "classes: 16 have as many rows, 0 more or fewer"
ok "three rows more are a danger" run 1 "$W/drafts/people/1" "$W/drafts/people/2"
ok "which are told" says "DANGER: 3 differ by fewer than 10 rows"
ok "by their cells" says "  20-29 | north: 25 rows, then 26"
ok "ten more in every class are none" run 0 "$W/drafts/people/1" "$W/drafts/people/3"
ok "but differ" says "0 have as many rows, 16 more or fewer"
ok "two datasets about the same people" run 0 "$W/drafts/people/1" "$W/drafts/others/1"
ok "are told as that" says "two datasets"
ok "and are a danger where counts differ by few" run 1 --json "$W/drafts/people/1" "$W/drafts/others/2"
is "in JSON" "$(answer '[.same_dataset, .k, .stayed, .changed, (.dangerous | length), .danger]')" '[false,10,7,9,9,true]'
is "with cells and counts" "$(answer '.dangerous[] | select(.cells == ["*","north"]) | [.first, .second]')" '[25,26]'
is "and columns" "$(answer '.columns')" '[{"name":"age","where":"both"},{"name":"region","where":"both"}]'
ok "the text of a cell steers no terminal" run 1 "$W/drafts/people/1" "$W/drafts/others/2"
no "with a tab of its own" grep -q "$(printf '\t')" "$W/out"

ok "a folder that is not there is told as that" run 1 "$W/drafts/people/1" "$W/drafts/people/9"
ok "in a line" grep -q "people/9" "$W/err"
chmod u+w "$W/drafts/people/2" "$W/drafts/people/2/release.db"
printf x >>"$W/drafts/people/2/release.db"
ok "files that are not what the manifest says are refused" run 1 "$W/drafts/people/1" "$W/drafts/people/2"
no "and nothing is said of them" test -s "$W/out"
ok "one folder is not enough" run 2 "$W/drafts/people/1"
tap_done
