#!/bin/sh
# test_eval.sh - meed eval: published formulas on small cases worked out by hand, recorded results, errors and
# ties, two runs, repeated runs.
. "$(dirname "$0")/../cli/lib.sh"

data=$top_srcdir/tests/data

# evaluate ARGS...: the report to report.json
evaluate()
{
	meed eval "$@" --json report.json
}

# figure TABLE ROW COLUMN NUMBER: to 9 digits
figure()
{
	jq -e --arg t "$1" --arg r "$2" --arg c "$3" --argjson x "$4" '
		.tables[$t] | .columns[0].id as $k | .rows[] | select(.[$k] == $r) | .[$c] |
		(if type == "object" then .value else . end) - $x | fabs < 1e-9' report.json
}

# pair ID CATEGORY CHOSEN REJECTED: a scored pair; a score of - is a failure
pair()
{
	printf '{"unique_id":"%s","input":[{"role":"user","content":"q%s"}],"output":[' "$1" "$1"
	out_of chosen "$3"
	printf ,
	out_of rejected "$4"
	printf '],"task_category":"%s"}\n' "$2"
}

out_of()
{
	printf '{"answer":{"role":"assistant","content":"x","label":{"preference":"%s"},"reward":{' "$1"
	if [ "$2" = - ]; then
		printf '"valid":false,"error":{"code":"timeout","message":"late"}}}}'
	else
		printf '"score":%s,"composition":"c"}}}' "$2"
	fi
}

# set ID CATEGORY N_CHOSEN SCORE...
set_of()
{
	printf '{"unique_id":"%s","input":[{"role":"user","content":"q"}],"task_category":"%s","output":[' "$1" "$2"
	n=$3
	shift 3
	comma=
	for s; do
		printf %s "$comma"
		if [ "$n" -gt 0 ]; then out_of chosen "$s"; else out_of rejected "$s"; fi
		n=$((n - 1))
		comma=,
	done
	echo ']}'
}

# ---- errors and ties

{
	pair 1 a 2 1
	pair 2 a 1 2
	pair 3 a 1 1
	pair 4 b - 1
	pair 5 b 3 1
} >pairs.jsonl
evaluate pairwise pairs.jsonl
status_is 0 "a file of pairs is evaluated"
claim "what has no score and what is tied counts as wrong" figure accuracy all accuracy 0.4
claim "and both are counted" figure accuracy all errors 1
claim "ties too" figure accuracy all ties 1
claim "and what the rest say stands beside it" figure accuracy all without 0.666666666667
claim "subsets have rows" figure accuracy a accuracy 0.333333333333
claim "an interval lies around the figure" json report.json '.tables.accuracy.rows[-1].accuracy | .low <= .value and .value <= .high'
evaluate pairwise pairs.jsonl --ties half
claim "a tie may count one half" figure accuracy all accuracy 0.5
cp report.json once.json
evaluate pairwise pairs.jsonl --ties half
claim "the same again, byte for byte" cmp once.json report.json

{ cat pairs.jsonl; echo 'no json'; } >bad.jsonl
evaluate pairwise bad.jsonl
status_is 65 "a line that is no sample is not passed over"
claim "it is in the report" json report.json '.notes[] | select(.text | test("bad.jsonl:6"))'
claim "and in no figure" figure accuracy all n 5

meed eval pairwize pairs.jsonl
status_is 64 "an unknown benchmark"
claim "the nearest is named" has err 'did you mean pairwise?'
meed eval pairwise nowhere.jsonl
status_is 66 "a file that is not there"
meed eval pairwise -k 0 pairs.jsonl
status_is 64 "k is at least 1"
meed eval pairwise --repeat 2 pairs.jsonl
status_is 64 "what scores needs a model"
echo '{"prompt":"p","chosen":"a","rejected":"b"}' >raw.jsonl
meed eval pairwise raw.jsonl
status_is 65 "a file that nobody scored"
claim "what to do is said" has err 'score it with -m NAME'
pair 1 a - 1 >failed.jsonl
meed eval pairwise failed.jsonl
status_is 65 "a run in which everything failed"
claim "why is said" has err 'the first: failed.jsonl:1: late'
meed eval --list
claim "benchmarks are listed" has out rewardbench2

# ---- RewardBench

{
	pair 1 alpacaeval-easy 2 1
	pair 2 alpacaeval-easy 1 2
	pair 3 mt-bench-easy 2 1
	pair 4 llmbar-natural 2 1
	pair 5 donotanswer 1 2
	pair 6 math-prm 2 1
	pair 7 hep-cpp 1 2
	pair 8 shp 2 1
} >rb.jsonl
evaluate rewardbench rb.jsonl
claim "a section is weighted by the benchmark's counts" figure rewardbench Chat accuracy "$(jq -n '(0.5*100+28)/128')"
claim "math-prm weighs 984" figure rewardbench Reasoning accuracy "$(jq -n '984/(984+164)')"
claim "prior sets weigh one half" figure rewardbench score accuracy \
	"$(jq -n '((0.5*100+28)/128 + 1 + 0 + 984/(984+164) + 0.5) / 4.5')"

