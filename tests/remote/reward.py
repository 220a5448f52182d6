# reward.py - a reward function for eval-protocol's server, as peers.sh runs it.
from eval_protocol.models import EvaluateResult, MetricResult, StepOutput


def reward(messages, ground_truth=None, strict=False, **kwargs):
    text = messages[-1]["content"]
    if text == "break":
        raise ValueError("broken on demand")
    if text == "unsure":
        return EvaluateResult(score=0.0, is_score_valid=False, reason="cannot tell")
    right = ground_truth is not None and ground_truth in text
    return EvaluateResult(
        score=1.0 if right else 0.0,
        reason="compared strictly" if strict else "compared",
        metrics={"length": MetricResult(score=min(1.0, len(text) / 10), is_score_valid=True, reason="bytes")},
        step_outputs=[StepOutput(step_index=i, base_reward=0.5 * i) for i in range(2)],
    )
