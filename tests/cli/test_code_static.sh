#!/bin/sh
# test_code_static.sh - code.patch_similarity and code.syntax_check through the whole host.
. "$(dirname "$0")/lib.sh"

conf=$top_srcdir/conf.d

# score_is TEXT SCORE REASON ARGS...: what `meed score ARGS` says of in.jsonl's one row.
score_is()
{
	text=$1 want=$2 reason=$3
	shift 3
	meed score -q -c "$conf" "$@" in.jsonl
	claim "$text: $want" sh -c 'grep -q "\"score\":$1[,}]" out' sh "$want"
	claim "$text: why" has out "$reason"
}

# ---- patches

context='"code_context": {"a.py": "def f(a):\n    return a\n\nx = 1\n", "b.py": "y = 2\n"}'
oracle='"oracle_new_content": {"a.py": "def f(a, b):\n    return a\n\nx = 1\n", "b.py": "y = 3\n"}'
# row ANSWER LABEL
row()
{
	printf '%s\n' "{\"input\": [{\"role\": \"user\", \"content\": \"q\"}], \"output\": [{\"answer\": {\"role\": \"assistant\", \"content\": \"$1\", \"label\": {$2}}}]}" >in.jsonl
}
edit_a='### a.py\n<<<<<<< SEARCH\ndef f(a):\n=======\ndef f(a, b):\n>>>>>>> REPLACE\n'
edit_b='### b.py\n<<<<<<< SEARCH\ny = 2\n=======\ny = 3\n>>>>>>> REPLACE\n'
edit_c='### c.py\n<<<<<<< SEARCH\n\n=======\nz = 1\n>>>>>>> REPLACE\n'
diff_a='--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n-def f(a):\n+def f(a, b):\n     return a\n'
diff_b='--- a/b.py\n+++ b/b.py\n@@ -1 +1 @@\n-y = 2\n+y = 3\n'

row "<think>x</think><solution>$edit_a$edit_b</solution>" "$context, $oracle"
score_is "edits that make the files what they should be" 1 'a.py 1.000; b.py 1.000' \
	-m code_change_similarity
row "$edit_c$edit_b" "$context, $oracle"
score_is "one of three files is right" 0.3333333333333333 'which the reference does not change' \
	-m code_change_similarity
row '### a.py\n<<<<<<< SEARCH\nnot there\n=======\nx\n>>>>>>> REPLACE\n' "$context, $oracle"
score_is "an edit of lines that are not there" 0 \
	'the answer is no patch: line 2: the lines of SEARCH are not in a.py' -m code_change_similarity
score_is "a score for what is no patch" -1 'the answer is no patch' \
	-m code_change_similarity --set malformed=-1
row '### b.py\n<<<<<<< SEARCH\n\n=======\nx\n>>>>>>> REPLACE\n' "$context, $oracle"
score_is "an empty SEARCH in a file that is not" 0 'SEARCH is empty, but the file is not' \
	-m code_change_similarity
row '### b.py\n<<<<<<< SEARCH\ny = 2\n=======\ny = 5\n>>>>>>> REPLACE\n### b.py\n<<<<<<< SEARCH\ny = 5\n=======\ny = 3\n>>>>>>> REPLACE\n'"$edit_a" "$context, $oracle"
score_is "an edit of what an edit made" 1 'a.py 1.000; b.py 1.000' -m code_change_similarity
row "Text:\\n\`\`\`diff\\n$diff_a$diff_b\`\`\`\\nDone." "\"reference\": \"$edit_a$edit_b\""
score_is "a diff against edits" 1 'a.py 1.000; b.py 1.000' -m code_change_similarity
row "$diff_b" "\"reference\": \"diff --git a/b.py b/b.py\\nindex 1..2\\n--- a/b.py\\n+++ b/b.py\\n@@ -7,3 +9,3 @@\\n c\\n-y = 2\\n+y = 3\\n d\\n\""
score_is "context and line numbers do not matter" 1 'b.py 1.000' -m code_change_similarity
row "no patch" "\"reference\": \"$diff_b\""
score_is "text" 0 'neither a unified diff nor SEARCH/REPLACE blocks' -m code_change_similarity
row "$diff_b" '"reference": "no patch"'
meed score -c "$conf" -m code_change_similarity in.jsonl
claim "a reference that is no patch fails the row" has out 'the reference is no patch: neither'
row abcd '"reference": "bcde"'
score_is "as text" 0.75 '3 characters in 1 block match' -m code_patch_similarity
meed score -c "$conf" -m code_patch_similarity --set max_chars=3 in.jsonl
claim "a text beyond the limit fails the row" has out '4 characters: at most 3 are compared'
meed score -c "$conf" -m code_patch_similarity --set format=patch in.jsonl
status_is 78 "a format that there is none of is refused"

