"""Wrong: every pixel that ties for the maximum gets the full gradient (full_gradient_to_ties)."""

import numpy as np


def corners(n_out, stride, size):
    return [(k, k * stride, k * stride + size) for k in range(n_out)]


def pool_output_size(H, F, S):
    out = (H - F) // S + 1
    if F > H:
        raise ValueError('cannot pool %d pixels with a window of %d' % (H, F))
    return out


def max_pool_forward_naive(x, pool_param):
    ph, pw, s = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    Ho, Wo = pool_output_size(x.shape[2], ph, s), pool_output_size(x.shape[3], pw, s)
    out = np.empty((x.shape[0], x.shape[1], Ho, Wo))
    for i, t, b in corners(Ho, s, ph):
        for j, l, r in corners(Wo, s, pw):
            out[..., i, j] = x[..., t:b, l:r].max((-1, -2))
    return out, (x, out, pool_param)


def max_pool_backward_naive(dout, cache):
    x, out, pool_param = cache
    ph, pw, s = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    dx = np.zeros(x.shape)
    for i, t, b in corners(dout.shape[2], s, ph):
        for j, l, r in corners(dout.shape[3], s, pw):
            mask = (x[..., t:b, l:r] == out[..., i, j][..., None, None])
            dx[..., t:b, l:r] += mask * dout[..., i, j][..., None, None]
    return dx


def avg_pool_forward_naive(x, pool_param):
    ph, pw, s = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    Ho, Wo = pool_output_size(x.shape[2], ph, s), pool_output_size(x.shape[3], pw, s)
    out = np.empty((x.shape[0], x.shape[1], Ho, Wo))
    for i, t, b in corners(Ho, s, ph):
        for j, l, r in corners(Wo, s, pw):
            out[..., i, j] = x[..., t:b, l:r].mean((-1, -2))
    return out, (x.shape, pool_param)


def avg_pool_backward_naive(dout, cache):
    shape, pool_param = cache
    ph, pw, s = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    dx = np.zeros(shape)
    for i, t, b in corners(dout.shape[2], s, ph):
        for j, l, r in corners(dout.shape[3], s, pw):
            dx[..., t:b, l:r] += dout[..., i, j][..., None, None] / ph / pw
    return dx


def global_avg_pool_forward(x):
    return x.mean((-1, -2)), x.shape


def global_avg_pool_backward(dout, cache):
    return np.zeros(cache) + dout[..., None, None] / cache[-1] / cache[-2]


def global_max_pool_forward(x):
    m = x.max((-1, -2))
    return m, (x, m)


def global_max_pool_backward(dout, cache):
    x, m = cache
    return np.where(x == m[..., None, None], dout[..., None, None], 0)


def max_pool_forward_fast(x, pool_param):
    ph, pw, s = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    view = np.lib.stride_tricks.sliding_window_view(x, (ph, pw), axis=(2, 3))[:, :, ::s, ::s]
    out = view.max(-1).max(-1)
    return out, (x, out, pool_param)


def max_pool_backward_fast(dout, cache):
    x, out, pool_param = cache
    ph, pw, s = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    Ho, Wo = dout.shape[2:]
    dx = np.zeros(x.shape)
    for p in range(ph):
        for q in range(pw):
            sub = (..., slice(p, p + s * Ho - s + 1, s), slice(q, q + s * Wo - s + 1, s))
            dx[sub] += (x[sub] == out) * dout
    return dx


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
