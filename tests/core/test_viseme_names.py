"""Names of shape keys as other tools write them."""

import pytest

from headroom.core.performance import ARKIT_52, SHAPES
from headroom.core.rig.viseme_names import answers, chosen, key_of, speaks

OCULUS = ["sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E"]
VROID = [f"Face.M_F00_000_00_Fcl_MTH_{vowel}" for vowel in "AIUEO"]


def short(name: str) -> str:
    return name.replace("Left", "_L").replace("Right", "_R") if name not in ("jawLeft", "mouthLeft") else name


@pytest.mark.parametrize(
    "spell",
    [
        str,
        lambda name: name[0].upper() + name[1:],
        lambda name: "".join("_" + sign.lower() if sign.isupper() else sign for sign in name),
        lambda name: f"blendShape1.{name}",
        lambda name: f"head_lod0_mesh__{name}",
        lambda name: f"CTRL_expressions_{name}",
        lambda name: name.replace("Left", ".L").replace("Right", ".R") if len(name) > 10 else name,
        lambda name: f"blendShape2.{short(name)}" if len(name) > 10 else name,
        str.lower,
    ],
)
def test_arkit_in_any_spelling(spell):
    keys = ["Basis", *map(spell, ARKIT_52)]
    assert speaks(keys) == "arkit"
    assert answers(keys)["arkit"] == {name: spell(name) for name in ARKIT_52}


@pytest.mark.parametrize(
    ("keys", "name", "some"),
    [
        ([f"viseme_{one}" for one in (*OCULUS, "I", "O", "U")], "oculus", {"ih": "viseme_I", "ou": "viseme_U"}),
        ([f"Wolf3D_Head.viseme_{one}" for one in (*OCULUS, "I", "O", "U")], "oculus", {"PP": "Wolf3D_Head.viseme_PP"}),
        ([f"vrc.v_{one.lower()}" for one in (*OCULUS, "ih", "oh", "ou")], "oculus", {"PP": "vrc.v_pp", "E": "vrc.v_e"}),
        ([*OCULUS, "ih", "oh", "ou"], "oculus", {"oh": "oh"}),
        (list("AIUEO"), "vrm", {"aa": "A", "ih": "I", "ou": "U", "ee": "E", "oh": "O"}),
        (["aa", "ih", "ou", "ee", "oh"], "vrm", {"ee": "ee"}),
        (VROID, "vrm", {"aa": VROID[0], "oh": VROID[4]}),
        ([f"Fcl_MTH_{one}" for one in "AIUEO"], "vrm", {"ou": "Fcl_MTH_U"}),
        ([f"blendShape1.MTH_{one}" for one in "AIUEO"], "vrm", {"ou": "blendShape1.MTH_U"}),
        (list("あいうえお"), "vrm", {"aa": "あ", "oh": "お"}),
        (list("ABCDEFGHX"), "rhubarb", {"A": "A", "X": "X"}),
        ([f"mouth_{one}" for one in "ABCDEF"], "rhubarb", {"D": "mouth_D"}),
        (["AI", "E", "O", "U", "etc", "L", "WQ", "MBP", "FV", "rest"], "preston_blair", {"MBP": "MBP"}),
        ([f"viseme_{one}" for one in range(22)], "microsoft", {"viseme_21": "viseme_21"}),
        ([f"SP_VISEME_{one}" for one in range(22)], "microsoft", {"viseme_7": "SP_VISEME_7"}),
    ],
)
def test_visemes_in_the_spellings_of_other_tools(keys, name, some):
    keys = ["Basis", "mouthOpenWide", *keys]
    assert speaks(keys) == name
    assert some.items() <= answers(keys)[name].items()
    assert set(answers(keys)) == {name}


def test_arkit_goes_before_visemes_but_not_without_a_jaw():
    visemes = [f"viseme_{one}" for one in (*OCULUS, "I", "O", "U")]
    both = [*visemes, *ARKIT_52]
    assert list(answers(both)) == ["arkit", "oculus"] and speaks(both) == "arkit"
    assert speaks([*visemes, "eyeBlinkLeft", "browInnerUp"]) == "oculus"
    assert speaks(["eyeBlinkLeft", "browInnerUp"]) == "arkit"


@pytest.mark.parametrize(
    "keys",
    [[], ["Basis", "Fat"], ["A", "E", "Smile"], ["fixed_jawOpenFix"], ["viseme_PP", "viseme_FF"], ["", "...", "_"]],
)
def test_other_keys_do_not_speak(keys):
    assert speaks(keys) == "" and answers(keys) == {}
    assert chosen("auto", keys) == "arkit" and chosen("vrm", keys) == "vrm"


def test_exact_names_win_and_the_first_of_others():
    assert key_of(["Jaw_Open", "jawOpen", "JawOpen"])["jawOpen"] == "jawOpen"
    assert key_of(["Jaw_Open", "JawOpen"])["jawOpen"] == "Jaw_Open"
    assert key_of(["old_Jaw_Open", "JawOpen"])["jawOpen"] == "JawOpen"  # fewer other words


def test_a_corrective_of_two_shapes_is_neither():
    keys = ["jawOpen", "jawOpen_mouthClose", "mouthSmile_L_tongueOut", "tongueOut_jawOpen", "x_jaw_open_tongue_out"]
    assert answers(keys)["arkit"] == {"jawOpen": "jawOpen"}


def test_other_keys_answer_to_their_names_and_no_key_to_two():
    named = key_of(["Basis", *SHAPES, "my_own"])
    assert named == {name: name for name in ("Basis", *SHAPES, "my_own")}
    named = key_of([*"AIUEO", "Joy"])
    assert named == {"aa": "A", "ih": "I", "ou": "U", "ee": "E", "oh": "O", "Joy": "Joy"}
