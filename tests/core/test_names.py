"""Names of keys and bones in the conventions that characters come in."""

import random

import pytest

from headroom.core.performance import ARKIT_52
from headroom.core.rig.keymap import CHANNELS
from headroom.core.rig.names import _levels, by_names, map_by_names
from headroom.core.rig.names_bones import by_bone_names
from headroom.core.rig.names_conventions import CONVENTIONS
from headroom.training.rig.key_names import CONVENTIONS as RIGS


def meanings(keys) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {key: set() for key in keys}
    for entry in by_names(keys):
        found[entry.key].add(entry.channel)
    return found


@pytest.mark.parametrize("name", RIGS)
def test_whole_rigs_are_read_and_their_other_keys_left_alone(name):
    meant, strange = RIGS[name]
    keys = ["Basis", *meant, *strange]
    random.Random(3).shuffle(keys)
    found = meanings(keys)
    wrong = {
        key: found[key] for key, channels in meant.items() if not found[key] or not found[key] <= {*channels.split()}
    }
    assert not wrong
    assert not {key: found[key] for key in (*strange, "Basis") if found[key]}


def test_every_row_of_every_convention_means_channels():
    for name in CONVENTIONS:
        for level in _levels(name):
            for bare, row in level.items():
                assert row and all(channel in CHANNELS and weight for channel, weight in row), (name, bare)


def test_the_eyes_of_rigs_that_look_left_and_right_turn_the_right_way():
    found = meanings(["CTRL_expressions_eyeLookLeftL", "CTRL_expressions_eyeLookLeftR"])
    assert found == {
        "CTRL_expressions_eyeLookLeftL": {"eyeLookOutLeft"}, "CTRL_expressions_eyeLookLeftR": {"eyeLookInRight"},
    }  # fmt: skip


def test_quarters_add_up_to_a_channel_but_never_to_a_whole_that_is_there():
    quarters = [f"LipFunnel{part}{side}" for part in ("Upper", "Lower") for side in ("Left", "Right")]
    assert {entry.key for entry in by_names(quarters) if entry.channel == "mouthFunnel"} == set(quarters)
    assert {entry.key for entry in by_names([*quarters, "LipFunnel"])} == {"LipFunnel"}


def test_both_sides_in_one_key_share_it_unless_sides_are_there():
    both = {(entry.channel, entry.weight) for entry in by_names(["Mouth_Smile"])}
    assert both == {("mouthSmileLeft", 0.5), ("mouthSmileRight", 0.5)}
    sided = by_names(["Mouth_Smile", "Mouth_Smile_L", "Mouth_Smile_R"])
    assert {entry.key for entry in sided} == {"Mouth_Smile_L", "Mouth_Smile_R"}


def test_an_exact_name_is_surer_than_a_guess():
    scores = {
        entry.key: entry.score for entry in by_names(["jawOpen", "Mouth_Left", "Brow_Drop_L", "Cheek_Puff_L", "blink"])
    }
    assert 1 == scores["jawOpen"] > scores["Mouth_Left"] > scores["Brow_Drop_L"] > scores["blink"] > 0


def test_teeth_with_three_visemes_speak_with_the_face():
    visemes = [f"viseme_{one}" for one in ("sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "aa", "E", "I", "O", "U")]
    found = map_by_names({"Face": visemes, "Teeth": ["viseme_aa", "viseme_O", "viseme_E"], "Hat": ["Tall"]})
    assert found.for_object("Teeth") == {
        "aa": [("viseme_aa", 1.0)],
        "oh": [("viseme_O", 1.0)],
        "E": [("viseme_E", 1.0)],
    }
    assert found.for_object("Hat") == {}


def test_copies_and_finals_are_read():
    assert meanings(["jawOpen.001", "facs_bs_MouthFunnel_div2", "facs_ctrl_CheekPuff(fin)"]) == {
        "jawOpen.001": {"jawOpen"},
        "facs_bs_MouthFunnel_div2": {"mouthFunnel"},
        "facs_ctrl_CheekPuff(fin)": {"cheekPuff"},
    }


@pytest.mark.parametrize(
    "keys", [[], ["Basis", "Fat", "Nose Wide"], ["", "…", "_"], ["A", "E"], ["jawOpen_mouthClose"]]
)
def test_other_keys_say_nothing(keys):
    assert by_names(keys) == ()


def test_own_heads_read_as_ever():
    assert {entry.key: entry.channel for entry in by_names(ARKIT_52)} == {name: name for name in ARKIT_52}


@pytest.mark.parametrize(
    ("bones", "found"),
    [
        (["mixamorig:Hips", "mixamorig:Neck", "mixamorig:Head", "mixamorig:LeftEye"], "mixamorig:Head"),
        (["CC_Base_Hip", "CC_Base_NeckTwist01", "CC_Base_NeckTwist02", "CC_Base_Head"], "CC_Base_Head"),
        (["spine", "spine.004", "spine.006", "face", "jaw_master", "eye.L"], "spine.006"),
        (["root", "neck_01", "head", "FACIAL_C_FacialRoot", "FACIAL_L_Eye"], "head"),
        (["J_Bip_C_Neck", "J_Bip_C_Head", "J_Adj_L_FaceEye"], "J_Bip_C_Head"),
        (["Bip01 Neck", "Bip01 Head"], "Bip01 Head"),
        (["Anna:Neck", "Anna:Head"], "Anna:Head"),
        (["neck.x", "head.x", "c_jawbone.x"], "head.x"),
        (["首", "頭", "左目"], "頭"),
    ],
)
def test_bones_of_other_rigs(bones, found):
    roles = by_bone_names(bones)
    assert roles["head"] == found and len(roles) >= 2
    assert len(set(roles.values())) == len(roles)


def test_bones_of_a_body_are_no_face():
    assert by_bone_names(["hips", "spine", "hand.L", "overhead_light", ""]) == {}
