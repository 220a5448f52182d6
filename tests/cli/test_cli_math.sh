#!/bin/sh
# test_cli_math.sh - meed math.
. "$(dirname "$0")/lib.sh"

echo 'instances = { verify = { model = "math.verify"; }; };' >a.conf

meed math parse -c a.conf '\frac12 + x^2'
status_is 0 "parse succeeds"
claim "parse prints the expression on one line" sh -c 'head -n 1 out | grep -q "^1/2 + x^2$"'
claim "parse prints the tree" has_re out '^ +power'
meed math parse -c a.conf -- '-5'
claim "parse takes what begins with a minus after --" has out -5
meed math parse -c a.conf -5
claim "parse takes a negative number for what it is" has out -5
printf '%s\n' 'x + 1' | meed math parse -c a.conf -
claim "parse reads standard input" has out 'x + 1'
meed math parse -c a.conf ')('
status_is 65 "parse of what cannot be read"
claim "parse tells where" has_re out 'at byte [0-9]+'
meed math parse -c a.conf 1 2
status_is 64 "parse of two expressions"
claim "parse hints at quoting" has err 'quote'
meed math parse -c a.conf
status_is 64 "parse of nothing"

meed math equal -c a.conf 1/2 'The answer is \boxed{0.5}.'
status_is 0 "equal of equal answers"
claim "equal tells what it found in the text" has_re out '^answer +0\.5  \(boxed\)'
claim "equal tells the reference" has_re out '^reference +1/2 '
claim "equal tells the rule" has_re out '^equal: .+'
meed math equal -c a.conf 1/2 -1/2
status_is 1 "equal of different answers"
claim "equal says that they are different" has_re out '^different: .+'
meed math equal -c a.conf '1/2004!' '1/2006!'
status_is 1 "factorials that underflow are different"
meed math equal -c a.conf True 正确
status_is 0 "truth is the same in every language"
meed math equal -c a.conf True 错误
status_is 1 "and falsehood is not"
meed math equal -c a.conf '' 5
status_is 65 "equal without a reference"
meed math equal -c a.conf 5 ''
status_is 1 "equal without an answer"
claim "equal says that there is none" has out 'no answer was found'
meed math equal -c a.conf 5
status_is 64 "equal of one text"
meed math equal -c a.conf - -
status_is 64 "equal of standard input twice"
meed math equil 1 2
status_is 64 "an unknown word"
claim "the words are told" has err 'parse or equal'
meed math
status_is 64 "no word"

gzip -dc "$top_srcdir/tests/data/math_triples.jsonl.gz" "$top_srcdir/tests/data/math_model_preds.jsonl.gz" \
	>rows.jsonl
for n in 1 8; do
	meed score -q -c a.conf -m verify --threads $n -o scored.$n \
		--map prompt=/source,response=/pred,reference=/gold rows.jsonl
done
claim "every row has its verdict" sh -c \
	'test "$(grep -c "\"score\":[01]" scored.1)" -ge $(($(wc -l <rows.jsonl) - 5))'
claim "eight threads give the same bytes as one" same scored.1 scored.8

mkdir none && echo >none/empty.conf
MEED_PLUGIN_PATH=$work/none meed math parse -c none/empty.conf --plugin-dir none 5
status_is 69 "without the plugin"
claim "what is missing is said" has err libcalcium-dev

finish
