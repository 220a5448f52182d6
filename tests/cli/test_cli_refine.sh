#!/bin/sh
# test_cli_refine.sh - meed refine and meed correct against a writer and a judge that keep points: an
# answer says [[points N]], the writer adds two, the judge gives what it says.
. "$(dirname "$0")/lib.sh"

upstream_up
cat >llm.conf <<EOT
endpoints = { test = { kind = "openai"; url = "http://127.0.0.1:$port/v1"; model = "[[judge]]";
	price_in = 1.0; price_out = 1.0; }; };
instances = {
	grade = { model = "judge.pointwise"; params = { scale = { min = 0; max = 10; }; }; };
};
EOT
writer() { meed "$@" -c "$top_srcdir/conf.d" -c llm.conf -q; }

# row ID POINTS PROMPT
row() { jq -nc --arg id "$1" --arg n "$2" --arg p "$3" '{unique_id: $id, kept: 1,
	input: [{role: "user", content: $p}], output: [{answer: {role: "assistant",
	content: "Mine: [[points \($n)]]", label: {reference: "R", is_correct: false}}}]}'; }
{
	row good 9 q
	row middling 3 q
	row poor 1 q
	row stuck 4 'q [[stubborn]]'
	row mute 5 'q [[silent]]'
	echo '{"no": "sample"}'
} >in.jsonl
of() { jq -c "select(.unique_id == \"$1\") | $2" "${3:-out.jsonl}"; }

# ---- refine
writer refine -m grade --target 0.8 --rounds 3 in.jsonl -o out.jsonl --json report.json
status_is 65 "refine: a line that is no sample and a writer that fails are told"
claim "all lines are there, in order" test "$(jq -r '.unique_id // "bad"' out.jsonl | tr '\n' ' ')" = \
	"good middling poor stuck mute bad "
claim "what is good enough is left alone" test "$(of good '[.output[0].answer.content, .metadata.refine.stopped]')" = \
	'["Mine: [[points 9]]","target"]'
claim "three rounds bring 3 to 9" test "$(of middling '[.output[0].answer.content, .output[0].answer.reward.score]')" = \
	'["Once more: [[points 9]]",0.9]'
claim "the target stops it" test "$(of middling .metadata.refine.stopped)" = '"target"'
claim "no round is left for 1" test "$(of poor '[.output[0].answer.reward.score, .metadata.refine.stopped]')" = \
	'[0.7,"rounds"]'
claim "two rounds without gain are a plateau" test "$(of stuck '[.output[0].answer.content, .metadata.refine.stopped]')" = \
	'["Mine: [[points 4]]","plateau"]'
claim "a writer that fails leaves the answer" test "$(of mute '[.output[0].answer.content, .metadata.refine.stopped]')" = \
	'["Mine: [[points 5]]","writer"]'
claim "and its error is in the history" has out.jsonl "no rewrite between tags"
claim "the history has each round's score, text and critique" test \
	"$(of middling '[.metadata.refine.history[] | [.round, .score, .content, .critique]]')" = \
	'[[0,0.3,"Mine: [[points 3]]",null],[1,0.5,"Once more: [[points 5]]","It has 3 points."],[2,0.7,"Once more: [[points 7]]","It has 5 points."],[3,0.9,"Once more: [[points 9]]","It has 7 points."]]'
claim "nothing of the work stays in the metadata" test "$(of middling '.metadata.refine | keys')" = \
	'["history","stopped"]'
claim "the reference stays, the verdict on the old text does not" test \
	"$(of middling .output[0].answer.label)" = '{"reference":"R"}'
claim "unknown fields stay" test "$(jq -s '[.[].kept // 0] | add' out.jsonl)" = 5
claim "the report has scores before and after" json report.json '.tables.score.rows[0] |
	.samples == 5 and (.before - 0.44 | fabs) < 1e-9 and (.after - 0.68 | fabs) < 1e-9 and .reached == 2'
claim "and what each round brought" json report.json '.tables.rounds.rows | length == 4 and
	.[1].scored == 3 and .[1].better == 2 and .[0].asked == 4 and .[0].failed == 1'
claim "and tokens and money" json report.json '.facts.tokens > 0 and .facts.money > 0'
claim "the folder of the rounds is gone" test ! -e out.jsonl.refine

# ---- correct
writer correct -m grade --keep 0.8 --drop-below 0.2 --rounds 3 in.jsonl -o out.jsonl --dropped gone.jsonl \
	--json report.json
claim "correct keeps, refines and drops" test "$(jq -r '.unique_id // "bad"' out.jsonl | tr '\n' ' ')" = \
	"good middling bad "
claim "what is hopeless, stuck or failed is dropped" test "$(jq -r .unique_id gone.jsonl | tr '\n' ' ')" = \
	"poor stuck mute "
claim "what is hopeless is not worked on" test "$(of poor '.metadata.refine | [.stopped, (.history | length)]' gone.jsonl)" = \
	'["hopeless",1]'

# ---- budget
head -n 3 in.jsonl >three.jsonl
writer refine -m grade --target 0.8 --budget-tokens 35 three.jsonl -o out.jsonl
status_is 65 "a budget that is spent is told"
claim "every sample is there" lines out.jsonl 3
claim "as far as it came" has out.jsonl '"stopped":"budget"'

# ---- interruption: a run that was killed between the rounds goes on to the same bytes
writer refine -m grade --target 0.8 in.jsonl -o whole.jsonl
for stage in 0.scored.jsonl 0.ask.jsonl 0.written.jsonl 1.in.jsonl 1.scored.jsonl; do
	rm -rf out.jsonl out.jsonl.refine
	"$MEED_BIN" refine -m grade --target 0.8 -c "$top_srcdir/conf.d" -c llm.conf -q in.jsonl -o out.jsonl \
		>out 2>err &
	pid=$!
	while [ ! -e "out.jsonl.refine/$stage" ] && kill -0 $pid 2>kill.err; do :; done
	kill -9 $pid 2>kill.err
	wait $pid
	if [ -e out.jsonl.refine ]; then
		writer refine -m grade --target 0.8 in.jsonl -o out.jsonl
		status_is 73 "$stage: an unfinished refinement is not written over"
		writer refine -m grade --target 0.9 in.jsonl -o out.jsonl --resume
		status_is 64 "$stage: nor gone on with under other rules"
		writer refine -m grade --target 0.8 in.jsonl -o out.jsonl --resume
		status_is 65 "$stage: --resume goes on"
	fi
	claim "$stage: the result is that of a run in one piece" same whole.jsonl out.jsonl
done
mkdir out2.jsonl.refine
writer refine -m grade three.jsonl -o out2.jsonl --restart --rounds 1
status_is 0 "--restart begins anew"

# ---- what is wrong
writer refine -m grade in.jsonl
status_is 64 "an output is needed"
writer refine -m grade --with nobody in.jsonl -o x.jsonl
status_is 78 "a writer that is not there"
claim "is named" has err nobody
writer refine -m nobody in.jsonl -o x.jsonl
status_is 78 "a model that is not there"
writer correct -m grade in.jsonl -o x.jsonl
status_is 64 "correct needs to know what to keep"
writer correct -m grade --keep 0.5 --drop-below 0.6 in.jsonl -o x.jsonl
status_is 64 "what is dropped cannot be above what is kept"
writer refine -m grade --rounds 0 in.jsonl -o x.jsonl
status_is 64 "no rounds"
writer refine -m grade nowhere.jsonl -o x.jsonl
status_is 66 "a missing file"
claim "nothing is left behind" test ! -e x.jsonl.refine
upstream_down
finish
