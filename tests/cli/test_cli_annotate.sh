#!/bin/sh
# test_cli_annotate.sh - samples to Label Studio and back, and agreement between annotators.
. "$(dirname "$0")/lib.sh"

jq -nc 'range(30) | . as $i | {unique_id: "s\($i)", input: [{role: "user", content: "Question <\($i)>"}],
	output: [{answer: {content: "first \($i)"}}, "second \($i)"], source: "made"}' >in.jsonl
meed annotate out --label-config lc.xml --aspect helpfulness --instruction 'Be "fair" & <quick>' \
	-o tasks.json in.jsonl
status_is 0 "tasks out"
claim "the configuration is well-formed XML that names each field of a task" python3 -c '
import json, xml.etree.ElementTree as x
t = x.parse("lc.xml").getroot()
data = json.load(open("tasks.json"))[0]["data"]
values = {e.get("value")[1:] for e in t.iter() if (e.get("value") or "").startswith("$")}
assert values <= set(data), (values, data.keys())
names = {e.get("name") for e in t.iter() if e.get("name")}
assert {e.get("toName") for e in t.iter() if e.get("toName")} <= names
assert {"preference", "answer1_rating", "answer2_helpfulness", "comments"} <= names, names
assert t[0].get("value") == "Be \"fair\" & <quick>"'
claim "each sample is a task" json tasks.json 'length == 30 and all(.[]; .data.unique_id != null)'
claim "answers stand in random order" json tasks.json '[.[].data.order] | unique == [[0, 1], [1, 0]]'
claim "as their order says" json tasks.json \
	'all(.[].data; .answer1 | startswith("first")) | not'
claim "and can be told back" json tasks.json \
	'all(.[].data; if .order[0] == 0 then (.answer1 | startswith("first")) else (.answer1 | startswith("second")) end)'
cp tasks.json first
meed annotate out -q -o tasks.json in.jsonl
claim "the same tasks again" same first tasks.json
meed annotate out -q --keep-order -o kept.json in.jsonl
claim "--keep-order keeps it" json kept.json 'all(.[].data; .order == [0, 1])'
meed annotate out --outputs 3 --ask best,rank --label-config lc3.xml -q -o t3.json in.jsonl
claim "three answers may be ranked" sh -c 'grep -q "answer3_rank" lc3.xml && grep -q best_answer lc3.xml'
meed annotate out --outputs 3 --ask preference -o t3.json in.jsonl
status_is 64 "a preference is between two"
meed annotate out --outputs 1 in.jsonl
claim "samples with more outputs make no task, and that is told" has err '30 samples made no row: the sample has more outputs'

# Three annotators: 1 and 2 prefer the sample's first output but for two samples; 3 always the
# answer shown first. Annotator 3 left the last task; the first task has a cancelled annotation.
jq '[.[] | . as $t | ($t.data.unique_id[1:] | tonumber) as $i | ($t.data.order | index(0)) as $at |
	{id: $i, data: $t.data, annotations: ([range(3) as $a | select($a < 2 or $i < 29) |
		{id: ($i * 3 + $a), completed_by: (if $a == 0 then {id: 1, email: "a@x"} else $a end),
		was_cancelled: false, lead_time: 2.5, created_at: "2026-01-01T00:00:00Z", result: [
		{from_name: "preference", to_name: "input", type: "choices", value: {choices: [
			if $a == 2 then "answer_1" elif $a == 1 and $i < 2 then "tie"
			else "answer_\($at + 1)" end]}},
		{from_name: "answer1_rating", to_name: "answer1", type: "rating",
			value: {rating: (if $at == 0 then 5 else 2 end)}},
		{from_name: "answer2_rating", to_name: "answer2", type: "rating",
			value: {rating: (if $at == 0 then 2 else 5 end)}},
		{from_name: "comments", to_name: "input", type: "textarea", value: {text: ["} \"so\" ]"]}}]}]
	+ (if $i == 0 then [{id: 999, completed_by: 9, was_cancelled: true, result: []}] else [] end))}]' \
	tasks.json >export.json
jq -c '[.[] | . as $t | .annotations[] | select(.was_cancelled | not) | $t.data + {id: $t.id,
	annotator: (.completed_by | if type == "object" then .email else . end), annotation_id: .id,
	preference: .result[0].value.choices[0], answer1_rating: .result[1].value.rating,
	answer2_rating: .result[2].value.rating, comments: .result[3].value.text[0],
	lead_time, created_at}]' export.json >min.json
