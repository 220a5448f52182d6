#!/bin/sh
# test_cli_errors.sh - what goes wrong in a run: the message, the exit status, and nothing lost.
. "$(dirname "$0")/lib.sh"

cat >a.conf <<'X'
instances = { right = { model = "general.accuracy"; }; tags = { model = "format.reasoning"; }; };
X
good='{"prompt": "p", "response": "a", "reference": "a"}'
torn='{"prompt": "p", "respon'
printf '%s\n' "$good" "$torn" "$good" >bad.jsonl
printf '%s\n' "$good" >good.jsonl

meed score -c a.conf -m right nowhere.jsonl
status_is 66 "a missing file"
claim "a missing file is told in one line" lines err 1
claim "a missing file is told in words" has err 'nowhere.jsonl: No such file'
meed score -c a.conf -m right good.jsonl nowhere.jsonl nothere.jsonl
status_is 66 "a missing file among others"
claim "all missing files are told" lines err 2
claim "nothing is read before all are there" is_empty out
: >empty.jsonl
meed score -c a.conf -m right empty.jsonl
status_is 0 "an empty file"
claim "an empty file is told" has err 'the input has no line'
claim "an empty file gives an empty output" is_empty out
meed score -c a.conf -m right .
status_is 66 "a folder as input"
if [ "$(id -u)" -ne 0 ]; then
	cp good.jsonl secret.jsonl && chmod 0 secret.jsonl
	meed score -c a.conf -m right secret.jsonl
	status_is 66 "an unreadable file"
fi
meed score -c a.conf -m right -o none/o.jsonl good.jsonl
status_is 73 "an output in no folder"
claim "an output in no folder is told" has err 'none/o.jsonl'
mkdir folder
meed score -c a.conf -m right -o folder good.jsonl
status_is 73 "an output that is a folder"
meed score -c a.conf -m right --rejects none/r.jsonl bad.jsonl
status_is 73 "rejects in no folder"
if [ -w /dev/full ]; then
	"$MEED_BIN" score -c a.conf -m right good.jsonl >/dev/full 2>err
	status=$?
	status_is 74 "a full disk"
	claim "a full disk is told in words" has err 'No space left on device'
	ln -s /dev/full full
	meed score -c a.conf -m right -q -o o.jsonl --summary-json full good.jsonl
	status_is 74 "a summary that cannot be written"
	meed score -c a.conf -m right -q -o full good.jsonl
	status_is 74 "an output that cannot be written"
	claim "what is no regular file is not replaced" test -L full
fi
i=0
while [ $i -lt 5000 ]; do
	i=$((i + 1))
	echo "$good"
done >many.jsonl
{ "$MEED_BIN" score -c a.conf -m right many.jsonl 2>err; echo $? >st; } | head -n 1 >/dev/null
status=$(cat st)
status_is 74 "a closed pipe"
claim "a closed pipe is told in words" has err 'Broken pipe'
"$MEED_BIN" score -c a.conf -m right good.jsonl >&- 2>err
status=$?
status_is 74 "a closed standard output"

meed score -c a.conf -m right bad.jsonl
status_is 65 "a torn line among good ones"
claim "no line is lost" lines out 3
claim "the torn line is an error in the output, in its place" sh -c \
	'sed -n 2p out | jq -e ".error.line == 2 and (.raw | startswith(\"{\\\"prompt\\\"\"))"'
claim "the closing line counts it" has_re err '2 samples, 2 outputs, 1 bad line, 0 failed'
claim "the line is told with its number" has_re err 'bad\.jsonl:2'
meed score -c a.conf -m right --rejects r.jsonl bad.jsonl
status_is 65 "a torn line with --rejects"
claim "--rejects takes the torn line" lines r.jsonl 1
claim "the output has the others" lines out 2
i=0
{
	printf '%s\n' "$good" "$torn"
	while [ $i -lt 5000 ]; do
		i=$((i + 1))
		echo "$good"
	done
} >worse.jsonl
meed score -c a.conf -m right --strict worse.jsonl
claim "--strict: what came long after is not read" sh -c 'test "$(wc -l <out)" -lt 2500'
meed score -c a.conf -m right --strict bad.jsonl
status_is 65 "a torn line with --strict"
claim "--strict: what came before is written" has out '"score":1'
claim "--strict: the line is told with its number" has_re err 'bad\.jsonl:2: '
meed score -c a.conf -m right --strict -o strict.jsonl bad.jsonl
claim "--strict: the output has not its name" test ! -e strict.jsonl
claim "--strict: what was written is there" test -s strict.jsonl.part

