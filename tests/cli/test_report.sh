#!/bin/sh
# test_report.sh - meed report and meed health.
. "$(dirname "$0")/lib.sh"

MEED_CONF=$top_srcdir/conf.d
export MEED_CONF
TMPDIR=$work
export TMPDIR
data=$top_srcdir/tests/data/gsm8k_solutions.jsonl.gz
map="--map prompt=/question,response=/solution,reference=/answer --group-by /question"

# shellcheck disable=SC2086
for m in gsm8k_demo rouge final_number; do
	"$MEED_BIN" score -q -m $m $map -o $m.jsonl "$data" || exit 99
done

# ---- wrong usage

meed report
status_is 64 "no run is wrong usage"
meed report missing.jsonl
status_is 66 "a run that is not there"
claim "it is named" has err missing.jsonl
: >empty.jsonl
meed report empty.jsonl
status_is 65 "an empty run"
claim "what a run is is said" has err "meed score -o"
zcat "$data" | head -n 3 >raw.jsonl
# shellcheck disable=SC2086
meed report --map prompt=/question,response=/solution raw.jsonl
status_is 65 "a run without scores"
claim "what to do is said" has err "meed score -m NAME -o OUT"
echo 'not json' >bad.jsonl
meed health bad.jsonl
status_is 65 "a run of lines that are no sample"
claim "they are counted" has err "bad.jsonl: no output has a score (lines that are no sample: 1)"
meed report --csv-table runs rouge.jsonl
status_is 64 "--csv-table without --csv"
meed report --json - --csv - rouge.jsonl
status_is 64 "two reports for standard output"
meed report --json x --csv x rouge.jsonl
status_is 64 "two reports for one file"
meed report --csv - --csv-table nothing rouge.jsonl
status_is 64 "a table that is not there"
claim "those that are there are named" has err "it has runs"
meed report --json nowhere/x.json rouge.jsonl
status_is 73 "a file that cannot be made"

# ---- what is reported

meed report --json r.json --csv r.csv gsm8k_demo.jsonl rouge.jsonl final_number.jsonl
status_is 0 "three runs compared"
claim "a row a run" sh -c 'grep -c "^gsm8k_demo  *100  *400  *0  *0  *0.4252  *0.3826 " out'
claim "the JSON says the same" json r.json \
	'.meed == "report/1" and .tables.runs.rows[0].n == 400 and
	 (.tables.runs.rows[0].mean - 0.42523 | fabs) < 0.0001'
claim "shares of members add up to 1" json r.json \
	'[.tables.members.rows[] | select(.run == "gsm8k_demo") | .variance] | add - 1 | fabs < 1e-9'
claim "runs agree on what both have" json r.json \
	'.tables.agreement.rows | length == 3 and all(.shared == 400) and
	 .[0].pearson.low < .[0].pearson.value and .[0].spearman > 0.7'
claim "correlations are drawn" json r.json '.plots.correlation.kind == "heat"'
claim "the CSV has all tables" has r.csv "# agreement"
meed report --json r2.json --csv r2.csv gsm8k_demo.jsonl rouge.jsonl final_number.jsonl
claim "the same runs give the same bytes" cmp r.json r2.json
meed report --csv - --csv-table runs rouge.jsonl
status_is 0 "one table as CSV"
claim "with a header and a row" lines out 2
claim "and nothing else" has_re out '^run,samples,n,errors,'
gzip -c rouge.jsonl >same.jsonl.gz
meed report rouge.jsonl same.jsonl.gz --csv - --csv-table agreement
claim "a run agrees with itself, and gzip is seen through" has out "rouge,same,400,1,"

claim "where nobody was asked there are no costs" json r.json '.tables | has("costs") | not'

# ---- what it cost: nested members, failures and what is no number

cat >asked.jsonl <<'EOF'
{"unique_id":"a","input":[{"role":"user","content":"p"}],"output":[{"answer":{"role":"assistant","content":"x","reward":{"composition":"c","score":1,"details":[{"name":"m","score":1,"cost":{"requests":3,"cached":1,"prompt_tokens":400,"completion_tokens":90,"money":0.25},"details":[{"name":"n","score":1,"cost":{"requests":1,"prompt_tokens":10,"completion_tokens":5}}]}]}}},{"answer":{"role":"assistant","content":"y","reward":{"composition":"c","valid":false,"error":{"code":"parse","message":"z"},"details":[{"name":"m","state":"failed","cost":{"requests":2,"prompt_tokens":"many","completion_tokens":-7,"money":0.5}}]}}}]}
EOF
meed report --json asked.json asked.jsonl rouge.jsonl
status_is 0 "a run that asked somebody"
claim "costs are summed, of members and of failures" json asked.json \
	'.tables.costs.rows[0] | .requests == 6 and .known == 1 and .tokens_in == 410 and .tokens_out == 95 and
	 .money == 0.75 and .money_1000 == 375'
claim "and a run that asked nobody has none" json asked.json \
	'.tables.costs.rows[1] | .requests == 0 and .money == null'

# ---- labels, failures, hostile names

