#!/bin/sh
# test_cli_data.sh - meed data: each step does what it says, to the sample, and again the same.
. "$(dirname "$0")/lib.sh"

# 60 samples: three categories of different sizes, two outputs each with scores, ten prompts
jq -nc 'range(60) | . as $i | {unique_id: "s\($i)",
	input: [{role: "user", content: "Question \($i % 30)"}],
	output: [{answer: {role: "assistant", content: ("word " * ($i + 1)),
			label: {preference: "chosen"}, reward: {score: ($i / 60)}}},
		{answer: {role: "assistant", content: "no", label: {preference: "rejected"},
			reward: {score: 0.25}}}],
	task_category: (if $i < 30 then "math" elif $i < 50 then "code" else "chat" end),
	source: "made", metadata: {level: ($i % 7), tags: ["a", "t\($i % 3)"]}}' >in.jsonl
ids() { jq -r .unique_id "$@" | tr '\n' ' '; }

# ---- what comes out is what went in
meed data limit 1000 in.jsonl
status_is 0 "a step that lets all through"
claim "an untouched sample keeps every byte of its value" same in.jsonl out
claim "the last line counts samples, bad lines and rows" has err \
	"60 samples, 0 bad lines, 60 rows written"
claim "each step's counts are told" has err "limit: 60 in, 60 out, 0 dropped"
meed data limit 2 --skip 3 in.jsonl
claim "limit takes the first after those skipped" test "$(ids out)" = "s3 s4 "
meed data limit --skip 58 in.jsonl
claim "limit's operand may be left out beside --skip" test "$(ids out)" = "s58 s59 "
printf '%s\n' '{"prompt":"P","chosen":"A","rejected":"B"}' >pref.jsonl
meed data limit 5 -q pref.jsonl
claim "rows of other shapes become canonical" json out \
	'.input[0].content == "P" and .output[1].answer.label.preference == "rejected"'
claim "--quiet says nothing" is_empty err

# ---- filter
kept() { meed data filter -q "$@" in.jsonl; status_is 0 "filter $*"; }
kept --category 'ma*' --category chat
claim "categories are globs, one of which must match" lines out 40
kept --min-score 0.5
claim "a score of any output counts" lines out 30
kept --min-score 0.5 --all
claim "--all asks every output" is_empty out
kept --max-score 0.2 --outputs
claim "--outputs takes outputs out, and samples without any left" sh -c \
	'test "$(jq -s "map(.output | length) | add" out)" -eq 13 && test "$(wc -l <out)" -eq 13'
kept --label preference=cho*
claim "a label's value is a glob" lines out 60
kept --min-chars 100 --of output
claim "characters of chosen texts" test "$(ids out | cut -d' ' -f1)" = s19
kept --min-words 30 --max-words 32 --of /output/0/answer/content
claim "words, of what a pointer finds" test "$(ids out)" = "s29 s30 s31 "
kept --max-turns 0
claim "turns are the user's messages" is_empty out
kept --min-outputs 3
claim "the number of outputs" is_empty out
kept --match '^Question 1[0-2]' --of input
claim "a regular expression" lines out 6
kept --no-match 'Question' --invert
claim "--invert keeps what would be dropped" lines out 60
kept --where '/metadata/level >= 5' --where '/metadata/tags/* == t0'
claim "conditions on pointers, * being any item" sh -c \
	'test "$(jq -s "all(.metadata.level >= 5 and (.metadata.tags | index(\"t0\")))" out)" = true'
claim "and all of those" test "$(wc -l <out)" -eq \
	"$(jq -c 'select(.metadata.level >= 5 and (.metadata.tags | index("t0")))' in.jsonl | wc -l)"
kept --where '/metadata/tags/* != t0'
claim "!= holds where nothing is equal" test "$(wc -l <out)" -eq 40
kept --where '!/metadata/none' --where '/unique_id =~ ^s1[0-9]$'
claim "absence, and a match" lines out 10
kept --where '/source < made2' --where '/source > mad'
claim "strings are compared by their bytes" lines out 60
meed data filter -q --min-score 0.5 --dropped d.jsonl in.jsonl
claim "--dropped has the rest" sh -c 'cat out d.jsonl | jq -s "map(.unique_id) | unique | length == 60" |
	grep -q true && test "$(wc -l <d.jsonl)" -eq 30'
