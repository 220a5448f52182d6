#!/usr/bin/env python3
# Writes unicode.c's tables from the Unicode character database that this Python carries:
#	python3 unicode-tables.py > tables.h
# Word characters are those for which str.isalnum() holds (general categories L*, N*, and what else
# has a numeric value); digits are those of category Nd, of which Unicode has only whole
# rows 0..9 in order.
import sys, unicodedata

def ranges(test):
    out, start = [], None
    for cp in range(0x80, 0x110001):
        inside = cp < 0x110000 and not 0xD800 <= cp < 0xE000 and test(chr(cp))
        if inside and start is None:
            start = cp
        elif not inside and start is not None:
            out.append((start, cp - 1))
            start = None
    return out

def table(name, ctype, items):
    print("static const %s %s[] = {" % (ctype, name))
    line = "\t"
    for item in items:
        if len(line) + len(item) + 2 > 92:
            print(line.rstrip())
            line = "\t"
        line += item + ", "
    print(line.rstrip().rstrip(","))
    print("};")

word = ranges(str.isalnum)
zeros = []
for a, b in ranges(str.isdecimal):
    assert (b - a + 1) % 10 == 0
    for z in range(a, b, 10):
        assert [unicodedata.decimal(chr(z + k)) for k in range(10)] == list(range(10))
        zeros.append(z)
print("/* tables.h - Unicode %s word characters and decimal digits above ASCII."
      % unicodedata.unidata_version)
print(" * Written by unicode-tables.py; do not edit. */")
low = [r for r in word if r[1] < 0x10000]
high = [r for r in word if r[1] >= 0x10000]
print("/* first and last code point of each range of word characters, below and above U+FFFF */")
table("word_low", "struct range16", ["{ 0x%X, 0x%X }" % r for r in low])
table("word_high", "struct range32", ["{ 0x%X, 0x%X }" % r for r in high])
print("/* the zero of each row of ten decimal digits */")
table("zeros", "uint32_t", ["0x%X" % z for z in zeros])
sys.stderr.write("%d + %d ranges, %d rows of digits\n" % (len(low), len(high), len(zeros)))
