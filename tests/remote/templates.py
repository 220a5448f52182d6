# templates.py - are the texts of named templates those of the published ones?
#
#   templates.py TRL-TEMPLATES NAME=RECORDING... < SAMPLES
#
# TRL-TEMPLATES is the folder trl/chat_templates of the Python package trl; a recording is what
# `meed score --record` wrote of SAMPLES with template = NAME and bos = true.
import json
import os
import sys

import jinja2

PUBLISHED = {"qwen": "qwen2_5", "qwen3": "qwen3", "llama3": "llama3", "llama3.1": "llama3_1", "gemma": "gemma3"}
BOS = {"llama3": "<|begin_of_text|>", "llama3.1": "<|begin_of_text|>", "gemma": "<bos>"}


def refuse(why):
    raise ValueError(why)


folder = sys.argv[1]
samples = [json.loads(line) for line in sys.stdin]
bad = 0
for arg in sys.argv[2:]:
    name, path = arg.split("=")
    env = jinja2.Environment(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"])
    env.globals["raise_exception"] = refuse
    with open(os.path.join(folder, PUBLISHED[name] + ".jinja"), encoding="utf-8") as f:
        template = env.from_string(f.read())
    with open(path, encoding="utf-8") as f:
        sent = [json.loads(json.loads(line)["request"].split("\n", 1)[1])["text"][0] for line in f]
    for s in samples:
        messages = s["prompt"] + [{"role": "assistant", "content": s["response"]}]
        want = template.render(messages=messages, add_generation_prompt=False, bos_token=BOS.get(name, ""))
        if want not in sent:
            bad += 1
            print(f"{name}: nobody sent {want!r}")
    print(f"{name}: {len(samples)} conversations")
sys.exit(1 if bad else 0)
