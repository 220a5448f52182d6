#!/bin/sh
# import_data.sh - meed import on the published rows of benchmarks, which their licences do not let us
# ship: every row becomes a sample of its benchmark, and no value of it is lost. Needs
# $MEED_SHARED/data; with python3 values are compared one by one.
here=$(cd "$(dirname "$0")" && pwd)
top_srcdir=${top_srcdir:-$(cd "$here/../.." && pwd)}
MEED_BIN=${MEED_BIN:-${top_builddir:-$PWD}/meed}
data=${MEED_SHARED:-}/data
[ -d "$data" ] || {
	echo "skipped: MEED_SHARED names no folder with data/"
	exit 77
}
work=$(mktemp -d "${TMPDIR:-/tmp}/meed-import.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
bad=0

fail()
{
	echo "FAIL: $*"
	bad=1
}

# try FILE FORMAT OUTPUTS [OPTION...]: all rows of FILE are FORMAT's, with so many outputs in all.
try()
{
	file=$data/$1_dev.jsonl format=$2 outputs=$3
	shift 3
	n=$(wc -l <"$file")
	want="$n rows, $n samples ($format $n), $outputs outputs, 0 bad lines"
	"$MEED_BIN" import "$@" "$file" -o "$work/out" 2>"$work/err" || fail "$file: $(cat "$work/err")"
	grep -q "$want" "$work/err" || fail "$file: $(cat "$work/err"), expected $want"
	echo "$(basename "$file"): $want"
	"$MEED_BIN" import -q "$work/out" | cmp -s - "$work/out" ||
		fail "$file: imported twice it differs"
	{ echo '['; sed '$!s/$/,/' "$file"; echo ']'; } | gzip >"$work/list.json.gz"
	"$MEED_BIN" import -q "$@" "$work/list.json.gz" | cmp -s - "$work/out" ||
		fail "$file: as a list it differs"
	command -v python3 >/dev/null || return
	python3 "$here/lossless.py" "$file" "$work/out" || fail "$file: values are lost"
}

try rmbench_chat rmbench 396
try rmbench_code rmbench 648
try rmbench_safety_response rmbench 456
try rmb_pairwise rmb_pairwise 420
try rmb_bon rmb_bon 559
try judgebench_pairs judgebench 612
try llmbar_pairs llmbar 442
try pandalm_human pandalm 800
try prmbench prmbench 404
try bon_math_qwen bon_math 360
try gsm8k_solutions mapped 400 --map 'response=/solution,reference=/answer,prompt=/question'
try math_generations mapped 84 \
	--map 'response=/generation,reference=/expected_answer,prompt=/problem,id=/id'
try humaneval_solutions responses 246
exit $bad