for bad in '--min-chars -1' '--min-chars 5 --max-chars 3' '--match (' '--label x' \
	'--where x' '--of y --min-chars 1' '--outputs --min-chars 1' '--min-score x'; do
	# shellcheck disable=SC2086
	meed data filter $bad in.jsonl
	status_is 64 "wrong: filter $bad"
	claim "and is told by its option" has_re err "meed data filter: --[a-z-]+"
done
meed data filter in.jsonl
status_is 64 "a filter without a condition"
meed data fliter in.jsonl
claim "a step's name is guessed" has err 'did you mean "filter"'

cat >lang.jsonl <<'X'
{"unique_id":"en","input":[{"role":"user","content":"The weather was fine when we left the house this morning, but later it began to rain."}],"output":[]}
{"unique_id":"de","input":[{"role":"user","content":"Als wir heute Morgen aus dem Haus gingen, schien die Sonne, aber spaeter begann es zu regnen."}],"output":[]}
{"unique_id":"zh","input":[{"role":"user","content":"今天早上我们出门的时候天气很好，但是后来开始下雨了，所以我们很快就回家了。"}],"output":[]}
{"unique_id":"none","input":[{"role":"user","content":"12 + 34 = 46"}],"output":[]}
X
meed data filter --language en --language zh lang.jsonl
if [ "$status" -eq 69 ]; then
	claim "without libexttextcat it is told how to get it" has err "libexttextcat"
else
	claim "languages are told" test "$(ids out)" = "en zh "
	meed data filter -q --language de --no-match '[0-9]' lang.jsonl
	claim "together with an expression" test "$(ids out)" = "de "
	meed data filter --language english lang.jsonl
	status_is 64 "a language is its ISO 639 code"
fi

# ---- deduplication
cat in.jsonl in.jsonl >twice.jsonl
meed data dedup twice.jsonl
claim "of equal samples the first stays, in order" same in.jsonl out
meed data dedup --on input in.jsonl
claim "chosen fields decide" test "$(ids out)" = "$(head -n 30 in.jsonl | ids)"
printf '%s\n' '{"unique_id":"a","input":"Hello  World","output":[]}' \
	'{"unique_id":"b","input":"hello world ","output":[]}' >case.jsonl
meed data dedup case.jsonl
claim "case and blanks make a difference" lines out 2
meed data dedup --fold case.jsonl
claim "but not with --fold" lines out 1
jq -nc '[range(80) | "w\(. * 37 % 101)"] as $w | range(6) | . as $i |
	{unique_id: "n\($i)", input: ($w | if $i < 3 then .[$i] = "x\($i)" else .[:10] + ["y\($i)"] +
	([range($i * 100; $i * 100 + 60)] | map("z\(.)")) end | join(" ")), output: []}' >near.jsonl
meed data near-dedup near.jsonl
claim "near duplicates go, others stay" test "$(ids out)" = "n0 n3 n4 n5 "
claim "bands and rows are told" has err "18 bands of 7 rows"
meed data near_dedup --threshold 1 near.jsonl
claim "at threshold 1 only equal sets of words go" lines out 6

# ---- split
meed data split 0.8,0.1,0.1 --by category --group none -o s.jsonl in.jsonl
status_is 0 "a split"
claim "three parts have their names" test -s s-train.jsonl -a -s s-validation.jsonl -a -s s-test.jsonl
claim "no sample is lost or doubled" sh -c \
	'cat s-*.jsonl | jq -r .unique_id | sort >a; jq -r .unique_id in.jsonl | sort | cmp - a'
for want in "train math 24" "train code 16" "train chat 8" "validation math 3" "test code 2"; do
	# shellcheck disable=SC2086
	set -- $want
	claim "each stratum is split exactly: $want" test "$(jq -r .task_category "s-$1.jsonl" |
		grep -c "$2")" -eq "$3"
