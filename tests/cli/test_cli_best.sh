#!/bin/sh
# test_cli_best.sh - meed best: which outputs are kept, by score and by vote.
. "$(dirname "$0")/lib.sh"

# sample ID [[text,score,right],...]; a null score is a failure
sample()
{
	jq -nc --arg id "$1" --argjson outs "$2" '{unique_id: $id, extra_field: 1,
		input: [{role: "user", content: "q"}], output: [$outs[] | {answer: {role: "assistant",
			content: .[0], label: {is_correct: .[2], pred: .[0]}, reward: (if .[1] == null then
			{valid: false, error: {code: "timeout", message: "m"}} else {score: .[1]} end)}}]}'
}
{
	sample a '[["x\n1", 0.1, false], ["y\n2", 0.9, true], ["z\n1", 0.5, false]]'
	sample b '[["2", 0.4, true], ["1", 0.4, false], ["2", 0.3, true]]'
	sample c '[["7", null, true], ["8", 0.2, false]]'
	sample d '[["7", null, true], ["8", null, false]]'
} >in.jsonl
kept() { jq -c '[.output[].answer.content]' "$1" | tr '\n' ' '; }
fact() { json report.json ".tables.best.rows[] | select(.what == \"$1\") | $2"; }

# ---- by score
meed best in.jsonl -o out.jsonl --json report.json
status_is 65 "a sample without any score is told by the exit status"
claim "the best output of each sample is kept, the first of equals, a failed one never" \
	test "$(kept out.jsonl)" = '["y\n2"] ["2"] ["8"] ["7","8"] '
claim "unknown fields stay" test "$(jq -s '[.[].extra_field] | add' out.jsonl)" = 4
claim "what has nothing to choose by is told" json report.json \
	'.notes | map(select(.text | test("1 samples have nothing to choose by"))) | length == 1'
claim "chosen and average scores" fact score \
	'(.average - (0.5 + 1.1 / 3 + 0.2) / 3 | fabs) < 1e-9 and (.chosen - 0.5 | fabs) < 1e-9'
claim "chosen and average by labels" fact "right, by labels" \
	'(.chosen - 2 / 3 | fabs) < 1e-9 and (.average - (1 / 3 + 2 / 3 + 1 / 2) / 3 | fabs) < 1e-9'
claim "best of 1 is the average" json report.json \
	'.tables.curve.rows[0] | .k == 1 and .samples == 3 and (.score - (0.5 + 1.1 / 3 + 0.2) / 3 | fabs) < 1e-9'
claim "best of 2 is over all pairs" json report.json \
	'.tables.curve.rows[1] | .samples == 2 and (.score - ((0.9 + 0.9 + 0.5) / 3 + 0.4) / 2 | fabs) < 1e-9'
claim "of equal scores each is as likely" json report.json \
	'.tables.curve.rows[2] | (.right - (1 + 0.5) / 2 | fabs) < 1e-9'
meed best -n 2 in.jsonl -o out.jsonl --unchosen rest.jsonl
claim "-n keeps several, best first" test "$(kept out.jsonl)" = '["y\n2","z\n1"] ["2","1"] ["8"] '
claim "--unchosen takes what cannot be chosen" test "$(kept rest.jsonl)" = '["7","8"] '

# ---- by vote
meed best --vote majority in.jsonl -o out.jsonl --json report.json
claim "a majority of last lines wins, by its best output" test "$(kept out.jsonl)" = \
	'["z\n1"] ["2"] ["8"] ["7"] '
meed best --vote weighted in.jsonl -o out.jsonl
claim "weights are the scores" test "$(kept out.jsonl)" = '["y\n2"] ["2"] ["8"] ["7","8"] '
meed best --vote majority --answer /pred in.jsonl -o out.jsonl
claim "answers may be in the label" test "$(kept out.jsonl)" = '["y\n2"] ["2"] ["8"] ["7"] '
case " ${MEED_LEFT_OUT:-} " in
*" math "*) ;;
*)
	sample m '[["so \\boxed{1/2}", 0, true], ["\\boxed{3}", 0.9, false], ["it is 0.5", 0.1, true]]' >m.jsonl
	meed best -c "$top_srcdir/conf.d" --vote majority --answer text --equal math m.jsonl -o out.jsonl
	status_is 0 "a vote by mathematics"
	claim "equal values are one answer" test "$(kept out.jsonl)" = '["it is 0.5"] '
	;;
esac

# ---- other sources of scores
jq -nc '{question: "q", code: ["a", "b"], pred: ["1", "2"], score: [false, true],
	pred_score: [[0.5], [0.25]], gt: "2"}' >bon.jsonl
meed best --score-at /pred_score bon.jsonl --json report.json
status_is 0 "recorded scores"
claim "are read from the row" json report.json '.tables.best.rows[0].chosen == 0.5'
meed best --score-at /pred_score bon.jsonl -o out.jsonl
status_is 65 "rows of another shape cannot be written apart"
claim "the message names meed import" has err "meed import"
meed best -c "$top_srcdir/conf.d" -m length_penalty --run run.jsonl in.jsonl -o out.jsonl
claim "-m scores first" json run.jsonl '.output[0].answer.reward.composition == "length_penalty"'

# ---- what is wrong
meed best -n 0 in.jsonl
status_is 64 "none cannot be kept"
meed best --vote loudest in.jsonl
status_is 64 "--vote something else"
meed best --equal math in.jsonl
status_is 64 "--equal without --vote"
meed best -m x --score-at /y in.jsonl
status_is 64 "two sources of scores"
meed best --unchosen x in.jsonl
status_is 64 "--unchosen without an output"
(cat in.jsonl; echo '[') >bad.jsonl
meed best bad.jsonl
status_is 65 "a line that is no sample"
claim "is counted" has out "1 lines are no samples"
: >empty.jsonl
meed best empty.jsonl
status_is 0 "an empty file"
claim "is warned of" has err "no sample"
meed best in.jsonl -o /nonexistent/out.jsonl
status_is 73 "an output that cannot be made"
finish