# ---- RewardBench 2

{
	set_of 1 Math 1 3 1 2 3
	set_of 2 Math 1 1 3 0 0
	set_of 3 Focus 1 4 1 2 3
	set_of ref:0 Ties 1 5 1
	set_of tied:0 Ties 2 5 4 1
} >rb2.jsonl
evaluate rewardbench2 rb2.jsonl
claim "the best of four is shared by those that tie" figure rewardbench2 Math score 0.25
# both accuracies 1; spread 1, gaps 4 and 3: both margins 1; tanh(3 / 1 - 1)
claim "Ties are as published" figure rewardbench2 Ties score "$(jq -n '1 + 0.01 * (2 | tanh)')"
claim "the score is the mean of subsets" figure rewardbench2 score score "$(jq -n '(0.25 + 1 + 1 + 0.01 * (2 | tanh)) / 3')"

# ---- RM-Bench: chosen 3, 5, 7 against rejected 4, 6, 2

set_of 1 chat 3 3 5 7 4 6 2 >rm.jsonl
evaluate rmbench rm.jsonl
claim "easy is below the diagonal" figure rmbench chat easy 1
claim "normal is on it" figure rmbench chat normal 0.333333333333
claim "hard is above it" figure rmbench chat hard 0.666666666667
claim "the average is of the three" figure rmbench score average 0.666666666667
claim "cells are told by style" figure styles concise markdown 1

# ---- RMB: all losers must be beaten

{
	set_of 1 'BoN_set/Helpfulness/Chat/A' 1 3 1 2
	set_of 2 'BoN_set/Helpfulness/Code/B' 1 3 1 3
	set_of 3 'BoN_set/Harmlessness/S1/C' 1 3 4 1
	set_of 4 'BoN_set/Helpfulness/Chat/A' 1 3 4 1
} >rmb.jsonl
evaluate rmb_bon rmb.jsonl
claim "a best-of-N set needs all losers beaten" figure rmb Helpfulness accuracy 0.333333333333
claim "categories have rows" figure rmb Helpfulness/Chat accuracy 0.5
claim "the score is the mean of goals" figure rmb score accuracy 0.166666666667

# ---- JudgeBench: recorded decisions in the order shown

cat >jb.jsonl <<'X'
{"pair_id":"1","source":"mmlu-pro-law","order":"AB","label":"A>B","decision":"A>B"}
{"pair_id":"1","source":"mmlu-pro-law","order":"BA","label":"A>B","decision":"B>A"}
{"pair_id":"2","source":"mmlu-pro-law","order":"AB","label":"A>B","decision":"A>B"}
{"pair_id":"2","source":"mmlu-pro-law","order":"BA","label":"A>B","decision":"A>B"}
{"pair_id":"3","source":"livebench-math","order":"AB","label":"B>A","decision":"A=B"}
{"pair_id":"3","source":"livebench-math","order":"BA","label":"B>A","decision":"A>B"}
{"pair_id":"4","source":"livebench-math","order":"AB","label":"B>A","decision":null}
X
evaluate judgebench --score-at /decision jb.jsonl
claim "a pair is right by both orders' sum" figure judgebench all accuracy 0.5
claim "orders that differ are inconsistent" figure judgebench all inconsistent 0.666666666667
claim "an order without a decision is an error" figure judgebench all errors 1
claim "a pair of opposite decisions is a tie" figure judgebench all ties 1
claim "RM-Gallery leaves out a single one without a decision" figure judgebench all without_nulls 0.666666666667
claim "sources are grouped" figure judgebench Knowledge accuracy 0.5

# ---- PRMBench

cat >prm.jsonl <<'X'
{"unique_id":"1","task_category":"circular","input":[],"output":[{"answer":{"role":"assistant","content":"x","label":{"process":"modified"}},"steps":[{"role":"assistant","content":"s","label":{"is_correct":true},"reward":{"score":0.9,"composition":"c"}},{"role":"assistant","content":"s","label":{"is_correct":true},"reward":{"score":0.2,"composition":"c"}},{"role":"assistant","content":"s","label":{"is_correct":false},"reward":{"score":0.1,"composition":"c"}},{"role":"assistant","content":"s","label":{"is_correct":false},"reward":{"score":0.8,"composition":"c"}}]}]}
X
evaluate prmbench prm.jsonl
# TP 1, FN 1, TN 1, FP 1
claim "PRMScore is the mean of both F1" figure prmbench total prmscore 0.5
claim "the first wrong step counts" figure prmbench total first_error 1

# ---- recorded results

