"""A broken file: the upload stopped half way, so that the notebook is no JSON any more. The answers were right."""

import numpy as np

CHANGES = [("truncated", 0.6)]


def pool_output_size(H, F, S):
    if F > H:
        raise ValueError("F > H")
    return (H - F) // S + 1


def global_avg_pool_forward(x):
    return x.mean(axis=(2, 3)), x.shape


def global_max_pool_forward(x):
    return x.max(axis=(2, 3)), x


def activations_discarded():
    return 75


def learnable_parameters():
    return 0


def two_by_two_pool_size():
    return 27


def overlapping_pool_size():
    return 27


def depth_after_pooling():
    return 96
