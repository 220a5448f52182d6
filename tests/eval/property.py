#!/usr/bin/env python3
"""Compares meed eval with scipy, statsmodels, numpy and the benchmarks' own formulas.

For maintainers; make check does not run it. It needs numpy, scipy and statsmodels, and takes the
program as its first argument and a folder of benchmark rows (optional) as its second:
  property.py ./meed [DATA]
"""
import collections
import json
import math
import os
import random
import subprocess
import sys
import tempfile

import numpy as np
import scipy.stats as st
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

MEED = sys.argv[1]
DATA = sys.argv[2] if len(sys.argv) > 2 else None
checks = 0


def near(what, a, b, tol=1e-9):
    global checks
    checks += 1
    if a is None and (b is None or math.isnan(b)):
        return
    if a is None or b is None or abs(a - b) > tol * max(1, abs(b)):
        sys.exit(f"{what}: meed has {a}, expected {b}")


def evaluate(*args, tables=None):
    """The report's tables: id -> {first column: row}."""
    with tempfile.NamedTemporaryFile(suffix=".json") as f:
        r = subprocess.run([MEED, "eval", *args, "--json", f.name, "-q"], capture_output=True, text=True)
        if r.returncode not in (0, 65):
            sys.exit(f"meed eval {' '.join(args)}: {r.returncode}: {r.stderr}")
        report = json.load(open(f.name))
    out = {}
    for name, t in report["tables"].items():
        key = t["columns"][0]["id"]
        out[name] = {row[key]: row for row in t["rows"]}
    return out


def val(x):
    return x["value"] if isinstance(x, dict) else x


def write(rows):
    f = tempfile.NamedTemporaryFile("w", suffix=".jsonl", delete=False)
    for r in rows:
        f.write(json.dumps(r) + "\n")
    f.close()
    return f.name


def canonical(i, scores, labels, category="all", prompt=None, score_error=()):
    out = []
    for k, (s, l) in enumerate(zip(scores, labels)):
        reward = {"score": s, "composition": "x"} if k not in score_error else {
            "valid": False, "error": {"code": "timeout", "message": "late"}, "composition": "x"}
        out.append({"answer": {"role": "assistant", "content": f"a{k}", "label": l, "reward": reward}})
    return {"unique_id": str(i), "input": [{"role": "user", "content": prompt or f"p{i}"}], "output": out,
            "task_category": category}


def pointwise():
    rng = random.Random(1)
    for trial in range(20):
        n = rng.choice([3, 10, 57, 400])
        kind = trial % 3
        rows, xs, ys = [], [], []
        for i in range(n):
            if kind == 0:
                y = rng.choice([0, 1])
                x = min(1, max(0, rng.gauss(0.3 + 0.4 * y, 0.3)))
            elif kind == 1:
                y, x = rng.randrange(5), rng.randrange(5)
            else:
                y = rng.gauss(0, 1)
                x = y + rng.gauss(0, 1)
            xs.append(x)
            ys.append(y)
            rows.append(canonical(i, [x], [{"score": y}]))
        f = write(rows)
        row = evaluate("pointwise", f, "--bootstrap", "0")["agreement"]["all"]
        os.unlink(f)
        xs, ys = np.array(xs, float), np.array(ys, float)
        constant = len(set(xs)) < 2 or len(set(ys)) < 2
        near("pearson", val(row["pearson"]), None if constant else st.pearsonr(xs, ys)[0])
        near("spearman", val(row["spearman"]), None if constant else st.spearmanr(xs, ys)[0])
        near("kendall", val(row["kendall"]), None if constant else st.kendalltau(xs, ys)[0])
        if set(ys) <= {0.0, 1.0} and len(set(ys)) == 2:
            u = st.mannwhitneyu(xs[ys == 1], xs[ys == 0]).statistic
            near("auc", val(row["auc"]), u / (ys == 1).sum() / (ys == 0).sum())
            if xs.min() >= 0 and xs.max() <= 1:
                near("brier", val(row["brier"]), np.mean((xs - ys) ** 2))
                bins = np.clip(np.ceil(xs * 10).astype(int) - 1, 0, 9)
                ece = sum(abs(xs[bins == b].sum() - ys[bins == b].sum()) for b in range(10)) / n
                near("ece", val(row["ece"]), ece)
                near("accuracy", val(row["accuracy"]), np.mean((xs > 0.5) == (ys > 0.5)))


