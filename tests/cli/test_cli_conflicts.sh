#!/bin/sh
# test_cli_conflicts.sh - meed conflicts: what a pairwise model, members and labels contradict.
. "$(dirname "$0")/lib.sh"

# A sample whose outputs were compared: game ID CATEGORY N [[a,b,won],...], a shown first.
game()
{
	jq -nc --arg id "$1" --arg cat "$2" --argjson n "$3" --argjson said "$4" '{unique_id: $id,
		input: [{role: "user", content: $id}], task_category: $cat,
		output: [range($n) | . as $i | {answer: {role: "assistant", content: "r\($i)",
			label: {preference: (if $i == 0 then "chosen" else "rejected" end)},
			reward: {score: 0.5, composition: "j", details: [{name: "j", score: 0.5,
				extra: {pairs: [$said[] | if .[0] == $i then
					{output: .[1], shown: 1, won: .[2]} elif .[1] == $i then
					{output: .[0], shown: 2, won: (1 - .[2])} else empty end]}}]}}}]}'
}
{
	game cycle a 3 '[[0,1,1],[1,0,0],[1,2,1],[2,1,0],[2,0,1],[0,2,0]]'
	game order a 3 '[[0,1,1],[1,0,0],[1,2,1],[2,1,0],[0,2,1],[2,0,0]]'
	game contrary b 2 '[[0,1,1],[1,0,1]]'
	game waver b 2 '[[0,1,1],[1,0,0.5]]'
} >in.jsonl
row() { json report.json ".tables.conflicts.rows[] |
	select(.id == \"$1\") | .count == $2 and .of == $3"; }

# ---- what a pairwise model said
meed conflicts in.jsonl --json report.json
status_is 0 "contradictions are found"
claim "a cycle is a conflict" row conflict_rate 1 4
claim "an intransitive triple is counted once" row intransitive 1 2
claim "orders that contradict each other are counted" row contrary 1 8
claim "a tie once and a winner once is not a contradiction" row wavering 1 8
claim "one pair stands against the least contradicting order" row removed 1 7
claim "what the first shown won is counted" row first_wins 9 15
claim "labels: chosen's wins" row chosen_wins 8 12
claim "labels: chosen's losses" row chosen_loses 3 12
claim "labels: chosen's ties" row chosen_ties 1 12
claim "the worst sample is named with its place" json report.json '.tables.worst.rows |
	length == 1 and .[0].id == "cycle" and
	.[0].where == "in.jsonl:1" and .[0].largest == 3'
claim "each category has its rate" json report.json '.tables.categories.rows |
	map([.category, .conflict_rate]) == [["a", 0.5], ["b", 0]]'
meed conflicts in.jsonl
claim "a table is the default" has out "conflict rate"
meed conflicts --max-rate 20 in.jsonl
status_is 1 "--max-rate below the rate"
claim "and says by how much" has err "25.00 % have a cycle: more than 20 %"
meed conflicts --max-rate 25 in.jsonl
status_is 0 "--max-rate at the rate"

# ---- the projection
meed conflicts in.jsonl -o out.jsonl --json report.json
status_is 0 "the projection is written"
claim "every sample is there, in order" test "$(jq -r .unique_id out.jsonl | tr '\n' ' ')" = \
	"cycle order contrary waver "
claim "a plain order is told from 1 to -1" test "$(jq -c 'select(.unique_id == "order") |
	[.output[].answer.reward.score]' out.jsonl)" = "[1,0,-1]"
claim "a pair that contradicts itself has no winner" test "$(jq -c 'select(.unique_id == "contrary") |
	[.output[].answer.reward.score]' out.jsonl)" = "[0,0]"
claim "the old reward is kept" json out.jsonl '.output[0].answer.reward.others.j.score == 0.5'
meed conflicts --by pairs out.jsonl
status_is 65 "the projection has no comparisons left on top"

# ---- members
jq -nc '{unique_id: "m", input: [], output: [[1, 3], [2, 2], [3, 1]] | map({answer: {content: "x",
	reward: {score: 2, details: [{name: "a", score: .[0]}, {name: "b", score: .[1]}]}}})}' >m.jsonl
meed conflicts m.jsonl --json report.json
claim "members that disagree contradict each other" row contrary 3 3
claim "and nobody wins" row ties 3 3

# ---- labels, over the whole file
pref() { jq -nc --arg p "$1" --arg a "$2" --arg b "$3" '{prompt: $p, chosen: $a, rejected: $b}'; }
{
	pref p A B
	pref q A B
	pref p B C
	pref p C A
	pref p A B
	pref r X Y
	pref r Y X
	pref s Z Z
} >pref.jsonl
meed conflicts pref.jsonl -o kept.jsonl --by labels --dropped dropped.jsonl --json report.json
status_is 0 "labels are compared prompt by prompt"
claim "the prompt with a cycle is a conflict" row conflict_rate 1 4
claim "the reversed pair is a contradiction" row contrary 1 2
jq -r '.chosen + .rejected' dropped.jsonl | tr '\n' ' ' >dropped
claim "what contradicts is dropped: the weakest edge, both of a drawn pair, a text against itself" \
	has_re dropped '^(BC|CA) XY YX ZZ $'
claim "the rest is kept" lines kept.jsonl 4
meed conflicts --by labels kept.jsonl --max-rate 0
status_is 0 "what is kept has no conflict"

# ---- from nothing
cat >pair.conf <<'EOT'
instances = { longer = { model = "test.pair"; }; };
EOT
mkdir plugins && cp "$builddir"/tests/plugins/.libs/pairwise.so plugins/ 2>/dev/null
chmod 755 plugins
printf '{"prompt":"q","responses":["aa","b","cccc"]}\n' >rows.jsonl
meed conflicts -c pair.conf --plugin-dir plugins -m longer --run run.jsonl --json report.json rows.jsonl
status_is 0 "-m scores first"
claim "a model that is an order has no conflict" row conflict_rate 0 1
meed conflicts -c pair.conf --plugin-dir plugins -m longer --run run.jsonl --resume rows.jsonl
status_is 0 "--resume of a run that is there reads it"
claim "and finds the same" has out "conflict rate"
meed conflicts -c pair.conf --plugin-dir plugins -m longer --resume rows.jsonl
status_is 64 "--resume needs a run to go on with"
claim "--run keeps the scores" json run.jsonl '.output[2].answer.reward.score == 1'

# ---- what is wrong
meed conflicts rows.jsonl
status_is 65 "nothing to compare is an error"
claim "it says what is needed" has err "nothing to compare"
(cat in.jsonl; echo nonsense) >bad.jsonl
meed conflicts bad.jsonl
status_is 65 "a line that is no sample"
claim "it is told" has out "1 lines are no samples"
claim "and the others are counted" has out "conflict rate"
meed conflicts --by colour in.jsonl
status_is 64 "--by something else"
meed conflicts --dropped x in.jsonl
status_is 64 "--dropped without labels"
meed conflicts --run x in.jsonl
status_is 64 "--run without -m"
meed conflicts nowhere.jsonl
status_is 66 "a missing file"
meed conflicts - -o x.jsonl <in.jsonl
status_is 64 "standard input cannot be read twice"
finish
