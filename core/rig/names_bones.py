"""What the bones of a face are called in other conventions: a table, with where the names come from."""

from __future__ import annotations

from collections.abc import Iterable

from .viseme_names import bare_of

BONES: dict[str, tuple[str, ...]] = {
    "head": (
        "head", "DEF-spine.006", "spine.006", "CC_Base_Head", "mixamorig:Head", "J_Bip_C_Head", "Bip01 Head",
        "Bip001 Head", "ValveBiped.Bip01_Head1", "head.x", "c_head.x", "FACIAL_C_FacialRoot", "頭",
    ),
    "neck": (
        "neck", "DEF-spine.004", "spine.004", "CC_Base_NeckTwist01", "mixamorig:Neck", "J_Bip_C_Neck", "neck_01",
        "neck01", "neck1", "neckLower", "Bip01 Neck", "Bip001 Neck", "ValveBiped.Bip01_Neck1", "neck.x", "c_neck.x",
        "首",
    ),
    "jaw": (
        "jaw", "jaw_master", "DEF-jaw", "DEF-jaw_master", "CC_Base_JawRoot", "lowerJaw", "FACIAL_C_Jaw", "jawbone.x",
        "c_jawbone.x", "J_Adj_C_Jaw", "jaw_root", "あご", "顎",
    ),
    "eye.L": (
        "eye.L", "master_eye.L", "DEF-eye_master.L", "MCH-eye.L", "CC_Base_L_Eye", "mixamorig:LeftEye", "LeftEye",
        "J_Adj_L_FaceEye", "lEye", "l_eye", "FACIAL_L_Eye", "c_eye.l", "eye_l", "左目",
    ),
    "eye.R": (
        "eye.R", "master_eye.R", "DEF-eye_master.R", "MCH-eye.R", "CC_Base_R_Eye", "mixamorig:RightEye", "RightEye",
        "J_Adj_R_FaceEye", "rEye", "r_eye", "FACIAL_R_Eye", "c_eye.r", "eye_r", "右目",
    ),
    "tongue": (
        "tongue", "tongue01", "tongue00", "DEF-tongue", "CC_Base_Tongue01", "FACIAL_C_Tongue1", "tong_01.x",
    ),
    "teeth.upper": (
        "teeth.T", "DEF-teeth.T", "CC_Base_Teeth01", "upperTeeth", "FACIAL_C_TeethUpper", "c_teeth_top.x",
    ),
    "teeth.lower": (
        "teeth.B", "DEF-teeth.B", "CC_Base_Teeth02", "lowerTeeth", "FACIAL_C_TeethLower", "c_teeth_bot.x",
    ),
    "lid.upper.L": ("lid.T.L.002", "FACIAL_L_EyelidUpperA", "c_eyelid_top.l", "lEyelidUpperInner", "upperlid.L"),
    "lid.upper.R": ("lid.T.R.002", "FACIAL_R_EyelidUpperA", "c_eyelid_top.r", "rEyelidUpperInner", "upperlid.R"),
    "lid.lower.L": ("lid.B.L.002", "FACIAL_L_EyelidLowerA", "c_eyelid_bot.l", "lEyelidLowerInner", "lowerlid.L"),
    "lid.lower.R": ("lid.B.R.002", "FACIAL_R_EyelidLowerA", "c_eyelid_bot.r", "rEyelidLowerInner", "lowerlid.R"),
    "brow.L": ("brow.T.L.002", "lBrowMid", "l_browMid", "FACIAL_L_ForeheadMid1", "c_eyebrow_02.l"),
    "brow.R": ("brow.T.R.002", "rBrowMid", "r_browMid", "FACIAL_R_ForeheadMid1", "c_eyebrow_02.r"),
    "lip.upper": ("lip.T", "DEF-lip.T.L", "LipUpperMiddle", "centerlipupper", "FACIAL_C_LipUpper", "c_lips_top.x"),
    "lip.lower": ("lip.B", "DEF-lip.B.L", "LipLowerMiddle", "centerlipLower", "FACIAL_C_LipLower", "c_lips_bot.x"),
    "lip.corner.L": ("lips.L", "lip.corner.L", "lLipCorner", "l_lipcorner", "FACIAL_L_LipCorner", "c_lips_smile.l"),
    "lip.corner.R": ("lips.R", "lip.corner.R", "rLipCorner", "r_lipcorner", "FACIAL_R_LipCorner", "c_lips_smile.r"),
    "chin": ("chin", "DEF-chin", "chin_end_glue.001", "FACIAL_C_Chin", "c_chin_01.x"),
}  # fmt: skip
"""Role -> names, the best first. Headroom and VRM's humanoid; Rigify (Blender's own metarigs `human` and `face`, DEF-
bones of what they generate); Reallusion CC_Base; Adobe Mixamo; VRoid Studio; Daz Genesis 3, 8 (lEye) and 9 (l_eye);
Epic's mannequin and MetaHuman (FACIAL_); MakeHuman and MPFB; 3ds Max Biped; Auto-Rig Pro; MikuMikuDance."""

PREFIXES = ("DEF-", "ORG-", "mixamorig:", "mixamorig1:", "Armature|", "Bip01 ", "rig:")
"""What may stand before a bone's name; a namespace, as `Anna:Head`, is left out as well."""


def by_bone_names(names: Iterable[str]) -> dict[str, str]:
    """Give which bone plays which part of a face: role of `BONES` -> bone; roles that no bone plays are left out."""
    there: dict[str, str] = {}
    for name in names:
        for spelling in (name, name.rsplit(":", 1)[-1], *(name.removeprefix(prefix) for prefix in PREFIXES)):
            there.setdefault(bare_of(spelling), name)
    found: dict[str, str] = {}
    for role, spellings in BONES.items():
        bone = next((there[bare] for spelling in spellings if (bare := bare_of(spelling)) in there), None)
        if bone is not None and bone not in found.values():
            found[role] = bone
    return found
