# ends: wall cpu
import os, sys
os.execv(sys.executable, [sys.executable, "-I", "-S", "main.py"])
