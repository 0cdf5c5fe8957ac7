"""What a cell says that meets a function which is not written yet."""

import pytest

from cs231n_utils.checking import unfinished


class Network:
    def loss(self):
        raise NotImplementedError


def layer():
    raise NotImplementedError


class Shell:
    """As much of IPython's shell as is used."""

    def _showtraceback(self, kind, error, lines):
        self.said = "\n".join(lines)


def shown(function):
    shell = Shell()
    with pytest.raises(NotImplementedError) as caught:
        function()
    unfinished._show(shell, caught.type, caught.value, caught.tb)
    return shell.said


def test_a_function_a_method_and_a_function_inside_another():
    def inside():
        raise NotImplementedError

    for function, name in ((layer, "layer"), (Network().loss, "Network.loss"), (inside, "inside")):
        said = f"This cell needs {name}, which is not implemented yet. Write it first, then come back."
        assert shown(function) == said


def test_the_cell_itself():
    cell = compile("raise NotImplementedError()", "<cell>", "exec")
    assert shown(lambda: exec(cell)) == "This cell is not written yet: it still raises NotImplementedError."
