#!/usr/bin/env python3
"""property.py - the plugin text beside the packages whose measures it has.

usage: property.py [COUNT] [SEED] [MEASURES] [-v]

MEASURES is a regular expression of those to compare (all; sacrebleu's TER takes most of the time).

Pairs of texts, real ones (the files of $MEED_SHARED/data if set, and tests/data), cut, shuffled and
edited, and made ones with punctuation, digits and other scripts, are scored by meed in one run and
by sacrebleu, nltk, rouge-score, rapidfuzz, scikit-learn and jsonschema. Scores must be equal
within 1e-9. $MEED_BIN is the program, $MEED_PLUGIN_PATH its plugins. For maintainers: exits 77
(skipped) without the packages:

    pip install sacrebleu==2.6.0 nltk==3.10.4 rouge-score==0.1.2 rapidfuzz==3.14.6 scikit-learn jsonschema
"""
import collections
import glob
import gzip
import json
import logging
import math
import os
import random
import re
import string
import subprocess
import sys
import tempfile
import warnings

try:
    import jsonschema
    import rapidfuzz
    import sacrebleu
    from nltk.stem.porter import PorterStemmer
    from nltk.translate import bleu_score, gleu_score, meteor_score
    from rouge_score import rouge_scorer
    from sklearn.feature_extraction.text import TfidfVectorizer
except ImportError as e:
    print("property.py: %s: skipped" % e)
    sys.exit(77)

warnings.simplefilter("ignore")
logging.disable(logging.WARNING)
ARGS = [a for a in sys.argv[1:] if a != "-v"]
COUNT = int(ARGS[0]) if ARGS else 2000
SEED = int(ARGS[1]) if len(ARGS) > 1 else 1
ONLY = ARGS[2] if len(ARGS) > 2 else ""
VERBOSE = "-v" in sys.argv
rng = random.Random(SEED)
HERE = os.path.dirname(os.path.abspath(__file__))
MEED = os.environ.get("MEED_BIN", "./meed")


# ---- texts

def strings(v, out):
    if isinstance(v, str):
        out.append(v)
    elif isinstance(v, dict):
        for x in v.values():
            strings(x, out)
    elif isinstance(v, list):
        for x in v:
            strings(x, out)


def real_texts():
    files = sorted(glob.glob(os.path.join(HERE, "../data/*.jsonl.gz")))
    if os.environ.get("MEED_SHARED"):
        files += sorted(glob.glob(os.environ["MEED_SHARED"] + "/data/*.jsonl"))
    out = []
    for f in files:
        with (gzip.open(f, "rt") if f.endswith("gz") else open(f)) as h:
            rows = h.readlines()
        for row in rng.sample(rows, min(len(rows), 60)):
            strings(json.loads(row), out)
    return [t for t in out if 3 < len(t) < 4000]


ODD = ["", " ", ".", ",", "-", "1.5", "3,000", "2-3", "a.b", "x,", ",y", "(z)", "don't", "&quot;",
       "&amp;lt;", "<skipped>", "-\n", "\n", "\n-", "\u00e9t\u00e9", "Stra\u00dfe", "\u0130stanbul",
       "\u212aelvin", "\u03a3\u0391\u03a3", "\u4e2d\u6587", "\u65e5\u672c\u8a9e\u3002", "\u3042\u3044",
       "\uff01", "\u2018q\u2019", "\u20ac5", "\u00bd", "\u0661\u0662", "\U0001f600", "a\u0301",
       "\u00a0", "\u3000", "\u2028", "the", "The", "an", "a", "A", "skies", "dying", "running",
       "relational", "happily", "generalizations", "yyy", "hopping", "falling", "tied", "*ded",
       "oxen", "controlled", "rate", "cease", "sensibiliti", "'s", "it's ", "$", "_", "a_b",
       "\u2014", "\u2026", "\u30fb", "\uff0c", "A-1-b", "..", ",,", ".5", "5.", "{x}", "~", "[0]"]


def made_text():
    n = rng.choice([0, 1, 2, 3, 5, 8, 20, 60])
    words = [rng.choice(ODD) if rng.random() < 0.5 else
             "".join(rng.choice(string.ascii_letters) for _ in range(rng.randint(1, 7)))
             for _ in range(n)]
    return "".join(w + rng.choice([" ", " ", " ", "", "\n"]) for w in words)