evaluate llmbar --by /evaluator "$data/llmbar_judgments.jsonl.gz"
claim "LLMBar: accuracy over both orders" figure llmbar GPT-4 accuracy "$(jq -n '35/46')"
claim "LLMBar: positional agreement" figure llmbar Falcon agreement "$(jq -n '7/22')"
evaluate pass@k --correct-at /passed --group-at /task_id -k 1 "$data/humaneval_solutions.jsonl.gz"
claim "pass@k over groups of rows" figure by_k 1 pass "$(gzip -dc "$data/humaneval_solutions.jsonl.gz" |
	jq -s 'group_by(.task_id) | map(map(if .passed then 1 else 0 end) | add / length) | add / length')"

cat >best.jsonl <<'X'
{"unique_id":"1","input":[],"output":[{"answer":{"content":"a","label":{"is_correct":true,"prediction":"4"},"reward":{"score":1}}},{"answer":{"content":"b","label":{"is_correct":false,"prediction":"5"},"reward":{"score":2}}},{"answer":{"content":"c","label":{"is_correct":true,"prediction":" 4"},"reward":{"score":2}}}]}
X
evaluate best -k 1,2,3 best.jsonl
claim "best@n shares a tie" figure best all best 0.5
claim "maj@n counts answers" figure best all maj 1
claim "pass@1 is the mean" figure by_k 1 pass 0.666666666667
claim "best@2 is over all pairs" figure by_k 2 best 0.5
evaluate best --correct-at /nowhere best.jsonl
status_is 65 "sets that do not say what is right"

cat >points.jsonl <<'X'
{"unique_id":"1","input":[],"output":[{"answer":{"content":"a","label":{"score":1},"reward":{"score":0.9}}},{"answer":{"content":"b","label":{"score":0},"reward":{"score":0.2}}},{"answer":{"content":"c","label":{"score":1},"reward":{"score":0.4}}}]}
X
evaluate pointwise points.jsonl
claim "labels of 0 and 1 have an area under the curve" figure agreement all auc 1
claim "and a Brier score" figure agreement all brier "$(jq -n '(0.01 + 0.04 + 0.36) / 3')"
claim "and an accuracy" figure agreement all accuracy 0.666666666667

# ---- two runs, several runs

{
	pair 1 a 2 1
	pair 2 a 2 1
	pair 3 a 2 1
	pair 4 b 2 1
	pair 6 b 2 1
} >other.jsonl
evaluate pairwise pairs.jsonl --against other.jsonl
claim "items that both runs have are compared" figure differences all difference -0.75
claim "what only the other has right is counted" figure differences all only_against 3
claim "McNemar's test is exact" figure differences all mcnemar 0.25
claim "what has no partner is told" json report.json '.notes[] | select(.text | test("1 items of this run and 1 of the other"))'
sed 's/"reward":{"score":0.2}/"reward":{"score":0.95}/' points.jsonl >points2.jsonl
evaluate pointwise points.jsonl --against points2.jsonl
claim "correlations of two runs are compared" json report.json '.tables.differences.rows | length == 3 and .[2].this > .[2].against'
evaluate pairwise pairs.jsonl --also other.jsonl
claim "runs have a spread" figure spread all mean 0.7
claim "with n - 1" figure spread all sd "$(jq -n '0.3 * (2 | sqrt)')"

# ---- scoring on the way

mkdir tmp
TMPDIR=$work/tmp
export TMPDIR

cat >c.conf <<'X'
instances = { length = { model = "format.length_penalty"; params = { min_length = 3; max_length = 5; penalty_rate = 1.0; }; }; };
X
cat >jb_raw.jsonl <<'X'
{"pair_id":"p1","source":"mmlu-pro-law","question":"q","response_A":"four","response_B":"much too long","label":"A>B"}
{"pair_id":"p2","source":"livebench-math","question":"r","response_A":"four","response_B":"much too long","label":"B>A"}
X
meed eval judgebench -c c.conf -m length -q --both-orders -o run.jsonl --json report.json jb_raw.jsonl
status_is 0 "raw rows are scored and evaluated"
claim "both orders are asked" lines run.jsonl 4
claim "a model that sees one output at a time is consistent" figure judgebench all inconsistent 0
claim "and right where the label is" figure judgebench all accuracy 0.5
claim "the inputs in both orders are gone" test ! -e run.jsonl.orders
evaluate judgebench run.jsonl
claim "the run that was kept says the same" figure judgebench all accuracy 0.5
meed eval judgebench -c c.conf -m length -q --repeat 3 -o rep.jsonl --json report.json jb_raw.jsonl
claim "repeated runs are kept" test -e rep.jsonl.3
claim "and have a spread" figure spread all sd 0
meed eval judgebench -c c.conf -m length -q --both-orders --json report.json jb_raw.jsonl
(ulimit -f 0; trap '' XFSZ; "$MEED_BIN" eval judgebench -c c.conf -m length -q jb_raw.jsonl 2>&1 >/dev/null) |
	cat >err
claim "a run that cannot be written is told" has_re err 'meed eval: .*(large|space|writ)'
claim "no temporary file stays" rmdir tmp

finish