done
claim "parts keep the input's order" sh -c \
	'jq -r .unique_id s-train.jsonl | sed s/s// | sort -nc'
meed data split 0.5,0.5 --names a,b -o g.jsonl in.jsonl
claim "samples of one prompt are on one side" sh -c \
	'jq -r ".input[0].content" g-a.jsonl | sort -u >a; jq -r ".input[0].content" g-b.jsonl |
	sort -u >b; test -z "$(comm -12 a b)" && test "$(wc -l <g-a.jsonl)" -eq 30'
cp g-a.jsonl first
meed data split 0.5,0.5 --names a,b -o g.jsonl in.jsonl
claim "the same seed gives the same bytes" same first g-a.jsonl
meed data split 0.5,0.5 --names a,b --seed 1 -o g.jsonl in.jsonl
claim "another seed another split" sh -c '! cmp -s first g-a.jsonl'
meed data split 0.5,0.5 --names a,b --stream --mark /metadata/part -o h.jsonl in.jsonl
cat twice.jsonl in.jsonl >thrice.jsonl
meed data split 0.5,0.5 --names a,b --stream -o k.jsonl thrice.jsonl
claim "--stream: more samples move none" sh -c \
	'jq -r .unique_id h-a.jsonl | sort -u >a; jq -r .unique_id k-a.jsonl | sort -u | cmp - a'
claim "--mark writes the part" json h-a.jsonl '.metadata.part == "a"'
meed data split 0.8,0.1 -o x.jsonl in.jsonl
claim "shares that do not sum to 1" has err "the shares sum to 0.9: they must sum to 1"
meed data split 0.5,0.5 in.jsonl
claim "a split needs a file" has err "a split needs an output file"
claim "and leaves nothing behind" test ! -e x-train.jsonl -a ! -e x-train.jsonl.part

# ---- sample, shuffle, sort
meed data sample 10 in.jsonl
claim "so many are drawn" lines out 10
claim "in their order" sh -c 'jq -r .unique_id out | sed s/s// | sort -nc'
cp out first
meed data sample 10 in.jsonl
claim "the same ones again" same first out
meed data sample 3 --by category in.jsonl
claim "so many of each stratum" sh -c \
	'test "$(jq -r .task_category out | sort | uniq -c | tr -s " " | tr "\n" ";")" = " 3 chat; 3 code; 3 math;"'
meed data sample --share 0.5 --by category in.jsonl
claim "a share of each stratum" sh -c \
	'test "$(jq -r .task_category out | sort | uniq -c | tr -s " " | tr "\n" ";")" = " 5 chat; 10 code; 15 math;"'
meed data shuffle in.jsonl
claim "shuffling moves and loses nothing" sh -c '! cmp -s in.jsonl out && sort out >a; sort in.jsonl | cmp - a'
meed data sort /metadata/level --descending in.jsonl
claim "numbers are sorted by value, equal ones stay in order" sh -c \
	'jq -r "[.metadata.level, .unique_id] | @tsv" out | head -n 2 | tr "\t\n" "  " | grep -qx "6 s6 6 s13 "'
meed data sort id in.jsonl
claim "texts by their bytes" sh -c 'jq -r .unique_id out | LC_ALL=C sort -c'
meed data sort score --descending in.jsonl
claim "by the best score" test "$(head -n 1 out | jq -r .unique_id)" = s59
meed data sort /metadata/none in.jsonl
claim "without the field the order stays" same in.jsonl out

# ---- map and pairs
meed data map --set /source=new --set '/metadata/n={"k":1}' --rename /unique_id=/metadata/old \
	--copy /unique_id=/metadata/level --remove /metadata/tags in.jsonl
claim "fields are copied, renamed, set and removed" json out \
	'.source == "new" and .metadata.n.k == 1 and (.metadata | has("tags") | not)'
meed data pairs --pairs best_worst --margin 0.5 in.jsonl
claim "pairs by score, with a margin" test "$(ids out | wc -w)" -eq 15
claim "the better is chosen" json out '.output[0].answer.label.preference == "chosen"
	and .output[0].answer.reward.score > .output[1].answer.reward.score'

