#!/bin/sh
# test_cli_score.sh - meed score on files and pipes: shapes, overrides, summary, order.
. "$(dirname "$0")/lib.sh"

cat >a.conf <<'X'
instances = {
  right = { model = "general.accuracy"; };
  close = { model = "general.f1_score"; };
  tags = { model = "format.reasoning"; };
};
compositions = {
  both = { combine = "mean"; members = ( { use = "right"; weight = 3.0; }, { use = "close"; } ); };
};
X
cat >in.jsonl <<'X'
{"prompt": "Capital of France?", "response": "Paris", "reference": "Paris", "mine": {"k": [1, 2.50]}}
{"prompt": "Capital of Spain?", "response": "It is Madrid", "reference": "Madrid"}
{"prompt": "Capital of Italy?", "response": "Milan", "reference": "Rome"}
X
score=".output[0].answer.reward.score"

meed score -c a.conf -m both in.jsonl
status_is 0 "three good rows succeed"
claim "each row gives a line" lines out 3
claim "lines come in the order of the input" sh -c \
	'test "$(jq -r ".input[0].content" out | cut -d" " -f3 | tr "\n" " ")" = "France? Spain? Italy? "'
claim "scores are the weighted mean of the members" sh -c \
	'test "$(jq -c "'"$score"'" out | tr "\n" " ")" = "1 0.125 0 "'
sed -n 2p out >spain
claim "a detail tells the member, its score and its weight" json spain \
	'.output[0].answer.reward.details
	 | map([.name, .score, .weight]) == [["right", 0, 3], ["close", 0.5, 1]]'
claim "unknown fields survive" has out '"mine":{"k":[1,2.50]}'
claim "the closing line is the only one on standard error" lines err 1
claim "the closing line counts" has_re err \
	'^meed score: 3 samples, 3 outputs, 0 bad lines, 0 failed; [0-9.]+ s, [0-9]+ samples/s$'
cp out want
meed score -c a.conf -m both -q in.jsonl
claim "--quiet says nothing" is_empty err
claim "--quiet gives the same data" same want out
"$MEED_BIN" score -c a.conf -m both -q <in.jsonl >out 2>err
status=$?
status_is 0 "standard input without a name"
claim "standard input gives the same data" same want out
"$MEED_BIN" score -c a.conf -m both -q - <in.jsonl >out
claim "- is standard input" same want out
gzip -k in.jsonl
meed score -c a.conf -m both -q in.jsonl.gz
claim "gzip gives the same data" same want out
if command -v zstd >/dev/null; then
	zstd -q in.jsonl
	meed score -c a.conf -m both -q in.jsonl.zst
	claim "zstd gives the same data" same want out
fi
meed score -c a.conf -m both -q -o o.jsonl in.jsonl
status_is 0 "-o succeeds"
claim "-o writes the same data" same want o.jsonl
claim "-o leaves standard output empty" is_empty out
claim "-o leaves no .part" test ! -e o.jsonl.part
meed score -c a.conf -m both -q -o /dev/null in.jsonl
status_is 0 "-o to a device succeeds"
cat in.jsonl in.jsonl >six.jsonl
meed score -c a.conf -m both -q in.jsonl in.jsonl
cp out twice
meed score -c a.conf -m both -q six.jsonl
claim "two files are one stream" same twice out
meed score -c a.conf -m both -q o.jsonl
claim "a scored file scores the same again" same want out
meed score -c a.conf -m right -q in.jsonl
claim "an instance scores" sh -c 'test "$(jq -c "'"$score"'" out | tr "\n" " ")" = "1 0 0 "'
meed score -c a.conf -m general.accuracy -q in.jsonl
claim "a model scores" sh -c 'test "$(jq -c "'"$score"'" out | tr "\n" " ")" = "1 0 0 "'

i=0
while [ $i -lt 500 ]; do
	i=$((i + 1))
	echo "{\"prompt\": \"n\", \"response\": \"$i\", \"reference\": \"$((i % 7))\"}"
