# embed_bin.py - writes C that holds the judge and the shim as bytecode of the interpreter that runs
# this. Parsing them takes longer than most tests; where programs run under another version of
# Python, they are parsed there.
#
#	python3 embed_bin.py FOLDER
import importlib.util
import marshal
import os
import sys

folder = sys.argv[1]
print("/* Made from plugins/code/exec_*.py by embed_bin.py. */")
print("#include <meed/plugin.h>")
for name, parts in ("judge", ("codec", "proxy", "stand_in", "judge")), ("shim", ("codec", "shim")):
    text = ""
    for part in parts:
        with open(os.path.join(folder, "exec_%s.py" % part), encoding="utf-8") as f:
            text += f.read()
    code = compile(text, "harness.py", "exec", dont_inherit=True, optimize=2)
    data = importlib.util.MAGIC_NUMBER + marshal.dumps(code)
    print("\nstatic const unsigned char data_%s[] = {" % name)
    for i in range(0, len(data), 20):
        print("\t" + ",".join(map(str, data[i:i + 20])) + ",")
    print("};")
    print("extern const meed_str exec_%s_bin;" % name)
    print("const meed_str exec_%s_bin = { (const char *)data_%s, sizeof(data_%s) };"
          % (name, name, name))