# ---- bad lines, packing, memory
printf '%s\n' '{"x":' '{"unique_id":"g","input":"q","output":["a"]}' '[]' >bad.jsonl
meed data limit 9 --rejects r.jsonl bad.jsonl
status_is 65 "bad lines are told by the exit status"
claim "and by file and line" has err "bad.jsonl:1:"
claim "good samples go on" lines out 1
claim "--rejects has the bad lines" lines r.jsonl 2
meed data limit 9 --strict -o o.jsonl bad.jsonl
status_is 65 "--strict stops"
claim "and gives no output its name" test ! -e o.jsonl
meed data shuffle -q -o s.jsonl.gz in.jsonl
meed data shuffle -q -o s.jsonl.zst in.jsonl
meed data shuffle -q in.jsonl
claim "gzip by the name" sh -c 'gzip -dc s.jsonl.gz | cmp - out'
claim "zstd by the name" sh -c 'zstd -dcq s.jsonl.zst | cmp - out'
claim "no .part is left" test ! -e s.jsonl.gz.part
meed data limit 1 nothing.jsonl
status_is 66 "no such input"

# a signal while a step waits for its input
mkfifo pipe
for step in "shuffle" "limit 5"; do
	# shellcheck disable=SC2086
	env --default-signal "$MEED_BIN" data $step -o i.jsonl pipe >out 2>err &
	pid=$!
	exec 3>pipe
	cat in.jsonl >&3
	kill -s TERM $pid
	wait $pid
	status=$?
	exec 3>&-
	status_is 143 "$step: SIGTERM ends a run"
	claim "$step: it is said" has err "interrupted"
	claim "$step: nothing is left behind" test ! -e i.jsonl -a ! -e i.jsonl.part
done

jq -nc 'range(6000) | . as $i | {unique_id: "s\($i)", input: "\($i % 5000) \("text " * 60)",
	output: ["answer \($i % 5000)"], task_category: "c\($i % 5)"}' >big.jsonl
for step in "shuffle" "sort id" "dedup" "near_dedup --threshold 1" "sample 3000 --by category" \
	"split 0.7,0.3 --by category"; do
	# shellcheck disable=SC2086
	"$MEED_BIN" data $step -q -o m.jsonl big.jsonl
	cat m*.jsonl >whole
	rm -f m*.jsonl
	# shellcheck disable=SC2086
	"$MEED_BIN" data $step -q --memory 1M -o m.jsonl big.jsonl
	claim "$step: temporary files change no byte" sh -c 'cat m*.jsonl | cmp - whole && test -s whole'
	rm -f m*.jsonl
done
mkdir tmp
TMPDIR=$PWD/tmp meed data shuffle -q --memory 1M big.jsonl
claim "temporary files have no names" test -z "$(ls tmp)"
TMPDIR=$PWD/none meed data shuffle -q --memory 1M big.jsonl
status_is 73 "no room for temporary files"
claim "is told with what to do" has err "set TMPDIR"
meed data shuffle -q -o /dev/full in.jsonl
status_is 74 "a full disk is told"

# maintainers: real rows
for f in ${MEED_SHARED:+rmbench_chat rmb_bon rmb_pairwise judgebench_pairs llmbar_pairs pandalm_human prmbench}; do
	rows=$MEED_SHARED/data/${f}_dev.jsonl
	meed data split 0.8,0.1,0.1 --by category -o r.jsonl "$rows"
	status_is 0 "$f is split"
	claim "$f: no row is lost" test "$(cat r-*.jsonl | wc -l)" -eq "$(wc -l <"$rows")"
	claim "$f: no prompt is on two sides" sh -c 'for p in train validation test; do
		jq -c .input r-$p.jsonl | sort -u; done | sort | uniq -d | cmp - /dev/null'
	for step in "near_dedup" "dedup --fold" "filter --min-turns 1" "pairs"; do
		# shellcheck disable=SC2086
		meed data $step -o r.jsonl "$rows"
		status_is 0 "$f: $step"
	done
	rm -f r-*.jsonl r.jsonl
done

finish
