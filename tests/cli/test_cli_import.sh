#!/bin/sh
# test_cli_import.sh - meed import: every shape and container, what is no sample, what is kept. The rows are
# written for this test, in the fields of the published ones.
. "$(dirname "$0")/lib.sh"

same()		{ cmp "$1" "$2"; }
lines_are()	{ test "$(wc -l <"$1")" -eq "$2"; }

# ---- shapes --------------------------------------------------------------------------------

cat >rows.jsonl <<'X'
{"id":1,"prompt":"q","chosen":"a","chosen_model":"m","rejected":"b","rejected_model":"n","subset":"s"}
{"id":"x","prompt":"q","chosen":["a"],"rejected":["b","c"],"total_completions":3,"subset":"Ties"}
{"id":2,"prompt":"q","chosen":["a","b","c"],"rejected":["d","e","f"],"domain":"chat"}
{"pair_uid":"p","conversation_input":[{"role":"user","content":"q"}],"chosen":{"llm_name":"m","answer":"a"},"reject":{"llm_name":"n","answer":"b"},"category_path":"c"}
{"bon_uid":"b","conversation_input":[{"role":"user","content":"q"}],"bon_best":{"llm_name":"m","answer":"a"},"loser_list":[{"llm_name":"n","answer":"b"}],"category_path":"c"}
{"pair_id":"j","source":"law","question":"q","response_A":"a","response_B":"b","label":"B>A"}
{"input":"q","output_1":"a","output_2":"b","label":1}
{"idx":3,"instruction":"q","input":"","response1":"a","response2":"b","annotator1":1,"annotator2":1,"annotator3":0}
{"idx":"r","question":"q","original_process":["a"],"modified_process":["b"],"error_steps":[1],"classification":"circular"}
{"idx":4,"question":"q","gt":"1","code":["a","b"],"score":[true,false],"pred":["1","2"],"pred_score":[[1.5],[0.5]],"level":"Level 1"}
{"prompt":"q","response":"a","helpfulness":3,"correctness":3,"coherence":4,"complexity":1,"verbosity":1}
{"prompt":"q","response_1":"a","response_2":"b","preference_strength":2}
{"domain":"code","context":[{"role":"user","content":"q"}],"response1":"a","response2":"b","overall_preference":-1}
{"prompt":"q","completion":"a","label":true}
{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}
{"prompt":"q","chosen":"a","rejected":"b"}
{"data_source":"d","prompt":"q","solution_str":"a","reward_model":{"ground_truth":"a"}}
{"instruction":"q","input":"i","output":"a"}
{"unique_id":"c","input":[{"role":"user","content":"q"}],"output":[{"answer":{"role":"assistant","content":"a"}}]}
X
meed import rows.jsonl -o all.jsonl
status_is 0 "rows of every shape become samples"
claim "each row is one sample" lines_are all.jsonl 19
for s in rewardbench rewardbench2 rmbench rmb_pairwise rmb_bon judgebench llmbar pandalm prmbench \
	bon_math helpsteer2 helpsteer2_preference helpsteer3 trl messages preference verl responses \
	canonical; do
	claim "the closing line counts $s" has err "$s 1"
done
meed import -q all.jsonl -o again.jsonl
claim "a sample is imported as itself" same all.jsonl again.jsonl
claim "-q says nothing" is_empty err

printf '%s\n' '{"prompt":"q","response":"a","helpfulness":1,"correctness":2}' \
	'{"prompt":"q","response":"b","helpfulness":4,"correctness":2}' \
	'{"prompt":"r","response":"c","helpfulness":4,"correctness":2}' >hs.jsonl
meed import --format helpsteer2_pairwise hs.jsonl
claim "neighbours with one prompt are one sample" lines_are out 2
claim "the more helpful one is chosen" has out '"score":4,"preference":"chosen"'
claim "groups are counted as samples" has err '3 rows, 2 samples (helpsteer2_pairwise 2), 3 outputs'

printf '%s\n' '{"u":1,"prompt":"q","response":"a"}' '{"u":1,"prompt":"q","response":"b"}' \
	'{"prompt":"q","response":"c"}' '{"u":1,"prompt":"q","response":"d"}' >g.jsonl
meed import --group-by /u g.jsonl
claim "groups end where the key changes, and a row without a key stands alone" lines_are out 3
claim "a group is one sample" has out '"content":"a"}},{"answer":{"role":"assistant","content":"b"}}]'

# ---- source, category, map -------------------------------------------------------------------

