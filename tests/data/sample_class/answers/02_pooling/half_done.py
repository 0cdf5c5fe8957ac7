"""Half finished: the forward passes are right, one of the questions is wrong, the rest is as it was handed out."""

import numpy as np

HANDED_IN = "2026-03-03 00:00:12 UTC"

ANSWERS = {
    "explain_pooling_invariance": """
did not get to this one
""",
}


def pool_output_size(H, F, S):
    if F > H:
        raise ValueError('The pooling window is larger than the input.')
    return (H - F) // S + 1


def max_pool_forward_naive(x, pool_param):
    N, C, H, W = x.shape
    height = pool_output_size(H, pool_param['pool_height'], pool_param['stride'])
    width = pool_output_size(W, pool_param['pool_width'], pool_param['stride'])
    out = np.zeros((N, C, height, width))
    for row in range(height):
        top = row * pool_param['stride']
        bottom = top + pool_param['pool_height']
        for col in range(width):
            left = col * pool_param['stride']
            right = left + pool_param['pool_width']
            out[:, :, row, col] = np.max(x[:, :, top:bottom, left:right], axis=(2, 3))
    # backward will need x
    cache = x
    return out, cache


def avg_pool_forward_naive(x, pool_param):
    N, C, H, W = x.shape
    height = pool_output_size(H, pool_param['pool_height'], pool_param['stride'])
    width = pool_output_size(W, pool_param['pool_width'], pool_param['stride'])
    out = np.zeros((N, C, height, width))
    for row in range(height):
        top = row * pool_param['stride']
        bottom = top + pool_param['pool_height']
        for col in range(width):
            left = col * pool_param['stride']
            right = left + pool_param['pool_width']
            out[:, :, row, col] = np.mean(x[:, :, top:bottom, left:right], axis=(2, 3))
    return out, None


def global_avg_pool_forward(x):
    return np.mean(x, axis=(2, 3)), None


def global_max_pool_forward(x):
    return np.max(x, axis=(2, 3)), None


def activations_discarded():
    return 25


def learnable_parameters():
    return 0