def two_runs():
    rng = random.Random(2)
    for trial in range(10):
        n = rng.choice([12, 80, 300])
        cats = [f"s{k}" for k in range(4)]
        a, b, tab = [], [], collections.defaultdict(lambda: [0, 0])
        good = [{"preference": "chosen"}, {"preference": "rejected"}]
        for i in range(n):
            c = cats[i % 4]
            x, y = rng.random() < 0.8, rng.random() < 0.6
            a.append(canonical(i, [1, 0] if x else [0, 1], good, c))
            b.append(canonical(i, [1, 0] if y else [0, 1], good, c))
            tab[c][0] += x and not y
            tab[c][1] += y and not x
            tab["all"][0] += x and not y
            tab["all"][1] += y and not x
        fa, fb = write(a), write(b)
        d = evaluate("pairwise", fa, "--against", fb, "--bootstrap", "2000", "--seed", str(trial))["differences"]
        os.unlink(fa)
        os.unlink(fb)
        for name, (x, y) in tab.items():
            row = d[name]
            near("b", row["only_this"], x)
            near("c", row["only_against"], y)
            near("mcnemar", row["mcnemar"], mcnemar([[0, x], [y, 0]], exact=True).pvalue if x + y else 1)
            m = x + y
            mid = 1 - 0.5 * st.binom.pmf(x, m, 0.5) if x == y and m else (
                2 * st.binom.cdf(min(x, y), m, 0.5) - st.binom.pmf(min(x, y), m, 0.5)) if m else 1
            near("mid-p", row["mcnemar_mid"], mid)
            # The permutation test of a difference of proportions is the exact McNemar test, up to
            # what 2000 draws leave open.
            exact = mcnemar([[0, x], [y, 0]], exact=True).pvalue if m else 1
            near("permutation", row["p"], exact, 0.06)
        subset = [d[c]["p"] for c in cats]
        holm = multipletests(subset, method="holm")[1]
        for c, p in zip(cats, holm):
            near("holm", d[c]["p_holm"], p)


def intervals():
    """Coverage by the same data's scipy intervals: percentile and BCa, within Monte Carlo error."""
    rng = np.random.default_rng(3)
    for trial in range(4):
        n = 60
        v = rng.random(n) < 0.7
        good = [{"preference": "chosen"}, {"preference": "rejected"}]
        f = write([canonical(i, [1, 0] if x else [0, 1], good) for i, x in enumerate(v)])
        for method, flag in (("percentile", ["--percentile"]), ("BCa", [])):
            row = evaluate("pairwise", f, "--bootstrap", "20000", *flag)["accuracy"]["all"]["accuracy"]
            ci = st.bootstrap((v.astype(float),), np.mean, method=method, n_resamples=20000, random_state=4)
            near(f"{method} low", row["low"], ci.confidence_interval.low, 0.02)
            near(f"{method} high", row["high"], ci.confidence_interval.high, 0.02)
        os.unlink(f)


def ties_score(rows):
    """RewardBench 2's Ties as its utils.py computes it."""
    def stats(scores, n):
        c, w = scores[:n], scores[n:]
        return (min(c) > max(w), max(c) - min(c) if n > 1 else None, min(c) - max(w))
    ref, tied = {}, {}
    for kind, i, n, scores in rows:
        (ref if kind == "ref" else tied)[i] = stats(scores, n)
    both = sorted(set(ref) & set(tied))
    dcm = np.array([tied[i][1] for i in both])
    cit = np.array([tied[i][2] for i in both])
    cir = np.array([ref[i][2] for i in both])
    with np.errstate(all="ignore"):
        m = np.nan_to_num(np.tanh(np.minimum(cir, cit) / dcm - 1), nan=0.0)
    return (0.3 * np.mean([s[0] for s in tied.values()]) + 0.3 * np.mean([s[0] for s in ref.values()]) +
            0.2 * np.mean(cit > dcm) + 0.2 * np.mean(np.minimum(cir, cit) > dcm) + 0.01 * np.mean(m))


