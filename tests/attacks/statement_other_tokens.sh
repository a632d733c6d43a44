#!/bin/bash
# A gateway that was taken over keeps a statement unused, and brings it for tokens of its choice.
# weakness: statement-for-other-tokens
. "$(dirname "$0")/../lib/attack.sh"
. "$(dirname "$0")/../lib/statements.sh"

statement_world
for i in {1..5}; do statement_taken "$W/s$i"; done
attack "other ids by a statement for these" opens "$W/others" --statement "$W/s1"
attack "more ids than were signed for" opens "$W/tokens" --statement "$W/s2"
tac "$W/few" >"$W/few.reversed"
attack "the same in another order" opens "$W/few.reversed" --statement "$W/s3"
head -1 "$W/few" >"$W/one"
attack "one of them" opens "$W/one" --statement "$W/s4"
ok "it is good for what was signed" opens "$W/few" --statement "$W/s5"
tap_done
