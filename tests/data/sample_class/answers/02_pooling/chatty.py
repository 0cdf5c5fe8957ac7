"""Right. Prints as it goes, warns, and logs to stderr; that costs nothing."""

import logging
import sys
import warnings

import numpy as np

HANDED_IN = "2026-03-02 21:07:30 UTC"

ANSWERS = {
    "explain_pooling_invariance": """
I think it is true because max pooling takes the maximum and the maximum does not care where it is!!! In part 7 the
change got smaller with pooling.
""",
}

logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
log = logging.getLogger("pooling")
log.warning("starting!!")


def sizes(x, pool_param):
    f_h, f_w, s = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    return f_h, f_w, s, (x.shape[2] - f_h) // s + 1, (x.shape[3] - f_w) // s + 1


def pool_output_size(H, F, S):
    print('H, F, S =', H, F, S)
    if F > H:
        log.error("window too large: %d > %d", F, H)
        raise ValueError('window too large')
    if (H - F) % S:
        warnings.warn("does not divide evenly, the last pixels are not used")
    return (H - F) // S + 1


def max_pool_forward_naive(x, pool_param):
    f_h, f_w, s, h_out, w_out = sizes(x, pool_param)
    print('max pool forward', x.shape, '->', h_out, w_out)
    out = np.zeros([*x.shape[:2], h_out, w_out])
    for i in range(h_out):
        for j in range(w_out):
            out[:, :, i, j] = x[:, :, i*s:i*s+f_h, j*s:j*s+f_w].max(axis=2).max(axis=2)
    return out, (x, pool_param)


def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    f_h, f_w, s, h_out, w_out = sizes(x, pool_param)
    print('max pool backward', dout.shape, file=sys.stderr)
    dx = np.zeros(x.shape)
    for n in range(x.shape[0]):
        for c in range(x.shape[1]):
            for i in range(h_out):
                for j in range(w_out):
                    win = x[n, c, i*s:i*s+f_h, j*s:j*s+f_w]
                    k = np.argmax(win)
                    dx[n, c, i*s + k // f_w, j*s + k % f_w] += dout[n, c, i, j]
    return dx


def avg_pool_forward_naive(x, pool_param):
    f_h, f_w, s, h_out, w_out = sizes(x, pool_param)
    warnings.warn("this is slow", UserWarning)
    np.log(np.zeros(1))  # divide by zero on purpose, to see the warning
    out = np.zeros([*x.shape[:2], h_out, w_out])
    for i in range(h_out):
        for j in range(w_out):
            out[:, :, i, j] = x[:, :, i*s:i*s+f_h, j*s:j*s+f_w].sum(axis=(2, 3)) / (f_h * f_w)
    return out, (x, pool_param)


def avg_pool_backward_naive(dout, cache):
    x, pool_param = cache
    f_h, f_w, s, h_out, w_out = sizes(x, pool_param)
    dx = np.zeros(x.shape)
    for i in range(h_out):
        for j in range(w_out):
            log.debug("window %d %d", i, j)
            dx[:, :, i*s:i*s+f_h, j*s:j*s+f_w] += (dout[:, :, i, j] / (f_h * f_w))[:, :, np.newaxis, np.newaxis]
    return dx


def global_avg_pool_forward(x):
    print(x)
    out = x.sum(axis=(2, 3)) / x[0, 0].size
    return out, x.shape


def global_avg_pool_backward(dout, cache):
    print("cache:", cache)
    return np.ones(cache) * dout[:, :, None, None] / (cache[2] * cache[3])


def global_max_pool_forward(x):
    out = np.array([[channel.max() for channel in image] for image in x])
    print("out", out)
    return out, x


def global_max_pool_backward(dout, cache):
    dx = np.zeros(cache.shape)
    for n in range(dout.shape[0]):
        for c in range(dout.shape[1]):
            i, j = np.unravel_index(np.argmax(cache[n, c]), cache[n, c].shape)
            print("winner of", n, c, "is at", i, j)
            dx[n, c, i, j] = dout[n, c]
    return dx


def max_pool_forward_fast(x, pool_param):
    f_h, f_w, s, h_out, w_out = sizes(x, pool_param)
    sys.stderr.write("fast!\n")
    candidates = [x[:, :, a:a + s*(h_out-1) + 1:s, b:b + s*(w_out-1) + 1:s] for a in range(f_h) for b in range(f_w)]
    return np.max(candidates, axis=0), (x, pool_param, np.argmax(candidates, axis=0))


def max_pool_backward_fast(dout, cache):
    x, pool_param, who = cache
    f_h, f_w, s, h_out, w_out = sizes(x, pool_param)
    dx = np.zeros(x.shape)
    for k in range(f_h * f_w):
        a, b = divmod(k, f_w)
        dx[:, :, a:a + s*(h_out-1) + 1:s, b:b + s*(w_out-1) + 1:s] += np.where(who == k, dout, 0.0)
    print("fast backward done")
    return dx


def activations_discarded():
    print("3 of 4")
    return 75


def learnable_parameters():
    print("none!")
    return 0


def two_by_two_pool_size():
    return pool_output_size(55, 2, 2)


def overlapping_pool_size():
    return pool_output_size(55, 3, 2)


def depth_after_pooling():
    return 96
