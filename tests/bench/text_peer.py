#!/usr/bin/env python3
"""sacrebleu, nltk, rouge-score, rapidfuzz and scikit-learn on bench_text's pairs of texts.

usage: text_peer.py FILE

Prints a line a measure, "PACKAGE MICROSECONDS N MEAN": CPU time a pair, how many pairs were done in
about a second, and their mean score; "- 0 0 0" where the package is not there."""
import json
import logging
import re
import string
import sys
import time

logging.disable(logging.WARNING)
with open(sys.argv[1]) as f:
    PAIRS = [json.loads(line) for line in f]


class NoWordnet:
    def synsets(self, word):
        return []


def normalize(t):
    t = "".join(c for c in t.lower() if c not in set(string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", t).split())


def sacre(name, **kw):
    import sacrebleu
    m = getattr(sacrebleu, name)(**kw)
    return lambda c, r: m.sentence_score(c, [r]).score / 100


def ter():
    f = sacre("TER")
    return lambda c, r: max(0, 1 - f(c, r))


def sentence_bleu():
    from nltk.translate import bleu_score
    f = bleu_score.SmoothingFunction().method1
    return lambda c, r: bleu_score.sentence_bleu([r.split()], c.split(), smoothing_function=f)


def meteor():
    from nltk.translate import meteor_score
    w = NoWordnet()
    return lambda c, r: meteor_score.meteor_score([r.split()], c.split(), wordnet=w)


def rouge(*types):
    from rouge_score import rouge_scorer
    m = rouge_scorer.RougeScorer(list(types), use_stemmer=True)
    return lambda c, r: sum(s.fmeasure for s in m.score(r, c).values()) / len(types)


def cosine():
    from sklearn.feature_extraction.text import TfidfVectorizer

    def f(c, r):
        try:
            v = TfidfVectorizer(ngram_range=(1, 2)).fit_transform([normalize(c), normalize(r)])
        except ValueError:
            return 0
        return (v[0] @ v[1].T).toarray()[0][0]
    return f


def fuzz(name):
    from rapidfuzz import fuzz as z
    m = getattr(z, name)
    return lambda c, r: m(c, r) / 100


def distance():
    from rapidfuzz.distance import Levenshtein
    return lambda c, r: Levenshtein.normalized_similarity(c, r)


MEASURES = [("sacrebleu", lambda: sacre("BLEU", effective_order=True)), ("nltk", sentence_bleu),
            ("sacrebleu", lambda: sacre("CHRF")), ("sacrebleu", lambda: sacre("CHRF", word_order=2)),
            ("sacrebleu", ter), ("nltk", meteor),
            ("rouge-score", lambda: rouge("rouge1", "rouge2", "rougeL")),
            ("rouge-score", lambda: rouge("rougeLsum")), ("scikit-learn", cosine),
            ("rapidfuzz", lambda: fuzz("ratio")), ("rapidfuzz", lambda: fuzz("partial_ratio")),
            ("rapidfuzz", distance)]
for package, make in MEASURES:
    try:
        f = make()
        f("a few words", "some words")
    except ImportError:
        print("- 0 0 0", flush=True)
        continue
    start = time.process_time()
    total = n = 0
    for c, r in PAIRS:
        if time.process_time() - start > 1:
            break
        total += f(c, r)
        n += 1
    took = time.process_time() - start
    print(package, "%.3f" % (took / n * 1e6), n, "%.17g" % (total / n), flush=True)
