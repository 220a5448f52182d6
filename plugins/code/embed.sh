# embed.sh - writes C that holds the Python programs of code.execution as texts.
#
#	sh embed.sh FOLDER
set -e

text() {
	name=$1
	shift
	echo
	echo "static const char text_$name[] ="
	(cd "$folder" && cat "$@") | sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/	/\\t/g' \
		-e 's/^/	"/' -e 's/$/\\n"/'
	echo "	\"\";"
	echo "extern const meed_str $name;"
	echo "const meed_str $name = { text_$name, sizeof(text_$name) - 1 };"
}

folder=$1
echo "/* Made from plugins/code/exec_*.py by embed.sh. */"
echo "#include <meed/plugin.h>"
text exec_judge_py exec_codec.py exec_proxy.py exec_stand_in.py exec_judge.py
text exec_shim_py exec_codec.py exec_shim.py
text exec_boot_py exec_boot.py
text exec_launch_py exec_launch.py
text exec_unpack_py exec_unpack.py