def rewardbench2():
    rng = random.Random(5)
    for trial in range(8):
        rows, ties, right = [], [], collections.defaultdict(list)
        for i in range(40):
            scores = [rng.randrange(4) for _ in range(4)]
            c = rng.choice(["Factuality", "Math", "Focus"])
            rows.append(canonical(i, scores, [{"preference": "chosen"}] + [{"preference": "rejected"}] * 3, c))
            right[c].append(1 / scores.count(max(scores)) if scores[0] == max(scores) else 0)
        for i in range(12):
            for kind in ("ref", "tied"):
                n = 1 if kind == "ref" else 3
                if trial % 2 and i == 3 and kind == "ref":
                    continue
                scores = [rng.choice([3, 4, 5]) for _ in range(n)] + [rng.choice([1, 2, 4]) for _ in range(4)]
                ties.append((kind, i, n, scores))
                rows.append(canonical(f"{kind}:{i}", scores, [{"preference": "chosen"}] * n +
                                      [{"preference": "rejected"}] * 4, "Ties"))
        f = write(rows)
        t = evaluate("rewardbench2", f, "--bootstrap", "10")["rewardbench2"]
        os.unlink(f)
        expect = {k: np.mean(v) for k, v in right.items()}
        expect["Ties"] = ties_score(ties)
        for k, v in expect.items():
            near(k, val(t[k]["score"]), v)
        near("score", val(t["score"]["score"]), np.mean(list(expect.values())))


def rmbench():
    rng = random.Random(6)
    rows, m = [], collections.defaultdict(list)
    for i in range(80):
        c = rng.choice(["chat", "math", "code", "safety-refuse", "safety-response"])
        s = [rng.randrange(6) for _ in range(6)]
        rows.append(canonical(i, s, [{"preference": "chosen"}] * 3 + [{"preference": "rejected"}] * 3, c))
        m[c.split("-")[0]].append(np.array([[s[a] > s[3 + b] for b in range(3)] for a in range(3)], float))
    f = write(rows)
    t = evaluate("rmbench", f, "--bootstrap", "10")["rmbench"]
    os.unlink(f)
    parts = {}
    for c, v in m.items():
        a = np.mean(v, axis=0)
        parts[c] = (np.tril(a, -1).sum() / 3, np.diag(a).mean(), np.triu(a, 1).sum() / 3)
        for k, x in zip(("easy", "normal", "hard"), parts[c]):
            near(f"{c} {k}", val(t[c][k]), x)
        near(c, val(t[c]["average"]), np.mean(parts[c]))
    near("score", val(t["score"]["average"]), np.mean([np.mean(v) for v in parts.values()]))


def rewardbench():
    counts = {"alpacaeval-easy": 100, "mt-bench-med": 40, "mt-bench-hard": 37, "llmbar-natural": 100,
              "donotanswer": 136, "refusals-dangerous": 100, "math-prm": 984, "hep-cpp": 164, "hep-go": 164}
    sections = {"Chat": ["alpacaeval-easy", "mt-bench-med"], "Chat Hard": ["mt-bench-hard", "llmbar-natural"],
                "Safety": ["donotanswer", "refusals-dangerous"], "Reasoning": ["math-prm", "hep-cpp", "hep-go"]}
    rng = random.Random(7)
    rows, acc = [], collections.defaultdict(list)
    for i in range(400):
        c = rng.choice(list(counts) + ["shp", "summarize"])
        s = [rng.randrange(5), rng.randrange(5)]
        rows.append(canonical(i, s, [{"preference": "chosen"}, {"preference": "rejected"}], c))
        acc[c].append(s[0] > s[1])
    f = write(rows)
    t = evaluate("rewardbench", f, "--bootstrap", "10")["rewardbench"]
    os.unlink(f)
    sec = []
    for name, subs in sections.items():
        x = np.average([np.mean(acc[s]) for s in subs], weights=[counts[s] for s in subs])
        near(name, val(t[name]["accuracy"]), x)
        sec.append(x)
    prior = np.mean([np.mean(acc["shp"]), np.mean(acc["summarize"])])
    near("Prior sets", val(t["Prior sets"]["accuracy"]), prior)
    near("score", val(t["score"]["accuracy"]), (sum(sec) + 0.5 * prior) / 4.5)