cat >odd.jsonl <<'EOF'
{"unique_id":"a","input":[{"role":"user","content":"p"}],"task_category":"<script>\u001b[31m","output":[{"answer":{"role":"assistant","content":"right","label":{"preference":"chosen"},"reward":{"composition":"c","score":1,"details":[]}}},{"answer":{"role":"assistant","content":"wrong","label":{"preference":"rejected"},"reward":{"composition":"c","score":0,"details":[]}}}]}
{"unique_id":"b","input":[{"role":"user","content":"q"}],"task_category":"t","output":[{"answer":{"role":"assistant","content":"right","label":{"preference":"chosen"},"reward":{"composition":"c","valid":false,"error":{"code":"timeout","message":"x"},"details":[]}}},{"answer":{"role":"assistant","content":"wrong","label":{"preference":"rejected"},"reward":{"composition":"c","score":0,"details":[]}}}]}
not json
EOF
meed report --json odd.json odd.jsonl
status_is 0 "a run with failures"
claim "pairs without both scores count as wrong" json odd.json \
	'.tables.pairs.rows[0] | .pairs == 2 and .right == 1 and .unscored == 1 and
	 .accuracy.value == 0.5'
claim "errors are counted" json odd.json \
	'.tables.runs.rows[0].errors == 2 and (.tables.errors.rows | length) == 2'
claim "no escape reaches a terminal" sh -c '! grep -q "$(printf "\033")" out'
claim "no NaN" sh -c '! grep -iqw "nan\|inf" out odd.json'
meed report --html odd.html --no-plots odd.jsonl
status_is 0 "a page without plots"
claim "its names are text" lacks odd.html "<script"
claim "what would be drawn stands there as a table" has odd.html "<details open>"
PATH=/nonexistent "$MEED_BIN" report --html x.html rouge.jsonl >out 2>err
status=$?
status_is 69 "plots without gnuplot"
claim "what to install is said" has err gnuplot-nox
claim "no half page is left" test ! -e x.html

# ---- health

meed health gsm8k_demo.jsonl
status_is 1 "a value past its limit"
claim "it says which" has_re out '^gsm8k_demo  dominance  *0.972'
claim "and what to do" has out "Bring members to one scale"
meed health --limit dominance=0.99 gsm8k_demo.jsonl
status_is 0 "another limit"
claim "nothing is found" has out "Nothing is past its limit."
meed health --limit dominanec=0.99 gsm8k_demo.jsonl
status_is 64 "a limit that is not there"
claim "the nearest is named" has err 'did you mean "dominance"?'
meed health --limit length=-1 gsm8k_demo.jsonl
status_is 64 "a limit out of range"
meed health --limit length=nan gsm8k_demo.jsonl
status_is 64 "a limit that is no number"
meed health --range 1:0 gsm8k_demo.jsonl
status_is 64 "a range the wrong way round"
meed health
status_is 64 "no run"
meed health --keep x gsm8k_demo.jsonl
status_is 64 "--keep without --canaries"
meed health empty.jsonl
status_is 65 "health of nothing"

mkdir conf
printf 'health = {\n  dominance = 0.99;\n};\n' >conf/a.conf
meed health -c conf gsm8k_demo.jsonl
status_is 0 "the configuration's limit"
meed health -c conf --limit dominance=0.5 gsm8k_demo.jsonl
status_is 1 "an option comes before it"
printf 'health = {\n  dominance = 7;\n};\n' >conf/a.conf
meed health -c conf gsm8k_demo.jsonl
status_is 78 "a limit of the configuration that is wrong"
claim "file and line are named" has err "a.conf:2: health.dominance = 7: must be a number from 0 to 1"

meed health --json h.json gsm8k_demo.jsonl final_number.jsonl
claim "drift is seen" json h.json \
	'[.tables.checks.rows[] | select(.check == "drift, KS")][0].result == "past limit"'
meed health --json h.json gsm8k_demo.jsonl same.jsonl.gz
meed health --json h.json rouge.jsonl same.jsonl.gz
claim "a run has not drifted from itself" json h.json \
	'[.tables.checks.rows[] | select(.check | startswith("drift"))] | all(.value == 0)'

printf '%s\n' '{"input":[{"role":"user","content":"p"}],"output":[{"answer":{"role":"assistant","content":" : ","reward":{"composition":"c","score":1,"details":[]}}},{"answer":{"role":"assistant","content":"said","reward":{"composition":"c","score":0,"details":[]}}}]}' >fooled.jsonl
meed health --limit length=1 fooled.jsonl
status_is 1 "a canary in a run"
claim "its text is shown" has out '" : "'

# ---- canaries

meed health --canaries rouge --keep kept.jsonl
status_is 0 "rouge is not fooled by what says nothing"
claim "the scored rows are kept" lines kept.jsonl 60
meed health --canaries length_penalty
status_is 1 "a reward for length cannot tell right from wrong"
claim "that is called blind" has_re out 'length_penalty  blind'
meed health --canaries nobody
status_is 78 "canaries for an instance that is not there"
meed health --canaries rouge gsm8k_demo.jsonl
status_is 64 "canaries and runs at once"
claim "no file of canaries is left" sh -c '! ls "${TMPDIR:-/tmp}"/meed-canaries.* 2>/dev/null | grep -q .'

# ---- a million would do as well: what is kept does not grow

if [ -z "${MEED_SAN:-}" ]; then
	awk 'BEGIN { for (i = 0; i < 200000; i++) printf "{\"unique_id\":\"%d\",\"input\":[{\"role\":\"user\",\"content\":\"p%d\"}],\"output\":[{\"answer\":{\"role\":\"assistant\",\"content\":\"%d\",\"reward\":{\"composition\":\"c\",\"score\":%.3f,\"details\":[]}}}]}\n", i, i, i * 7919 % 100003, (i * 31 % 1000) / 1000 }' >many.jsonl
	(ulimit -v 300000; "$MEED_BIN" report many.jsonl many.jsonl >out 2>err)
	status=$?
	status_is 0 "200,000 samples twice in 300 MB of addresses"
	claim "those with the lowest keys are compared" has_re out ' (3|4|5|6)[0-9]{4}  1.000'
fi

finish