def edited(t):
    words = t.split(" ")
    for _ in range(rng.randint(0, 6)):
        if not words:
            break
        i = rng.randrange(len(words))
        k = rng.random()
        if k < 0.25:
            del words[i]
        elif k < 0.5:
            words.insert(i, rng.choice(ODD))
        elif k < 0.75:
            j = rng.randrange(len(words))
            n = rng.randint(1, 4)
            part = words[i:i + n]
            del words[i:i + n]
            words[j:j] = part
        else:
            words[i] = words[i].swapcase()
    return " ".join(words)


def pair(real):
    k = rng.random()
    if k < 0.3:
        a = made_text()
    else:
        a = rng.choice(real)
        if rng.random() < 0.7:
            w = a.split(" ")
            i = rng.randrange(len(w))
            a = " ".join(w[i:i + rng.randint(1, 60)])
    n = rng.choice([1, 1, 1, 2, 3])
    refs = []
    for _ in range(n):
        k = rng.random()
        refs.append(edited(a) if k < 0.7 else made_text() if k < 0.85 else rng.choice(real)[:1500])
    return a, refs


# ---- measures: name, model, parameters, and what the package says

class NoWordnet:
    def synsets(self, word):
        return []


def normalize(t, lower=True):
    t = t.lower() if lower else t
    t = "".join(c for c in t if c not in set(string.punctuation))
    t = re.sub(r"\b(a|an|the)\b", " ", t, flags=re.IGNORECASE)
    return " ".join(t.split())


def best(f):
    return lambda c, refs: max(f(c, r) for r in refs)


def bleu(**kw):
    m = sacrebleu.BLEU(**kw)
    return lambda c, refs: m.sentence_score(c, refs).score / 100


def chrf(**kw):
    m = sacrebleu.CHRF(**kw)
    return lambda c, refs: m.sentence_score(c, refs).score / 100


def ter(**kw):
    m = sacrebleu.TER(**kw)
    return lambda c, refs: max(0, 1 - m.sentence_score(c, refs).score / 100)


def sentence_bleu(method, n=4):
    f = getattr(bleu_score.SmoothingFunction(), "method%d" % method)

    def score(c, refs):
        try:
            s = bleu_score.sentence_bleu([r.split() for r in refs], c.split(),
                                         weights=(1 / n,) * n, smoothing_function=f)
            return min(s, 1)        # methods 5 to 7 can go beyond
        except (AssertionError, ZeroDivisionError, AttributeError):
            return None
    return score


def gleu(lo, hi):
    return lambda c, refs: gleu_score.sentence_gleu([r.split() for r in refs], c.split(), lo, hi)


def meteor(**kw):
    return lambda c, refs: meteor_score.meteor_score([r.split() for r in refs], c.split(),
                                                     wordnet=NoWordnet(), **kw)


def rouge(types, stem, key="fmeasure"):
    m = rouge_scorer.RougeScorer(types, use_stemmer=stem)

    def score(c, refs):
        s = m.score_multi(refs, c)
        return sum(getattr(s[t], key) for t in types) / len(types)
    return score


def rouge_n(n):
    def one(c, r):
        a, b = [collections.Counter(tuple(t.split()[i:i + n]) for i in
                                    range(len(t.split()) - n + 1)) for t in (c, r)]
        common = sum((a & b).values())
        p = common / sum(a.values()) if a else 0
        q = common / sum(b.values()) if b else 0
        return 2 * p * q / (p + q) if p + q else 0
    return best(one)


def f1(c, r):
    a, b = normalize(c).split(), normalize(r).split()
    if not a or not b:
        return float(a == b)
    n = sum((collections.Counter(a) & collections.Counter(b)).values())
    return 2 * (n / len(a)) * (n / len(b)) / (n / len(a) + n / len(b)) if n else 0


def overlap(split, norm):
    def one(c, r):
        a, b = set(split(norm(c))), set(split(norm(r)))
        return len(a & b) / len(b) if b else 0
    return best(one)


def jaccard(n):
    def grams(t):
        t = normalize(t).split()
        return {" ".join(t)} if len(t) < n else {" ".join(t[i:i + n]) for i in range(len(t) - n + 1)}

    def one(c, r):
        if n == 1:
            a, b = set(normalize(c).split()), set(normalize(r).split())
        else:
            a, b = grams(c), grams(r)
        return len(a & b) / len(a | b) if a | b else 1
    return best(one)


