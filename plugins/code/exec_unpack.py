# exec_unpack.py - test cases as LiveCodeBench packs them, as JSON. The pickle may hold one string.
import base64
import io
import pickle
import sys
import zlib


class Text(pickle.Unpickler):
    def find_class(self, module, name):
        raise pickle.UnpicklingError("more than a string")


d = zlib.decompressobj()
text = Text(io.BytesIO(d.decompress(base64.b64decode(sys.stdin.buffer.read()), 1 << 28))).load()
if not isinstance(text, str):
    raise SystemExit("no string")
sys.stdout.buffer.write(text.encode("utf-8"))