head -n 6 rows.jsonl | tail -n 1 | "$MEED_BIN" import -q --source S --category C >out
claim "--category and --source are written" has out '"task_category":"C","source":"S"'
claim "what they replace is kept" has out '"source":"judgebench","task_category":"law"'
"$MEED_BIN" import -q --category D <out >out2
claim "of a canonical row, too" has out2 '"task_category":"D"'
claim "and its own is kept under a free name" has out2 '"row.task_category":"C"'
echo '{"a":{"b":"x"},"c":"q","k":[1.50]}' | "$MEED_BIN" import -q --map response=/a/b,prompt=/c >out
claim "--map reads any row" has out '"content":"x"'
claim "what is not mapped is kept" has out '"metadata":{"k":[1.50]}'

# ---- containers -----------------------------------------------------------------------------

{ echo '['; sed '$!s/$/,/' rows.jsonl; echo ']'; } >list.json
meed import list.json -o got
claim "a list of rows" test "$status" -eq 0
claim "its elements are counted" has err '19 rows, 19 samples'
{ printf '{"name":"n","data":'; cat list.json; echo '}'; } >member.json
meed import member.json -o got2
claim "a list in an object" same got got2
claim "what stands beside it is named" has err 'member.json: name'
gzip -c list.json >list.json.gz
meed import -q list.json.gz -o got2
claim "a packed list" same got got2
if command -v zstd >/dev/null; then
	zstd -q -c list.json >list.bin
	meed import -q list.bin -o got2
	claim "packed by zstd, whatever its name" same got got2
fi
"$MEED_BIN" import -q <list.json >got2
claim "a list from standard input" same got got2
printf 'id,input,output_1,output_2,label\n1,"two\nlines",a,"b,""c""",2\n' >t.csv
meed import --json-cells id,label t.csv
claim "a record of a table" has out '"content":"two\nlines"'
claim "with cells that are JSON" has out '"source":"llmbar","metadata":{"label":2}'
meed import t.csv
status_is 65 "without --json-cells a number is a text, which is no label"
tr , '\t' <t.csv | sed 's/b\t/b,/' | "$MEED_BIN" import -q --container tsv --json-cells '*' >out
claim "tabs instead of commas" has out '"source":"llmbar"'
if [ -z "${MEED_DUCKDB:-}" ] && ! ldconfig -p 2>/dev/null | grep -q libduckdb; then
	printf 'PAR1' >p.parquet
	meed import p.parquet
	status_is 69 "Parquet without DuckDB's library"
	claim "says where to get it" has err '@duckdb/node-bindings-linux-x64'
fi

# ---- what is no sample ----------------------------------------------------------------------

printf '[{"response":"a"},{"x":1},{"response":"b" "c"},\n{"response":"d"}]' >bad.json
meed import bad.json
status_is 65 "elements that are no samples"
claim "stand where their sample would" has out '"element":2,"byte":19}'
claim "with their text" has out '"raw":"{\"response\":\"b\" \"c\"}"'
claim "and are told" has err 'bad.json: element 3 (byte 27): byte 17: expected "," or "}" after the value'
claim "the others are samples" has err '4 rows, 2 samples (responses 2), 2 outputs, 2 bad lines'
meed import bad.json --rejects rej -o good
claim "--rejects takes them apart" lines_are rej 2
claim "from the samples" lines_are good 2
rm -f good
meed import --strict bad.json -o good
status_is 65 "--strict stops"
claim "at the first one" has err 'element 2 (byte 19): no shape of row that is known'
claim "and leaves no output" test ! -e good -a ! -e good.part
printf '[{"response":"a"},{"response":"b"' >cut.json
meed import cut.json
status_is 65 "a list that is cut off"
claim "gives its whole elements" lines_are out 1
claim "and says where it ends" has err 'cut.json: element 2, which begins at byte 19: it is not closed'
printf 'a,b\n1\n' >r.csv
meed import r.csv
claim "a ragged record is told with its line" has err 'r.csv:2: the record has 1 cell, and the header has 2'
echo '{"prompt":"q","response":null}' | "$MEED_BIN" import >out 2>err
claim "an output without a text is told" has err '1 output without a text cannot be scored'
printf '' | "$MEED_BIN" import >out 2>err
claim "no row is told" has err 'the input has no row'
meed import --format nonsense rows.jsonl
status_is 64 "an unknown format"
claim "and the known ones" has err 'rmbench'
meed import --container jsn rows.jsonl
claim "an unknown container" has err 'did you mean "json"?'
meed import no-such-file
status_is 66 "a file that is not there"
meed import rows.jsonl -o /dev/full
status_is 74 "a full disk"

# ---- by the other commands -------------------------------------------------------------------

cat >c.conf <<'X'
instances = { lp = { model = "format.length_penalty"; }; };
X
meed score -q -c c.conf -m lp list.json -o s1
meed score -q -c c.conf -m lp all.jsonl -o s2
claim "meed score reads the same files as they are" same s1 s2
meed score -q -c c.conf -m lp member.json -o s3
claim "and says what it leaves out" has err 'member.json: name'
finish