meed annotate in export.json in.jsonl
status_is 0 "annotations in"
claim "what came is told" has err '89 annotations of 30 tasks, 30 samples annotated, 0 tasks of no sample, 1 skipped'
claim "each annotator's words are in the sample" json out '.metadata.annotations | type == "array"'
cp out ann.jsonl
claim "places are outputs again" sh -c 'jq -se "all(.metadata.annotations[0].preference == 0)" ann.jsonl >/dev/null'
claim "ratings, too" sh -c 'jq -se "all(.metadata.annotations[].ratings == [5, 2])" ann.jsonl >/dev/null'
claim "annotators, comments and times are kept" sh -c 'head -n 1 ann.jsonl | jq -e ".metadata.annotations[0] |
	.annotator == \"a@x\" and .comment == \"} \\\"so\\\" ]\" and .seconds == 2.5" >/dev/null'
claim "the majority is a label" sh -c 'tail -n 1 ann.jsonl | jq -e ".output | map(.answer.label.preference) ==
	[\"chosen\", \"rejected\"]" >/dev/null'
claim "the mean rating, too" sh -c 'tail -n 1 ann.jsonl | jq -e ".output | map(.answer.label.rating) == [5, 2]" >/dev/null'
claim "an output that was a string is one no more, and keeps its text" sh -c \
	'head -n 1 ann.jsonl | jq -e ".output[1].answer.content == \"second 0\"" >/dev/null'
meed annotate in -q min.json in.jsonl
claim "JSON-MIN says the same" same ann.jsonl out
meed annotate in -q --no-labels export.json in.jsonl
claim "--no-labels sets none" sh -c 'jq -se "all(.output[0].answer.label == null)" out >/dev/null'
head -n 3 in.jsonl >three.jsonl
meed annotate in export.json three.jsonl
claim "tasks of no sample are counted" has err '3 samples annotated, 27 tasks of no sample'
for e in export min; do
	meed annotate in -q $e.json
	claim "$e.json alone makes the samples anew" sh -c \
		'jq -se "length == 30 and all(.output[0].answer.content | startswith(\"first\"))" out >/dev/null'
done
cp out rebuilt.jsonl

meed annotate agree --json a.json --seed 1 ann.jsonl
status_is 0 "agreement"
claim "the pairs' kappa" json a.json '.tables.cohen.rows | length == 3 and .[0].kappa.value == 0'
meed annotate agree -q --csv - --csv-table cohen rebuilt.jsonl
claim "the rebuilt samples agree as much" sh -c 'head -n 2 out | grep -q "a@x,1"'
meed annotate agree -q --of rating --json a.json ann.jsonl
claim "ratings agree wholly" json a.json \
	'.tables.agreement.rows | map(.value | .value? // .) | all(. == 1)'
claim "missing ratings are told" json a.json '.notes | map(.text) | any(test("the others have fewer"))'
jq -nc '[[1,1],[1,1],[2,3],[3,3],[2,2],[1,2]][] | {input: "q", output: [], metadata: {a: .[0], b: .[1]}}' >p.jsonl
meed annotate agree -q --rater /metadata/a --rater /metadata/b --weights quadratic --json a.json p.jsonl
claim "values at pointers, weighted (scikit-learn 1.x says 0.75)" json a.json \
	'.tables.cohen.rows[0].kappa.value | . > 0.7499999 and . < 0.7500001'
meed annotate agree -q --rater /metadata/a --rater /metadata/b --order 3,1,2 --bootstrap 0 --json a.json p.jsonl
claim "an order may be given" json a.json '.tables.agreement.rows | length == 5'
meed annotate agree -q --rater /metadata/a --rater /metadata/b --order 3,1 p.jsonl
claim "which has to be whole" has err 'the value "2" is not in the order'
meed annotate agree -q --html a.html --no-plots ann.jsonl
claim "a page" has a.html "Cohen"
meed annotate agree in.jsonl
claim "no annotations" has err 'no sample has annotations of "preference"'
meed annotate agree --rater /metadata/a p.jsonl
status_is 64 "one annotator agrees with nobody"
meed annotate in lc.xml in.jsonl
claim "no export" has err 'lc.xml: task 1: this is no list of tasks'
head -c 500 export.json >cut.json
meed annotate in cut.json in.jsonl
claim "a file that was cut" has err 'the file ends in the midst of task 1'
meed annotate in none.json in.jsonl
status_is 66 "no such export"

if [ -n "${MEED_SHARED:-}" ]; then
	meed annotate agree -q --rater /metadata/annotator1 --rater /metadata/annotator2 \
		--rater /metadata/annotator3 --json a.json "$MEED_SHARED/data/pandalm_human_dev.jsonl"
	claim "PandaLM's three annotators agree as its paper says, 0.85 to 0.88, within the interval" json a.json \
		'.tables.cohen.rows | all(.kappa.low < 0.88 and .kappa.high > 0.85)'
fi

finish