# ---- syntax

row '```json\n{\"a\": [1, 2.5e3, null]}\n```' ''
score_is "JSON" 1 '1 of 1 block parses' -m code_syntax_check
row '```json\n{\"a\": NaN,}\n```\n```jsonl\n1\n[2]\n```' ''
score_is "what is not JSON" 0 'json block of line 1: not JSON' -m code_syntax_check
row '```json-schema\n{\"type\": \"object\", \"properties\": {\"a\": {\"minLength\": -1}}}\n```' ''
score_is "what is no JSON Schema" -0.5 'minLength: not a count' -m code_syntax_check
row '```json-schema\n{\"type\": [\"object\", \"null\"], \"required\": [\"a\"], \"items\": true}\n```' ''
score_is "a JSON Schema" 1 '1 of 1 block parses' -m code_syntax_check
row '```json\n{}\n```\n```klingon\nx\n```\n```text\nx\n```' ''
score_is "blocks that nobody can check" 1 '1 of 1 block parses; not checked: 2' -m code_syntax_check
row 'none' ''
score_is "no block" 0 'no block of code to check' -m code_syntax_check
meed score -c "$conf" -m code_syntax_check --set 'languages=["klingon"]' in.jsonl
claim "a language that there is none of is refused" has err 'languages: "klingon" is none'

row '```python\nx = 1\n```' ''
meed score -q -c "$conf" -m code_syntax_check in.jsonl
if has out '"code":"unsupported"'; then
	echo "# no sandbox here: other languages are not tried"
	finish
	exit
fi
# parses LANGUAGE GOOD BAD: what the language's parser says of two programs.
parses()
{
	row "\`\`\`$1\\n$2\\n\`\`\`" ''
	meed score -q -c "$conf" -m code_syntax_check in.jsonl
	if has out '"code":"unsupported"'; then
		echo "# $1 is not installed here: not tried"
		return
	fi
	claim "$1 that parses" has out '"score":1,'
	row "\`\`\`$1\\n$3\\n\`\`\`" ''
	score_is "$1 that does not" -0.5 "block of line 1" -m code_syntax_check
}
parses python 'def f():\n    return 1' 'def f(:'
parses toml 'a = [1, 2]' 'a = '
parses xml '<?xml version=\"1.0\"?>\n<a><b/></a>' '<a>'
parses bash 'if true; then echo x; fi' 'if true; then'
parses c '#include <stdio.h>\nint main(void) { return 0; }' 'int main(void) { return }'
parses c++ '#include <vector>\nstd::vector<int> f() { return {1}; }' 'int f() { return }'
parses javascript 'const f = async () => { await 1; };' 'let x = ;'
parses js 'import x from \"y\";\nexport const z = 1;' 'import x from ;'
row '```python\nx = 1\n```\n```python\ny = (\n```\n```c\nint x;\n```' ''
score_is "two of three" 0.16666666666666663 "2 of 3 blocks parse; python block of line 4: line 1: '(' was" \
	-m code_syntax_check
score_is "one language alone" 1 '1 of 1 block parses; not checked: 2' \
	-m code_syntax_check --set 'languages=["c"]'

finish
