#!/bin/sh
# test_cli_export.sh - meed export: rows as TRL, verl and tables have them.
. "$(dirname "$0")/lib.sh"

cat >in.jsonl <<'X'
{"unique_id":"1","input":[{"role":"system","content":"Be brief."},{"role":"user","content":"2+2?"}],"output":[{"answer":{"role":"assistant","content":"4","label":{"preference":"chosen","reference":"4"},"reward":{"score":0.9}}},{"answer":{"role":"assistant","content":"5, \"maybe\"","label":{"preference":"rejected"},"reward":{"score":0.1}}},{"answer":{"role":"assistant","content":"22","reward":{"score":0.5}}}],"task_category":"math","source":"mine","metadata":{"level":1}}
{"unique_id":"2","input":"Hi","output":["Hello"]}
X
meed export preference in.jsonl
status_is 0 "preference"
claim "chosen, rejected, scores and what else is known" json out '.id == "1" and
	.prompt[1].content == "2+2?" and .chosen[0].content == "4" and .rejected[0].role == "assistant"
	and .score_chosen == 0.9 and .score_rejected == 0.1 and .metadata.level == 1'
claim "a sample without a pair makes no row, and that is told" has err \
	'1 sample made no row: no output is labelled chosen and another rejected'
cp out pref.jsonl
meed data limit -q 1 pref.jsonl
claim "such rows are read again" json out '(.output | map(.answer.label.preference)) == ["chosen", "rejected"]
	and .input[0].role == "system" and .metadata.level == 1'
meed export trl_preference --text in.jsonl
claim "as text" json out '. == {prompt: "Be brief.\n2+2?", chosen: "4", rejected: "5, \"maybe\""}'
meed export trl-preference --pairs all in.jsonl
claim "all pairs by score" lines out 3
meed export trl-preference --pairs all --margin 0.5 in.jsonl
claim "with a margin" lines out 1
meed export trl-preference --pairs all --max-pairs 1 in.jsonl
claim "the widest margin first" json out '.chosen[0].content == "4" and (.rejected[0].content | startswith("5"))'
meed export trl-preference --margin 1 in.jsonl
status_is 64 "labels have no margin"
meed export trl_kto in.jsonl
claim "KTO: each labelled output a row" sh -c 'test "$(jq -c .label out | tr "\n" " ")" = "true false "'
meed export trl_kto --threshold 0.5 in.jsonl
claim "or by score" sh -c 'test "$(jq -c .label out | tr "\n" " ")" = "true false true "'
meed export trl_prompt_completion in.jsonl
claim "the chosen one, else the first" sh -c \
	'test "$(jq -r ".completion[0].content" out | tr "\n" " ")" = "4 Hello "'
meed export sft --take all in.jsonl
claim "conversations end with the answer" sh -c 'test "$(wc -l <out)" -eq 4 &&
	head -n 1 out | jq -e "(.messages | map(.role)) == [\"system\", \"user\", \"assistant\"]" >/dev/null'
meed export sft --take bset in.jsonl
claim "a word that is none" has err '--take: "bset" must be auto, all, chosen, best or first'
meed export verl in.jsonl
claim "verl's row" sh -c 'head -n 1 out | jq -e ". == {data_source: \"mine\", prompt: [{role: \"system\",
	content: \"Be brief.\"}, {role: \"user\", content: \"2+2?\"}], ability: \"math\",
	reward_model: {style: \"rule\", ground_truth: \"4\"}, extra_info: {level: 1, index: \"1\"}}" >/dev/null'
printf '%s\n' '{"data_source":"a","prompt":[{"role":"user","content":"2+2?"}],"ability":"math","reward_model":{"style":"rule","ground_truth":"4"},"extra_info":{"level":1,"index":"1"}}' >verl.jsonl
meed export verl -q verl.jsonl
claim "a row of verl's comes out as it went in" same verl.jsonl out
meed export csv in.jsonl
claim "CSV: a row an output under a header" lines out 8
claim "lines end as RFC 4180 has it" sh -c 'head -n 1 out | od -c | grep -q "\\\\r *\\\\n"'
claim "quotes are doubled" has out '"5, ""maybe""",rejected,,0.1,'
claim "a line break stands inside quotes" python3 -c 'import csv
rows = list(csv.DictReader(open("out", newline="")))
assert [r["response"] for r in rows] == ["4", "5, \"maybe\"", "22", "Hello"], rows
assert rows[0]["prompt"] == "Be brief.\n2+2?" and rows[0]["score"] == "0.9"'
meed export csv --column id=id --column level=/metadata/level in.jsonl
claim "chosen columns, a row a sample" sh -c 'test "$(tr "\r\n" " ;" <out)" = "id,level ;1,1 ;2, ;"'
meed export jsonl -o x.jsonl.gz in.jsonl
claim "canonical rows, packed by the name" sh -c 'gzip -dc x.jsonl.gz | jq -se "map(.unique_id) == [\"1\", \"2\"]" >/dev/null'
meed export jsonl -q -o x.parquet in.jsonl
if [ "$status" -eq 69 ]; then
	claim "without DuckDB's library Parquet says what is missing" has err "libduckdb"
	claim "and leaves nothing behind" test ! -e x.parquet.part
else
	status_is 0 "Parquet by the name"
	meed data limit -q 9 x.parquet
	claim "canonical samples come back from Parquet" sh -c 'strip() { jq -cS "walk(if type == \"object\"
		then with_entries(select(.value != null)) else . end)" "$1"; }; strip out >a; gzip -dc x.jsonl.gz >b; strip b | cmp - a'
	sed "s/\"4\"/\"2024-01-05\"/" verl.jsonl >date.jsonl
	meed export verl -q -o v.parquet date.jsonl
	meed export verl -q v.parquet
	claim "verl's rows, too, and a text that looks like a date stays one" same date.jsonl out
	meed export csv -o y.parquet in.jsonl
	claim "CSV is no Parquet" has err "csv has no rows that Parquet could hold"
fi
meed export nix in.jsonl
status_is 64 "no such format"
meed export jsonl none.jsonl
status_is 66 "no such input"

finish
