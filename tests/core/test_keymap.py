"""Maps from channels to keys: what they drive, how they are kept, and what a hostile preset cannot do."""

import json

import pytest

from headroom.core.errors import InputError
from headroom.core.rig.keymap import Entry, KeyMap, merged

MAP = KeyMap(
    (
        Entry("Face", "Blah 7", "jawOpen", 1.0, 0.83, "shape"),
        Entry("Face", "puck_L", "mouthPucker"),
        Entry("Face", "puck_R", "mouthPucker", 0.5, 1.0, "hand"),
        Entry("Teeth", "Blah 7", "jawOpen", 1.0, 0.83, "shape"),
        Entry("Face", "あ", "aa"),
    )
)


def test_one_map_drives_several_objects_and_a_channel_several_keys():
    assert MAP.for_object("Face")["mouthPucker"] == [("puck_L", 1.0), ("puck_R", 0.5)]
    assert MAP.for_object("Teeth") == {"jawOpen": [("Blah 7", 1.0)]}
    assert MAP.for_object("Hat") == {}
    assert MAP.objects == ("Face", "Teeth") and "aa" in MAP.channels


def test_a_preset_comes_back_as_it_was():
    assert KeyMap.from_json(MAP.to_json()) == MAP
    assert KeyMap.from_json(KeyMap().to_json()) == KeyMap()


def test_a_preset_serves_another_character():
    other = MAP.renamed({"Face": "Anna"})
    assert other.for_object("Anna") == MAP.for_object("Face") and other.for_object("Teeth")


def test_what_is_less_sure_fills_only_what_is_open():
    more = [
        Entry("Face", "Blah 7", "jawLeft"), Entry("Face", "other", "jawOpen"), Entry("Face", "new", "jawRight"),
        Entry("Teeth", "new", "jawRight"),
    ]  # fmt: skip
    assert merged(MAP, more).entries[len(MAP.entries) :] == tuple(more[2:])


ROW = ["Face", "key", "jawOpen", 1.0, 1.0, "name"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "no key map"),
        ('{"entries": []}', "another version"),
        ('{"headroom_keymap": 99, "entries": []}', "another version"),
        *(
            (json.dumps({"headroom_keymap": 1, "entries": [ROW, row]}), "entry 2")
            for row in (
                [], ["Face"], {"a": 1}, [*ROW[:3], "1", 1, "name"], [*ROW[:3], True, 1, "name"],
                [*ROW[:3], 1e9, 1, "name"], [*ROW[:3], 1, 2, "name"], [*ROW[:5], "guess"], ["", *ROW[1:]],
                ["x" * 1000, *ROW[1:]], [3, *ROW[1:]], ["Face", "key", "jawOpn", 1, 1, "name"],
            )
        ),
        ('{"headroom_keymap": 1, "entries": [["Face", "key", "jawOpen", NaN, 1, "name"]]}', "entry 1"),
    ],
)  # fmt: skip
def test_a_damaged_preset_is_refused_in_one_line(text, says):
    with pytest.raises(InputError, match=says) as caught:
        KeyMap.from_json(text, "map.json")
    assert "\n" not in str(caught.value) and "map.json" in str(caught.value)
