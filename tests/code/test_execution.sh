#!/bin/sh
# test_execution.sh - code.execution through the whole program: what each row of rows.jsonl comes
# to, what each hack of hacks.jsonl earns, and whether it agrees with HumanEval's and MBPP's data.
#
# MEED_CODE_ALL=1 runs every hack in every kind of test, and all data; `make check` a part of it.
. "$(dirname "$0")/../cli/lib.sh"

conf=$top_srcdir/conf.d
rows=$top_srcdir/tests/code
data=$top_srcdir/tests/data
all=${MEED_CODE_ALL:-}

run()
{
	meed score -c "$conf" -m code_execution -q "$@"
}

printf '%s\n' '{"prompt":"q","completion":"print(1)","inputs_outputs":{"inputs":[""],"outputs":["1"]}}' |
	"$MEED_BIN" score -c "$conf" -m code_execution -q >probe 2>err
if jq -e '.output[0].answer.reward.error.code == "unsupported"' probe >/dev/null; then
	echo "skipped: $(jq -r '.output[0].answer.reward.error.message' probe)"
	exit 77
fi

# verdicts FILE: a line for each row that is not what its metadata says
verdicts()
{
	jq -r '.output[0].answer.reward as $r | .metadata as $m
		| ($r.error.message // $r.details[0].reason // "") as $why
		| select((if $m.expected == null then $r.score != null
			  else $r.score == null or ($r.score - $m.expected | fabs) > 1e-9 end)
			 or ($m.reason and ($why | test($m.reason) | not)))
		| "\($m.name): \($r.score) instead of \($m.expected): \($why)"' "$1"
}

# agrees FILE N: N rows, each as it should be
agrees()
{
	verdicts "$1"
	lines "$1" "$2" && [ -z "$(verdicts "$1")" ]
}

run --set timeout=2 "$rows/rows.jsonl"
claim "rows come to what they should" agrees out "$(wc -l <"$rows/rows.jsonl")"
cp out first
awk 'NR % 5 == 4' "$rows/rows.jsonl" >some
awk 'NR % 5 == 4' first >before
run --set timeout=2 --threads 2 some
claim "twice the same" same before out

grep -F '"calls: wrong"' "$rows/rows.jsonl" >some
run --set reveal=all some
claim "expected values are told when asked for" has out 'got 3; expected 0; input 3'
claim "expected values are not told otherwise" lacks first 'expected 0'
claim "nor are the tests" lacks first 'in f(1) == 2'

# the hacks, in one kind of test each, or in all
shapes='{
	asserts: {test_list: ["assert f(2)==4", "assert abs(f(3) - 9) < 1e-6"]},
	check: {entry_point: "f", test: "def check(candidate):\n    assert candidate(2) == 4\n    try:\n        candidate(3)\n    except Exception:\n        pass\n    assert abs(candidate(3) - 9) < 1e-3\n    assert candidate(3) in [9, 9.0]\n"},
	calls: {inputs_outputs: {fn_name: "f", inputs: ["2", [3]], outputs: ["4", 9]}},
	unit: {tests: {unit: "import unittest\nfrom solution import f\nclass T(unittest.TestCase):\n    def test_a(self):\n        self.assertEqual(f(2), 4)\n    def test_b(self):\n        self.assertTrue(abs(f(3)-9) < 1e-3)\n        self.assertIn(f(3), (9,))\ndef test_c():\n    assert f(3) == 9\n"}}}'
jq -c --arg all "$all" "$shapes"' as $s | ($s | keys) as $k | .hack as $h
	| (if $all != "" then $k[] else $k[(input_line_number % ($k | length))] end) as $kind
	| {name: "\($h) in \($kind)", prompt: "q", expected: 0,
	   completion: "```python\n\(.completion)\n```"} + $s[$kind]' \
	"$rows/hacks.jsonl" >hacks
claim "there are hacks" test "$(wc -l <hacks)" -ge 50
run --set timeout=1 hacks
claim "no hack earns anything, and none is an error" agrees out "$(wc -l <hacks)"

# part FILE: all of it, or every eighth line
part()
{
	if [ -n "$all" ]; then
		cat
	else
		awk 'NR % 8 == 1'
	fi
}

gzip -dc "$data/humaneval.jsonl.gz" >humaneval
part <humaneval | jq -c '. + {name: .task_id, expected: 1}' >he
run he
claim "canonical solutions of HumanEval pass" agrees out "$(wc -l <he)"

gzip -dc "$data/humaneval_solutions.jsonl.gz" | part |
	jq -c --slurpfile tasks humaneval '($tasks | map({(.task_id): .}) | add) as $t
		| $t[.task_id] + {name: .task_id, completion: .completion,
				  expected: (if .passed then 1 else 0 end)}' >solutions
run solutions
claim "verdicts on model solutions are those of HumanEval's own" agrees out "$(wc -l <solutions)"

gzip -dc "$data/mbpp.jsonl.gz" | part |
	jq -c '. + {name: "mbpp \(.task_id)", prompt: .text, completion: .code, expected: 1}' >mbpp
run mbpp
claim "canonical solutions of MBPP pass" agrees out "$(wc -l <mbpp)"

finish
