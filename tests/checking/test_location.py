"""Where wrong entries lie: in words that are true, and as small maps."""

import json
import math

from cs231n_utils.checking.location import Maps


def test_maps_survive_json_with_nan_and_infinity():
    maps = Maps("out[0, 2]", ((1.0, -math.inf),), ((math.nan, math.inf),), row=3, column=4)
    text = json.dumps(maps.to_value(), allow_nan=False)
    assert Maps.from_value(json.loads(text)) == maps
