#!/bin/sh
# demo.sh BUILD-FOLDER - scores the shipped GSM8K model solutions with a weighted composition and
# says how often general.final_number and the data's own verdict agree.
set -eu

build=$(cd "$1" && pwd)
top=$(cd "$(dirname "$0")/.." && pwd)
data=$top/tests/data/gsm8k_solutions.jsonl.gz
out=$build/demo.jsonl

MEED_PLUGIN_PATH=$(echo "$build"/plugins/*/.libs | tr ' ' ':')
MEED_CONF=$top/conf.d
export MEED_PLUGIN_PATH MEED_CONF

"$build/meed" score -m gsm8k_demo --summary -o "$out" "$data"