def cosine(lo, hi):
    def one(c, r):
        try:
            v = TfidfVectorizer(ngram_range=(lo, hi)).fit_transform([normalize(c), normalize(r)])
        except ValueError:
            return 0
        return (v[0] @ v[1].T).toarray()[0][0]
    return best(one)


def fuzz(f, **kw):
    return best(lambda c, r: f(c, r, **kw) / 100)


# In a text of Latin-1 alone rapidfuzz takes U+0085 and U+00A0 for no space.
def fuzz_words(f):
    def words(t):
        return " ".join(t.split())
    return best(lambda c, r: f(words(c), words(r)) / 100)


def distance(c, r):
    n = max(len(c), len(r))
    return 1 - rapidfuzz.distance.Levenshtein.distance(c, r) / n if n else 1


def word_distance(c, r):
    n = max(len(c.split()), len(r.split()))
    return 1 - rapidfuzz.distance.Levenshtein.distance(c.split(), r.split()) / n if n else 1


M = []


def add(name, model, params, f):
    if re.match(ONLY, name):
        M.append((name, model, params, f))


for tok in ("13a", "intl", "char", "none", "zh"):
    add("bleu_" + tok, "bleu", {"tokenize": tok}, bleu(tokenize=tok, effective_order=True))
add("bleu_floor", "bleu", {"smooth_method": "floor"}, bleu(smooth_method="floor", effective_order=True))
add("bleu_addk", "bleu", {"smooth_method": "add-k", "smooth_value": 1.0, "effective_order": False},
    bleu(smooth_method="add-k"))
add("bleu_raw", "bleu", {"smooth_method": "none", "effective_order": False, "lowercase": True},
    bleu(smooth_method="none", lowercase=True))
add("bleu_best", "bleu", {"references": "best", "max_ngram_order": 2},
    lambda c, refs, m=bleu(effective_order=True, max_ngram_order=2): max(m(c, [r]) for r in refs))
for k in range(8):
    add("sb%d" % k, "sentence_bleu", {"smoothing_function": k}, sentence_bleu(k))
add("sb5_2", "sentence_bleu", {"smoothing_function": 5, "max_ngram_order": 2}, sentence_bleu(5, 2))
add("gleu", "gleu", {}, gleu(1, 4))
add("gleu23", "gleu", {"min_len": 2, "max_len": 3}, gleu(2, 3))
add("chrf", "chrf", {}, chrf())
add("chrfpp", "chrf", {"word_order": 2}, chrf(word_order=2))
add("chrf_ws", "chrf", {"whitespace": True, "lowercase": True, "beta": 1.0},
    chrf(whitespace=True, lowercase=True, beta=1))
add("chrf_eps", "chrf", {"eps_smoothing": True, "char_order": 3}, chrf(eps_smoothing=True, char_order=3))
add("ter", "ter", {}, ter())
add("ter_norm", "ter", {"normalized": True}, ter(normalized=True))
add("ter_asian", "ter", {"normalized": True, "no_punct": True, "asian_support": True},
    ter(normalized=True, no_punct=True, asian_support=True))
add("ter_case", "ter", {"case_sensitive": True, "no_punct": True}, ter(case_sensitive=True, no_punct=True))
add("meteor", "meteor", {}, meteor())
add("meteor2", "meteor", {"alpha": 0.5, "beta": 2.0, "gamma": 1.0}, meteor(alpha=.5, beta=2.0, gamma=1.0))
add("rouge", "rouge", {}, rouge(["rouge1", "rouge2", "rougeL"], True))
for t in ("rouge1", "rouge2", "rougeL", "rougeLsum"):
    add(t, "rouge", {"rouge_types": [t], "use_stemmer": False}, rouge([t], False))
add("rouge4p", "rouge", {"rouge_types": ["rouge4"], "score_key": "precision"}, rouge(["rouge4"], True, "precision"))
add("rougeLr", "rouge", {"rouge_types": ["rougeL"], "score_key": "recall"}, rouge(["rougeL"], True, "recall"))
for n in (1, 3, 5):
    add("rouge_n%d" % n, "rouge", {"rouge_types": ["rouge%d" % n], "tokenize": "none"}, rouge_n(n))
