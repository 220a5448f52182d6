#!/bin/sh
# test_code_ratio.sh - our ratios are those of Python's difflib. Skipped without Python.
set -u

command -v python3 >/dev/null || {
	echo "python3 is not installed: skipped"
	exit 77
}
for program in test_code_ratio test_code_ratio_index
do
	python3 "${top_srcdir:?}/tests/code/property.py" "${top_builddir:?}/tests/unit/$program" \
		1500 7 || exit 1
done