done >many.jsonl
meed score -c a.conf -m both -q -t 1 many.jsonl
cp out one
claim "all of 500 rows come out" lines one 500
for n in 2 8; do
	meed score -c a.conf -m both -q -t $n --window 16 many.jsonl
	claim "$n threads write the same bytes as one" same one out
done

meed score -c a.conf -m both -q --level score in.jsonl
claim "--level score writes no details" lacks out '"details"'
meed score -c a.conf -m both -q --timings in.jsonl
claim "--timings writes times" has out '"time_us"'
claim "no times without it" lacks want '"time_us"'

meed score -c a.conf -m tags --set think_token=t --set answer_token=a -q - <<'X'
{"prompt": "p", "response": "<t>x</t><a>y</a>"}
X
claim "--set overrides a parameter" json out "$score == 1"
meed score -c a.conf -m tags --set think=t in.jsonl
status_is 78 "--set of an unknown parameter fails"
claim "--set of an unknown parameter brings the nearest" has_re err 'think.*think_token'
claim "--set of an unknown parameter writes nothing" is_empty out
meed score -c a.conf -m both --set tags.think_token=t in.jsonl
status_is 78 "--set of no member fails"
meed score -c a.conf -m both --set right in.jsonl
status_is 78 "--set without a value fails"
meed score -c a.conf -m bot in.jsonl
status_is 78 "an unknown name"
claim "an unknown name brings the nearest" has err 'did you mean "both"?'

cat >odd.jsonl <<'X'
{"q": "Capital?", "a": {"text": "Paris"}, "gold": ["Rome", "Paris"], "k": 7}
X
meed score -c a.conf -m right -q --map prompt=/q,response=/a/text --map reference=/gold/1 odd.jsonl
status_is 0 "--map reads rows of any shape"
claim "--map finds response and reference" json out "$score == 1"
claim "--map keeps the row's own fields" has out '"k":7'
cat >groups.jsonl <<'X'
{"id": 1, "prompt": "p", "response": "a", "reference": "a"}
{"id": 1, "prompt": "p", "response": "b", "reference": "a"}
{"id": 2, "prompt": "p", "response": "c", "reference": "a"}
X
meed score -c a.conf -m right --group-by /id groups.jsonl
status_is 0 "--group-by succeeds"
claim "--group-by makes two samples of three rows" has err '2 samples, 3 outputs'
meed score -c a.conf -m right --format verl in.jsonl
status_is 65 "rows of another shape than --format says are no samples"

meed score -c a.conf -m both --summary -o o.jsonl in.jsonl
claim "--summary goes to standard output if the data do not" has_re out 'right'
claim "--summary has a row for the result and each member" has_re out 'close'
meed score -c a.conf -m both --summary in.jsonl
claim "--summary goes to standard error if the data are on standard output" has_re err 'close'
claim "--summary does not disturb the data" same want out
meed score -c a.conf -m both -q --summary-json s.json -o o.jsonl in.jsonl
status_is 0 "--summary-json succeeds"
claim "--summary-json is JSON" json s.json 'type == "object"'
meed score -c a.conf -m both --progress json -o o.jsonl in.jsonl
claim "--progress json ends with an object" sh -c 'grep "^{" err | tail -1 | jq -e ".done == true and .samples == 3 and .bytes == .total_bytes and .bytes > 0"'
# a chroot may have no pseudo-terminals
if script -qec true /dev/null </dev/null >/dev/null 2>&1; then
	TERM=xterm script -qec "'$MEED_BIN' list -c a.conf" /dev/null >tty.txt </dev/null
	claim "a terminal gets colours" has tty.txt "$(printf '\033[1m')"
	TERM=xterm NO_COLOR=1 script -qec "'$MEED_BIN' list -c a.conf" /dev/null >tty.txt </dev/null
	claim "NO_COLOR takes them away" lacks tty.txt "$(printf '\033')"
	script -qec "'$MEED_BIN' score -c a.conf -m both" /dev/null >tty.txt </dev/null
	claim "a terminal as standard input is not waited for" has tty.txt 'which file?'
fi

finish