add("em", "exact_match", {}, best(lambda c, r: float(c == r)))
add("squad", "exact_match", {"case_sensitive": False, "normalize": True},
    best(lambda c, r: float(normalize(c) == normalize(r))))
add("token_f1", "token_f1", {}, best(f1))
add("word_overlap", "word_overlap", {}, overlap(str.split, normalize))
add("char_overlap", "char_overlap", {}, overlap(list, str.lower))
add("jaccard", "jaccard", {}, jaccard(1))
add("jaccard3", "jaccard", {"use_ngrams": True, "n": 3}, jaccard(3))
add("cosine", "cosine", {}, cosine(1, 2))
add("cosine1", "cosine", {"max_len": 1}, cosine(1, 1))
FZ = {"normalize": False, "case_sensitive": True}
for name in ("ratio", "partial_ratio", "token_sort_ratio", "token_set_ratio"):
    add("f_" + name, "fuzzy_match", dict(FZ, method=name),
        (fuzz_words if "token" in name else fuzz)(getattr(rapidfuzz.fuzz, name)))
add("f_process", "fuzzy_match", dict(FZ, process=True), fuzz(rapidfuzz.fuzz.ratio,
                                                          processor=rapidfuzz.utils.default_process))
add("distance", "edit_distance", {}, best(distance))
add("distance_w", "edit_distance", {"unit": "words"}, best(word_distance))
add("prefix", "prefix_match", {}, best(lambda c, r: float(c.startswith(r))))
add("suffix", "suffix_match", {"case_sensitive": False}, best(lambda c, r: float(c.lower().endswith(r.lower()))))
add("substring", "substring_match", {}, best(lambda c, r: float(r.lower() in c.lower())))
add("contains_all", "contains_all", {}, lambda c, refs: sum(r.lower() in c.lower() for r in refs) / len(refs))
add("contains_any", "contains_any", {}, lambda c, refs: float(any(r.lower() in c.lower() for r in refs)))


# ---- the run

def conf_value(v):
    if isinstance(v, bool):
        return str(v).lower()
    if isinstance(v, list):
        return "[%s]" % ", ".join(conf_value(x) for x in v)
    return json.dumps(v)


def write_conf(path, measures):
    with open(path, "w") as f:
        f.write("instances = {\n")
        for name, model, params, _ in measures:
            f.write("  %s = { model = \"text.%s\"; params = { %s }; };\n" % (
                name, model, " ".join("%s = %s;" % (k, conf_value(v)) for k, v in params.items())))
        f.write("};\ncompositions = { all = { combine = \"mean\"; members = (\n")
        f.write(",\n".join("  { use = \"%s\"; on_error = \"skip\"; }" % m[0] for m in measures))
        f.write("); }; };\n")


