"""Probes use a student's class and answer in plain values; the judges of what they say believe nothing."""

import numpy as np
import pytest

from cs231n_utils.checking.calls import Call, run
from cs231n_utils.checking.judges import FINGERPRINTS, JUDGES
from cs231n_utils.checking.key import Tolerance
from solutions.convnet import ConvNet

INPUTS = {
    "input_shape": [1, 4, 4],
    "blocks": [[2, 1, True]],
    "hidden": [3],
    "num_classes": 2,
    "X": np.random.default_rng(0).standard_normal((3, 1, 4, 4)),
    "y": np.array([0, 1, 1]),
}
GRADIENTS = Call("ConvNet", (*INPUTS,), ("shapes", "loss", "slopes", "measured"), via="model_gradients")
ANY = Tolerance(0, 0, "judges bring their own")


def answer(model, call=GRADIENTS):
    return run([call], {"ConvNet": model}, INPUTS)


class Renamed(ConvNet):
    """Other names, in another order."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.names = {f"p{k}": name for k, name in enumerate(reversed(self.params))}
        self.renamed = {new: self.params[old] for new, old in self.names.items()}
        self.params = self.renamed

    def loss(self, X, y=None):
        mine, self.params = self.params, {old: self.params[new] for new, old in self.names.items()}
        try:
            returned = super().loss(X, y)
        finally:
            self.params = mine
        return returned if y is None else (returned[0], {new: returned[1][old] for new, old in self.names.items()})


def test_names_and_order_of_parameters_are_free():
    one, other = answer(ConvNet)["results"], answer(Renamed)["results"]
    assert one["shapes"] == other["shapes"] == ["2", "2", "2×3×3", "3", "3×2", "8×3"]
    assert one["loss"] == pytest.approx(other["loss"], rel=1e-12)
    np.testing.assert_allclose(one["slopes"], other["slopes"], rtol=1e-12)


def test_slopes_are_those_that_are_measured():
    assert JUDGES["slopes_as_measured"](INPUTS, answer(ConvNet)["results"], ANY) is None


def test_a_gradient_that_is_one_percent_off_is_rejected():
    class Off(ConvNet):
        def loss(self, X, y=None):
            returned = super().loss(X, y)
            return returned if y is None else (returned[0], {n: 1.01 * g for n, g in returned[1].items()})

    assert "by your gradients" in JUDGES["slopes_as_measured"](INPUTS, answer(Off)["results"], ANY)


@pytest.mark.parametrize(
    ("returned", "error"),
    [(1.0, "LossReturnError"), ((1.0, 2.0), "LossReturnError"), ((1.0, {}), "GradientMissingError")],
)
def test_what_loss_returns_is_looked_at(returned, error):
    class Wrong(ConvNet):
        def loss(self, X, y=None):
            return returned

    assert answer(Wrong)["error"]["type"] == error


def test_params_must_be_arrays():
    class Listed(ConvNet):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.params["more"] = [1.0]

    assert answer(Listed)["error"]["type"] == "ParamsError"


@pytest.mark.parametrize("said", [None, "x", [1], {}, np.zeros(3), 10**400, float("nan")])
def test_forged_records_break_nothing(said):
    results = {"slopes": np.zeros(6), "measured": said, "shapes": ["a"] * 6}
    assert JUDGES["slopes_as_measured"](INPUTS, results, ANY) is not None
    forged = dict.fromkeys(("first_loss", "accuracy", "same_seed_same", "other_seed_same"), said)
    for judge in ("first_loss", "fitted", "held_out"):
        assert FINGERPRINTS[judge](INPUTS, forged, {}).dtype == float


def test_a_first_loss_far_from_the_logarithm_is_rejected():
    for loss, right in ((0.693, True), (0.8, True), (1.2, False), (0.1, False), (float("nan"), False)):
        assert (JUDGES["first_loss"](INPUTS, {"first_loss": loss}, ANY) is None) is right