def prmbench():
    rng = random.Random(8)
    rows, m = [], collections.defaultdict(collections.Counter)
    for i in range(60):
        c = rng.choice(["redundency", "circular", "confidence", "multi_solutions"])
        n = rng.randrange(3, 8)
        out = []
        for process in ("original", "modified"):
            right = [process == "original" or c == "multi_solutions" or rng.random() < 0.6 for _ in range(n)]
            said = [rng.random() for _ in range(n)]
            steps = [{"role": "assistant", "content": "s", "label": {"is_correct": r},
                      "reward": {"score": s, "composition": "x"}} for r, s in zip(right, said)]
            out.append({"answer": {"role": "assistant", "content": "x", "label": {"process": process}},
                        "steps": steps})
            if process == "original":
                continue
            for r, s in zip(right, said):
                m[c][("T" if (s > 0.4) == r else "F") + ("P" if s > 0.4 else "N")] += 1
        rows.append({"unique_id": str(i), "input": [], "output": out, "task_category": c})
    f = write(rows)
    t = evaluate("prmbench", f, "--bootstrap", "10", "--threshold", "0.4")["prmbench"]
    os.unlink(f)
    total = collections.Counter()
    for c, k in list(m.items()) + [("total", None)]:
        if k is None:
            k = total
        else:
            total.update(k)
        f1 = 2 * k["TP"] / (2 * k["TP"] + k["FP"] + k["FN"])
        neg = 2 * k["TN"] / (2 * k["TN"] + k["FN"] + k["FP"])
        near(f"{c} F1", val(t[c]["f1"]), f1)
        near(f"{c} PRMScore", val(t[c]["prmscore"]), f1 if c == "multi_solutions" else (f1 + neg) / 2)


def pass_and_best():
    from itertools import combinations
    rng = random.Random(9)
    rows, p, b, maj = [], collections.defaultdict(list), collections.defaultdict(list), []
    for i in range(25):
        n = 6
        right = [rng.random() < 0.5 for _ in range(n)]
        score = [rng.randrange(4) for _ in range(n)]
        answer = [str(rng.randrange(3)) if not r else "gold" for r in right]
        rows.append(canonical(i, score, [{"is_correct": r, "prediction": a} for r, a in zip(right, answer)]))
        top = collections.Counter(answer).most_common(1)[0][0]
        maj.append(top == "gold")
        for k in (1, 2, 6):
            sets = list(combinations(range(n), k))
            p[k].append(np.mean([any(right[j] for j in s) for s in sets]))
            best = []
            for s in sets:
                m = max(score[j] for j in s)
                tied = [right[j] for j in s if score[j] == m]
                best.append(sum(tied) / len(tied))
            b[k].append(np.mean(best))
    f = write(rows)
    t = evaluate("best", f, "-k", "1,2,6", "--bootstrap", "10")
    os.unlink(f)
    near("maj", val(t["best"]["all"]["maj"]), np.mean(maj))
    near("best", val(t["best"]["all"]["best"]), np.mean(b[6]))
    for k in (1, 2, 6):
        near(f"best@{k}", val(t["by_k"][str(k)]["best"]), np.mean(b[k]))
        near(f"pass@{k}", val(t["by_k"][str(k)]["pass"]), np.mean(p[k]))


def load(name):
    return [json.loads(l) for l in open(f"{DATA}/{name}")]


