#!/bin/sh
# replay.sh - every input that was ever worth keeping goes through its fuzz target again.
set -u

failed=0
export MEED_FUZZ_READBACK=1
for dir in "${top_srcdir:?}"/tests/fuzz/corpus/*/
do
	name=$(basename "$dir")
	case " ${MEED_LEFT_OUT-} " in *" $name "*) continue ;; esac
	tmp=$(mktemp -d) || exit 99
	"${top_builddir:?}/tests/fuzz/fuzz_$name" -a "$tmp" "$dir" || {
		echo "FAIL: fuzz_$name"
		for f in "$tmp"/crash-*
		do
			[ ! -f "$f" ] || od -c "$f" | head -n 20
		done
		failed=1
	}
	rm -rf "$tmp"
done
exit $failed