printf '%s\n' '{"prompt": "p", "response": "a"}' >noref.jsonl
meed score -c a.conf -m right noref.jsonl
status_is 65 "an output that cannot be scored"
claim "a failed evaluation has no score" json out \
	'.output[0].answer.reward | has("score") | not'
claim "a failed evaluation says why" json out \
	'.output[0].answer.reward | .valid == false and (.error.message | length > 5)'
claim "the closing line counts it" has_re err '0 bad lines, 1 failed'

printf 'null\n[]\n"x"\n12\n{}\n\xff\xfe\n{"prompt":"\xc3\x28","response":"a"}\n{"prompt":"a\\u0000b","response":"a"}\n%s\n' "$good" >odd.jsonl
printf '{"prompt":"p","response":"nul \000 byte"}\n' >>odd.jsonl
awk 'BEGIN { for (i = 0; i < 5000; i++) printf "["; print "" }' >>odd.jsonl
printf '{"prompt":"p","response":12}\r\n\n   \n%s' "$good" >>odd.jsonl
meed score -c a.conf -m tags odd.jsonl
status_is 65 "a zoo of bad lines"
claim "each of 13 lines gives one" lines out 13
claim "every line of the output is JSON" jq -e -c . out
claim "no NaN and no infinity" lacks out NaN
: >empty.jsonl
meed score -c a.conf -m tags empty.jsonl
status_is 0 "an empty file is no samples"
claim "an empty file gives an empty output" is_empty out
claim "the closing line counts none" has err '0 samples'
printf '\n\n\n' >blank.jsonl
meed score -c a.conf -m tags blank.jsonl
status_is 0 "blank lines are passed over"

gzip -c many.jsonl | head -c 60 >torn.jsonl.gz
meed score -c a.conf -m right torn.jsonl.gz
claim "a damaged gzip file is an error" test "$status" -ne 0
claim "a damaged gzip file is named" has err 'torn.jsonl.gz'
printf '\037\213garbage' >junk.gz
meed score -c a.conf -m right junk.gz
claim "junk that looks like gzip is an error" test "$status" -ne 0


# ---- an arena that a sample fills, wherever it is full
awk 'BEGIN { s = "w0"; for (i = 1; i < 7500; i++) s = s " w" (i * 7 % 977)
	print "{\"prompt\":\"q\",\"response\":\"a b\",\"reference\":\"a b\"}"
	print "{\"prompt\":\"q\",\"response\":\"" s "\",\"reference\":\"" s "\"}"
	print "{\"prompt\":\"q\",\"response\":\"a b\",\"reference\":\"a b\"}" }' >full.jsonl
whole=yes
for bytes in $(awk 'BEGIN { for (i = 70000; i < 330000; i += 4111) print i }'); do
	cat >full.conf <<EOT
run = { arena_bytes = $bytes; };
instances = { r1 = { model = "general.rouge"; }; r2 = { model = "format.ngram_repetition_penalty"; }; };
compositions = { k = { combine = "mean"; members = ( "r1", "r2" ); }; };
EOT
	meed score -q -c full.conf -m k --level score full.jsonl
	[ "$(grep -c . out)" -eq 3 ] && [ "$(grep -c '"score":0.5' out)" -ge 2 ] || whole="no, at $bytes"
done
claim "a sample that needs more than run.arena_bytes fails alone: $whole" test "$whole" = yes
finish