def scores(folder, measures, rows):
    write_conf(folder + "/all.conf", measures)
    with open(folder + "/rows.jsonl", "w") as f:
        for row in rows:
            f.write(json.dumps(row) + "\n")
    out = subprocess.run([MEED, "score", "-q", "-c", folder + "/all.conf", "-m", "all",
                          folder + "/rows.jsonl"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    for line in out.stdout.decode().split("\n")[:-1]:
        reward = json.loads(line)["output"][0]["answer"]["reward"]
        yield {d["name"]: d.get("raw") for d in reward.get("details", [])}


def compare(folder):
    real = real_texts()
    pairs = [pair(real) for _ in range(COUNT)]
    bad = collections.Counter()
    n = 0
    rows = [{"prompt": "p", "response": c, "reference": refs} for c, refs in pairs]
    for (c, refs), ours in zip(pairs, scores(folder, M, rows)):
        for name, _, _, f in M:
            want, got = f(c, refs), ours.get(name)
            n += 1
            if want is None and got is None:
                continue
            if want is None or got is None or not math.isclose(want, got, abs_tol=1e-9, rel_tol=1e-9):
                bad[name] += 1
                if VERBOSE and bad[name] < 4:
                    print(name, want, got, repr(c)[:1000], [repr(r)[:1000] for r in refs])
    return n, bad


# ---- JSON Schema

KEYS = ["a", "b", "c", "d"]


def value(depth):
    k = rng.random()
    if depth == 0 or k < 0.6:
        return rng.choice([None, True, False, 0, 1, 2, -3, 1.0, 2.5, 7, "", "a", "ab", "abc", "\u4e2d", 1e3, 0.1])
    if k < 0.8:
        return [value(depth - 1) for _ in range(rng.randint(0, 4))]
    return {rng.choice(KEYS): value(depth - 1) for _ in range(rng.randint(0, 4))}


def schema(depth):
    s = {}
    if depth == 0 or rng.random() < 0.06:
        return rng.choice([True, False, {}, {"type": "integer"}, {"type": ["string", "null"]}, {"const": 1}])

    def sub():
        return schema(depth - 1)
    options = {
        "type": lambda: rng.choice(["integer", "number", "string", "array", "object", "null", "boolean",
                                    ["integer", "string"], ["array", "object"]]),
        "enum": lambda: [value(1) for _ in range(3)], "const": lambda: value(1),
        "minimum": lambda: rng.randint(-3, 3), "maximum": lambda: rng.randint(-1, 7),
        "exclusiveMinimum": lambda: 1, "exclusiveMaximum": lambda: 2.5,
        "multipleOf": lambda: rng.choice([1, 2, 0.5]), "minLength": lambda: rng.randint(0, 2),
        "maxLength": lambda: rng.randint(0, 3), "pattern": lambda: rng.choice(["^a", "b", "a.*c$", "[0-9]"]),
        "items": sub, "prefixItems": lambda: [sub(), sub()], "minItems": lambda: rng.randint(0, 2),
        "maxItems": lambda: rng.randint(0, 3), "uniqueItems": lambda: True, "contains": sub,
        "minContains": lambda: rng.randint(0, 2), "maxContains": lambda: rng.randint(0, 2),
        "properties": lambda: {rng.choice(KEYS): sub() for _ in range(2)},
        "patternProperties": lambda: {rng.choice(["^a", "[bc]", "d$"]): sub()},
        "additionalProperties": sub, "required": lambda: rng.sample(KEYS, rng.randint(0, 2)),
        "minProperties": lambda: 1, "maxProperties": lambda: rng.randint(0, 3),
        "propertyNames": lambda: rng.choice([{"maxLength": 1}, {"enum": ["a", "b"]}, {"pattern": "^[abc]$"}]),
        "dependentRequired": lambda: {rng.choice(KEYS): [rng.choice(KEYS)]},
        "dependentSchemas": lambda: {rng.choice(KEYS): sub()},
        "if": sub, "then": sub, "else": sub, "allOf": lambda: [sub(), sub()], "anyOf": lambda: [sub(), sub()],
        "oneOf": lambda: [sub(), sub()], "not": sub, "$ref": lambda: rng.choice(["#/$defs/x", "#/$defs/y~1z"]),
        "title": lambda: "t", "format": lambda: "date"}
    for key in rng.sample(sorted(options), rng.randint(1, 5)):
        s[key] = options[key]()
    return s


def compare_schemas(folder):
    rows, want = [], []
    for _ in range(COUNT):
        s = schema(3)
        if isinstance(s, dict):
            s["$defs"] = {"x": schema(0), "y/z": schema(1) if "$ref" not in json.dumps(s) else schema(0)}
            if "$ref" in json.dumps(s["$defs"]):
                s["$defs"] = {"x": {"type": "integer"}, "y/z": True}
        for _ in range(2):
            v = value(3)
            rows.append({"prompt": "p", "response": json.dumps(v), "metadata": {"schema": json.dumps(s)}})
            want.append(float(jsonschema.Draft202012Validator(s).is_valid(v)))
    bad = 0
    for row, w, got in zip(rows, want, scores(folder, [("schema", "json_schema", {}, None)], rows)):
        if got.get("schema") != w:
            bad += 1
            if VERBOSE and bad < 6:
                print("schema", w, got, row["metadata"]["schema"], row["response"])
    return len(rows), bad


with tempfile.TemporaryDirectory() as folder:
    n, bad = compare(folder)
    print("%d scores of %d measures on %d pairs: %d differ" % (n, len(M), COUNT, sum(bad.values())))
    for name, k in bad.most_common():
        print("  %s: %d" % (name, k))
    m, bad_schemas = compare_schemas(folder)
    print("%d validations: %d differ" % (m, bad_schemas))
sys.exit(1 if bad or bad_schemas else 0)
