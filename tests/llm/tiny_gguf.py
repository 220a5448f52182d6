"""Makes a language model of no use for llama.cpp: random weights, one token a byte. For real.sh.

    python3 tiny_gguf.py FILE      needs gguf and numpy
"""
import sys

import gguf
import numpy as np

WIDTH, INNER, LAYERS, HEADS, CONTEXT = 64, 128, 2, 4, 32768
TEMPLATE = "{% for m in messages %}{{ m['role'] + '\\n' + m['content'] + '\\n' }}{% endfor %}assistant\n"


def main(path):
    tokens = [b"<unk>", b"<s>", b"</s>"] + [b"<0x%02X>" % i for i in range(256)]
    types = [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL]
    random = np.random.default_rng(1)
    w = gguf.GGUFWriter(path, "llama")
    w.add_context_length(CONTEXT)
    w.add_embedding_length(WIDTH)
    w.add_block_count(LAYERS)
    w.add_feed_forward_length(INNER)
    w.add_head_count(HEADS)
    w.add_head_count_kv(HEADS)
    w.add_rope_dimension_count(WIDTH // HEADS)
    w.add_layer_norm_rms_eps(1e-5)
    w.add_file_type(gguf.LlamaFileType.ALL_F32)
    w.add_tokenizer_model("llama")
    w.add_token_list(tokens)
    w.add_token_scores([0.0] * len(tokens))
    w.add_token_types(types + [gguf.TokenType.BYTE] * 256)
    w.add_bos_token_id(1)
    w.add_eos_token_id(2)
    w.add_unk_token_id(0)
    w.add_chat_template(TEMPLATE)

    def matrix(name, rows, columns):
        w.add_tensor(name + ".weight", random.normal(0, 0.1, (rows, columns)).astype(np.float32))

    def norm(name):
        w.add_tensor(name + ".weight", np.ones(WIDTH, np.float32))

    matrix("token_embd", len(tokens), WIDTH)
    matrix("output", len(tokens), WIDTH)
    norm("output_norm")
    for i in range(LAYERS):
        for name in "attn_q", "attn_k", "attn_v", "attn_output":
            matrix(f"blk.{i}.{name}", WIDTH, WIDTH)
        matrix(f"blk.{i}.ffn_gate", INNER, WIDTH)
        matrix(f"blk.{i}.ffn_up", INNER, WIDTH)
        matrix(f"blk.{i}.ffn_down", WIDTH, INNER)
        norm(f"blk.{i}.attn_norm")
        norm(f"blk.{i}.ffn_norm")
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


main(sys.argv[1])