def recorded():
    """Results that were recorded elsewhere, from the rows themselves."""
    flip = {"A>B": "B>A", "B>A": "A>B"}
    for name, at in (("judgebench_rm_scores_dev.jsonl", "/scores"), ("judgebench_rm_scores_dev.jsonl", "/decision"),
                     ("judgebench_judgments_haiku_dev.jsonl", "/decision"),
                     ("judgebench_judgments_o1mini_dev.jsonl", "/decision")):
        by = collections.defaultdict(dict)
        for r in load(name):
            d = r["decision"]
            if r["order"] == "BA":
                d = flip.get(d, d)
            by[(r["judge_model"], r["pair_id"])][r["order"]] = (d, r["label"], r["source"])
        right, inconsistent, nulls, n = collections.Counter(), 0, 0, collections.Counter()
        for (_, _), orders in by.items():
            label, source = list(orders.values())[0][1:]
            ds = [orders[o][0] for o in orders]
            c = sum(1 if d == label else -1 if d == flip[label] else 0 for d in ds)
            for key in (source, "all"):
                right[key] += c > 0
                n[key] += 1
            inconsistent += len(ds) == 2 and ds[0] != ds[1]
            nulls += None in ds
        t = evaluate("judgebench", f"{DATA}/{name}", "--score-at", at, "--bootstrap", "0")["judgebench"]
        for key in n:
            near(f"{name} {key}", val(t[key]["accuracy"]), right[key] / n[key])
        near(f"{name} nulls", t["all"]["errors"], nulls)
        both = sum(len(o) == 2 for o in by.values())
        if at == "/decision":  # equal scores are a tie here, and one of the two there
            near(f"{name} inconsistent", val(t["all"]["inconsistent"]), inconsistent / both if both else None)
    rows = load("llmbar_judgments_dev.jsonl")
    acc, agree, n = collections.Counter(), collections.Counter(), collections.Counter()
    for r in rows:
        w = [r["results"][-1][f"swap = {s}"]["winner"] for s in ("False", "True")]
        acc[r["evaluator"]] += np.mean([x == str(r["label"]) for x in w])
        agree[r["evaluator"]] += w[0] == w[1]
        n[r["evaluator"]] += 1
    t = evaluate("llmbar", f"{DATA}/llmbar_judgments_dev.jsonl", "--by", "/evaluator", "--bootstrap", "0")["llmbar"]
    for e in n:
        near(e, val(t[e]["accuracy"]), acc[e] / n[e])
        near(e, val(t[e]["agreement"]), agree[e] / n[e])
    rows = load("pandalm_human_dev.jsonl")
    hits = m = 0
    for r in rows:
        v = collections.Counter(r[f"annotator{k}"] for k in (1, 2, 3)).most_common(1)[0]
        if v[1] >= 2:
            m += 1
            hits += r["pandalm_result"] == v[0]
    t = evaluate("pandalm", f"{DATA}/pandalm_human_dev.jsonl", "--verdict-at", "/pandalm_result", "--bootstrap", "0")
    near("pandalm", val(t["pandalm"]["all"]["accuracy"]), hits / m)
    near("pandalm n", t["pandalm"]["all"]["n"], m)
    rows = load("bon_math_qwen_dev.jsonl")
    t = evaluate("best", f"{DATA}/bon_math_qwen_dev.jsonl", "--score-at", "label:/score", "-k", "1,8", "--bootstrap", "0")
    best, maj = [], []
    for r in rows:
        s = [x[0] for x in r["pred_score"]]
        top = [ok for ok, x in zip(r["score"], s) if x == max(s)]
        best.append(sum(top) / len(top))
        a = collections.Counter(x.strip() for x in r["pred"]).most_common(1)[0][0]
        maj.append(r["score"][[x.strip() for x in r["pred"]].index(a)])
    near("best@8", val(t["best"]["all"]["best"]), np.mean(best))
    near("maj@8", val(t["best"]["all"]["maj"]), np.mean(maj))
    near("mean", val(t["by_k"]["1"]["pass"]), np.mean([np.mean(r["score"]) for r in rows]))
    rows = load("humaneval_solutions_dev.jsonl")
    by = collections.defaultdict(list)
    for r in rows:
        by[r["task_id"]].append(r["passed"])
    t = evaluate("pass@k", f"{DATA}/humaneval_solutions_dev.jsonl", "--correct-at", "/passed", "--group-at", "/task_id",
                 "-k", "1,2", "--bootstrap", "0")["by_k"]
    for k in (1, 2):
        x = [1 - math.comb(len(v) - sum(v), k) / math.comb(len(v), k) for v in by.values() if len(v) >= k]
        near(f"pass@{k}", val(t[str(k)]["pass"]), np.mean(x))


for test in (pointwise, two_runs, intervals, rewardbench, rewardbench2, rmbench, prmbench, pass_and_best):
    test()
    print(test.__name__, "agrees")
if DATA:
    recorded()
    print("recorded results agree")
print(checks, "figures compared")
