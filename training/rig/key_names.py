"""Lists of keys as the makers of rigs publish them, with the channels that their documents give them, to judge names.

`<` stands for both sides. Second of a pair: keys of the same rigs that are no channel. Sources as in
`core.rig.names_conventions`, and read by the same eyes: these lists show that whole rigs are read, whatever else is on
them, not that the documents were understood.
"""

from __future__ import annotations

from collections.abc import Callable

from headroom.core.performance import ARKIT_52
from headroom.core.speech.viseme_tables import OCULUS

Lists = tuple[dict[str, str], list[str]]


def _both(rows: dict[str, str], left: str = "L", right: str = "R") -> dict[str, str]:
    made = {}
    for key, channels in rows.items():
        for side, short in (("Left", left), ("Right", right)):
            made[key.replace("<", short)] = channels.replace("<", side)
    return made


def _words(text: str) -> list[str]:
    return text.split()


def _arkit(spell: Callable[[str], str], strange: str = "") -> Lists:
    return {spell(name): name for name in ARKIT_52}, strange.split()


def _short(name: str) -> str:
    if name in ("jawLeft", "jawRight", "mouthLeft", "mouthRight"):
        return name
    return name.replace("Left", "_L").replace("Right", "_R")


def _snake(name: str) -> str:
    return "".join("_" + sign.lower() if sign.isupper() else sign for sign in name)


def _title(name: str) -> str:
    return " ".join(word.capitalize() for word in _snake(name).split("_"))


_VOWELS = dict(zip("AIUEO", ("aa", "ih", "ou", "ee", "oh"), strict=True))
_RPM = {"ih": "I", "oh": "O", "ou": "U"}

CONVENTIONS: dict[str, Lists] = {
    "ARKit": _arkit(str, "Basis Fat Muscular"),
    "ARKit, Live Link": _arkit(lambda name: name[0].upper() + name[1:], "HeadYaw LeftEyePitch"),
    "ARKit, snake": _arkit(_snake),
    "ARKit, title": _arkit(_title),
    "ARKit, _L and a prefix": _arkit(lambda name: f"blendShape1.{_short(name)}"),
    "ICT FaceKit": (
        {_short(name): name for name in ARKIT_52 if name not in ("browInnerUp", "cheekPuff", "tongueOut")}
        | _both({"browInnerUp_<": "browInnerUp", "cheekPuff_<": "cheekPuff"}),
        ["PupilDilate_L", "cheekRaiser_L"],
    ),
    "Ready Player Me": (
        {name: name for name in ARKIT_52} | {f"viseme_{_RPM.get(name, name)}": name for name in OCULUS.visemes},
        ["mouthOpen", "eyesClosed"],
    ),
    "VRChat visemes": ({f"vrc.v_{name.lower()}": name for name in OCULUS.visemes}, ["vrc.sad"]),
    "VRM 1": (
        {name: name for name in _VOWELS.values()} | {"blinkLeft": "eyeBlinkLeft", "blinkRight": "eyeBlinkRight"},
        ["happy", "angry", "relaxed", "neutral"],
    ),
    "VRM 0, VRoid": (
        {f"Face.M_F00_000_00_Fcl_MTH_{key}": name for key, name in _VOWELS.items()}
        | _both({"Face.M_F00_000_00_Fcl_EYE_Close_<": "eyeBlink<"}),
        ["Face.M_F00_000_00_Fcl_ALL_Joy", "Face.M_F00_000_00_Fcl_HA_Fung1", "Face.M_F00_000_00_Fcl_EYE_Iris_Hide"],
    ),
    "Character Creator 4": (
        _both({
            "Brow_Raise_Inner_<": "browInnerUp", "Brow_Raise_Outer_<": "browOuterUp<", "Brow_Drop_<": "browDown<",
            "Eye_Blink_<": "eyeBlink<", "Eye_Squint_<": "eyeSquint<", "Eye_Wide_<": "eyeWide<",
            "Eye_<_Look_Up": "eyeLookUp<", "Eye_<_Look_Down": "eyeLookDown<", "Nose_Sneer_<": "noseSneer<",
            "Cheek_Raise_<": "cheekSquint<", "Cheek_Puff_<": "cheekPuff", "Mouth_Smile_<": "mouthSmile<",
            "Mouth_Frown_<": "mouthFrown<", "Mouth_Stretch_<": "mouthStretch<", "Mouth_Dimple_<": "mouthDimple<",
            "Mouth_Press_<": "mouthPress<", "Mouth_Pucker_Up_<": "mouthPucker", "Mouth_Pucker_Down_<": "mouthPucker",
            "Mouth_Funnel_Up_<": "mouthFunnel", "Mouth_Funnel_Down_<": "mouthFunnel",
            "Mouth_Roll_In_Upper_<": "mouthRollUpper", "Mouth_Roll_In_Lower_<": "mouthRollLower",
            "Mouth_<": "mouth<", "Mouth_Up_Upper_<": "mouthUpperUp<", "Mouth_Down_Lower_<": "mouthLowerDown<",
            "Jaw_<": "jaw<",
        }) | {
            "Eye_L_Look_L": "eyeLookOutLeft", "Eye_L_Look_R": "eyeLookInLeft", "Eye_R_Look_L": "eyeLookInRight",
            "Eye_R_Look_R": "eyeLookOutRight", "Mouth_Shrug_Upper": "mouthShrugUpper", "Mouth_Close": "mouthClose",
            "Mouth_Shrug_Lower": "mouthShrugLower", "Jaw_Open": "jawOpen", "Jaw_Forward": "jawForward",
            "V_Explosive": "PP", "V_Dental_Lip": "FF", "V_Affricate": "CH", "V_Open": "aa", "V_Tight_O": "ou oh",
            "V_Wide": "E SS ih",
        },
_words(
        "Ear_Up_L Ear_Up_R Head_Turn_L Head_Turn_R Head_L Head_R Nose_Tip_Up Nose_Tip_Down Jaw_Backward Jaw_Up "
        "Mouth_Up Mouth_Down Mouth_Roll_Out_Upper_L Mouth_Roll_Out_Upper_R Eyelash_Upper_Up_L Eye_Pupil_Dilate "
        "Mouth_Contract Mouth_Upper_L Mouth_Lower_R Nose_Nostril_Dilate_L Head_Tilt_L Brow_Compress_L Nose_Crease_R "
        "Mouth_Push_Upper_L Mouth_Pull_Lower_R Tongue_Bulge_L"
        ),
    ),
    "Character Creator 3": (
        _both({
            "Brow_Raise_Inner_<": "browInnerUp", "Brow_Raise_Outer_<": "browOuterUp<", "Brow_Drop_<": "browDown<",
            "Eye_Wide_<": "eyeWide<", "Eye_Squint_<": "eyeSquint<", "Eye_Blink_<": "eyeBlink<",
            "Nose_Flank_Raise_<": "noseSneer<", "Cheek_Raise_<": "cheekSquint<", "Mouth_Smile_<": "mouthSmile<",
            "Mouth_Frown_<": "mouthFrown<", "Mouth_Dimple_<": "mouthDimple<", "Mouth_<": "mouth<",
        }) | {
            "Mouth_Pucker_Open": "mouthFunnel", "Mouth_Pucker": "mouthPucker", "Mouth_Top_Lip_Under": "mouthRollUpper",
            "Mouth_Bottom_Lip_Under": "mouthRollLower", "Mouth_Top_Lip_Up": "mouthShrugUpper", "Open": "aa jawOpen",
            "Mouth_Open": "jawOpen", "Explosive": "PP", "Dental_Lip": "FF", "Affricate": "CH", "Tight_O": "ou oh",
            "Mouth_Blow": "cheekPuff",
        },
        ["Mouth_Skewer", "Mouth_Up", "Mouth_Plosive", "Cheek_Suck"],
    ),
    "Character Creator 3 ExPlus": (
        {f"A{number + 1:02}_{_title(name).replace(' ', '_')}": name for number, name in enumerate(ARKIT_52)},
        ["T09_Tongue_Thickness"],
    ),
    "Daz Genesis 8.1": (
        {
            **{f"facs_bs_{name[0].upper()}{name[1:]}_div2": name for name in ARKIT_52
               if name.startswith(("mouth", "nose", "cheekSquint", "eyeSquint", "eyeLookIn", "eyeLookOut"))},
            **{f"facs_jnt_{name[0].upper()}{name[1:]}": name for name in ARKIT_52
               if name.startswith(("jaw", "eyeBlink", "eyeLookUp", "eyeLookDown"))},
            **_both({"facs_jnt_EyesWide<": "eyeWide<", "facs_bs_BrowDown<": "browDown<",
                     "facs_bs_BrowInnerUp<": "browInnerUp", "facs_bs_BrowOuterUp<_div2": "browOuterUp<"},
                    "Left", "Right"),
            "facs_ctrl_CheekPuff": "cheekPuff", "facs_bs_TongueOut": "tongueOut",
        },
        ["facs_bs_NasalFlareLeft_div2", "facs_bs_BrowSqueeze", "FBMHeavy"],
    ),
    "Daz Genesis 9": (
        _both({
            "facs_bs_BrowInnerUp<": "browInnerUp", "facs_BrowDown<": "browDown<", "facs_BrowOuterUp<": "browOuterUp<",
            "facs_bs_CheekPuff<": "cheekPuff", "facs_bs_CheekSquint<": "cheekSquint<", "facs_bs_NoseSneer<":
            "noseSneer<", "facs_bs_EyeBlink<": "eyeBlink<", "facs_bs_EyeSquint<": "eyeSquint<",
            "facs_bs_EyeLookUp<": "eyeLookUp<", "facs_bs_EyeLookDown<": "eyeLookDown<", "facs_bs_EyeLookIn<":
            "eyeLookIn<", "facs_bs_EyeLookOut<": "eyeLookOut<", "facs_ctrl_EyeWide<": "eyeWide<",
            "facs_bs_MouthCloseUpper<": "mouthClose", "facs_bs_MouthCloseLower<": "mouthClose",
            "facs_bs_MouthFunnelUpper<": "mouthFunnel", "facs_bs_MouthFunnelLower<": "mouthFunnel",
            "facs_bs_MouthPurseUpper<": "mouthPucker", "facs_bs_MouthPurseLower<": "mouthPucker",
            "facs_bs_MouthPressUpper<": "mouthPress<", "facs_bs_MouthPressLower<": "mouthPress<",
            "facs_bs_MouthRollUpper<": "mouthRollUpper", "facs_bs_MouthRollLower<": "mouthRollLower",
            "facs_bs_MouthShrugUpper<": "mouthShrugUpper", "facs_bs_MouthShrugLower<": "mouthShrugLower",
            "facs_bs_MouthSmile<": "mouthSmile<", "facs_bs_MouthFrown<": "mouthFrown<",
            "facs_bs_MouthDimple<": "mouthDimple<", "facs_bs_MouthStretch<": "mouthStretch<",
            "facs_bs_MouthUpperUp<": "mouthUpperUp<", "facs_bs_MouthLowerDown<": "mouthLowerDown<",
            "facs_bs_Mouth<": "mouth<", "facs_bs_Jaw<": "jaw<",
        }, "Left", "Right") | {"facs_bs_JawOpen": "jawOpen", "facs_bs_JawForward": "jawForward"},
        ["facs_bs_NasalFlareLeft", "facs_bs_JawClenchRight", "facs_bs_MouthWidenLeft", "facs_bs_MouthLipsWarbleLeft",
         "facs_bs_MouthCompressUpperLeft", "facs_bs_BrowSqueezeLeft"],
    ),
    "Daz Genesis 8": (
        _both({
            "Genesis8Female__eCTRLBrowInnerUp-Down<": "browInnerUp", "Genesis8Female__eCTRLEyesClosed<": "eyeBlink<",
            "Genesis8Female__eCTRLBrowOuterUp-Down<": "browOuterUp<", "Genesis8Female__eCTRLEyesSquint<": "eyeSquint<",
            "Genesis8Female__eCTRLMouthSmileSimple<": "mouthSmile< mouthFrown<",
            "Genesis8Female__eCTRLCheekEyeFlex<": "cheekSquint<",
        }) | {
            "Genesis8Female__eCTRLMouthOpen": "jawOpen", "Genesis8Female__eCTRLvM": "PP",
            "Genesis8Female__eCTRLvAA": "aa", "Genesis8Female__eCTRLvUW": "ou", "Genesis8Female__eCTRLvF": "FF",
            "Genesis8Female__eCTRLLipsPuckerWide": "mouthFunnel", "Genesis8Female__eCTRLvSH": "CH",
            "Genesis8Female__eCTRLLipsPucker-Pressed": "mouthPucker",
            "Genesis8Female__eCTRLCheeksBalloon": "cheekPuff",
        },
        ["Genesis8Female__PHMNoseBridgeHeight", "Genesis8Female__eCTRLEyesCrossed", "Genesis8Female__FBMFitnessSize"],
    ),
    "MetaHuman": (
        {f"CTRL_expressions_{key}": channels for key, channels in (_both({
            "browDown<": "browDown<", "browRaiseIn<": "browInnerUp", "browRaiseOuter<": "browOuterUp<",
            "eyeBlink<": "eyeBlink<", "eyeWiden<": "eyeWide<", "eyeSquintInner<": "eyeSquint<",
            "eyeCheekRaise<": "cheekSquint<", "eyeLookUp<": "eyeLookUp<", "eyeLookDown<": "eyeLookDown<",
            "noseWrinkle<": "noseSneer<", "mouthCheekBlow<": "cheekPuff", "mouthUpperLipRaise<": "mouthUpperUp<",
            "mouthLowerLipDepress<": "mouthLowerDown<", "mouthCornerPull<": "mouthSmile<",
            "mouthCornerDepress<": "mouthFrown<", "mouthStretch<": "mouthStretch<", "mouthDimple<": "mouthDimple<",
            "mouthPressU<": "mouthPress<", "mouthPressD<": "mouthPress<", "mouthLipsPurseU<": "mouthPucker",
            "mouthLipsPurseD<": "mouthPucker", "mouthFunnelU<": "mouthFunnel", "mouthFunnelD<": "mouthFunnel",
            "mouthLipsTogetherU<": "mouthClose", "mouthLipsTogetherD<": "mouthClose",
            "mouthUpperLipRollIn<": "mouthRollUpper", "mouthLowerLipRollIn<": "mouthRollLower",
            "jawChinRaiseU<": "mouthShrugUpper", "jawChinRaiseD<": "mouthShrugLower",
        }) | {
            "eyeLookLeftL": "eyeLookOutLeft", "eyeLookRightL": "eyeLookInLeft", "eyeLookLeftR": "eyeLookInRight",
            "eyeLookRightR": "eyeLookOutRight", "jawOpen": "jawOpen", "jawFwd": "jawForward", "jawLeft": "jawLeft",
            "jawRight": "jawRight", "mouthLeft": "mouthLeft", "mouthRight": "mouthRight", "tongueOut": "tongueOut",
            "tongueTipUp": "tongueTipUp",
        }).items()},
        [f"CTRL_expressions_{key}" for key in _words(
            "eyePupilWideL eyeFaceScrunchL noseNostrilDilateL noseNasolabialDeepenR mouthUp mouthDown mouthLipsBlowL "
            "mouthCornerSharpenUL mouthCornerRounderDR mouthCornerWideL mouthLipsThickUL mouthLipsStickyLPh1 "
            "jawClenchL jawBack jawChinCompressL jawOpenExtreme headTurnUpU headTiltLeftM earUpL eyelashesUpINL "
            "eyeParallelLookDirection lookAtSwitch teethFwdU")],
    ),
    "Unified Expressions": (
        _both({
            "EyeClosed<": "eyeBlink<", "EyeWide<": "eyeWide<", "EyeSquint<": "eyeSquint<", "BrowDown<": "browDown<",
            "BrowInnerUp<": "browInnerUp", "BrowOuterUp<": "browOuterUp<", "NoseSneer<": "noseSneer<",
            "CheekSquint<": "cheekSquint<", "CheekPuff<": "cheekPuff", "Jaw<": "jaw<",
            "LipSuckUpper<": "mouthRollUpper", "LipSuckLower<": "mouthRollLower", "LipFunnelUpper<": "mouthFunnel",
            "LipFunnelLower<": "mouthFunnel", "LipPuckerUpper<": "mouthPucker", "LipPuckerLower<": "mouthPucker",
            "MouthUpperUp<": "mouthUpperUp<", "MouthLowerDown<": "mouthLowerDown<", "MouthUpper<": "mouth<",
            "MouthLower<": "mouth<", "MouthCornerPull<": "mouthSmile<", "MouthCornerSlant<": "mouthSmile<",
            "MouthFrown<": "mouthFrown<", "MouthStretch<": "mouthStretch<", "MouthDimple<": "mouthDimple<",
            "MouthPress<": "mouthPress<",
        }, "Left", "Right") | {
            **_both({f"EyeLook{way}<": f"eyeLook{way}<" for way in ("In", "Out", "Up", "Down")}, "Left", "Right"),
            "JawOpen": "jawOpen", "JawForward": "jawForward", "MouthClosed": "mouthClose", "MouthRaiserUpper":
            "mouthShrugUpper", "MouthRaiserLower": "mouthShrugLower", "TongueOut": "tongueOut",
        },
_words(
        "NasalDilationLeft NasalConstrictRight CheekSuckLeft JawBackward JawClench JawMandibleRaise "
        "LipSuckCornerLeft MouthUpperDeepenRight TongueTwistLeft SoftPalateClose"
        ),
    ),
    "MakeHuman units": (
        _both({
            "eyebrows-<-down": "browDown<", "eyebrows-<-inner-up": "browInnerUp", "eyebrows-<-extern-up":
            "browOuterUp<", "eye-<-closure": "eyeBlink<", "eye-<-slit": "eyeSquint<", "eye-<-opened-up": "eyeWide<",
            "nose-<-elevation": "noseSneer<",
        }, "left", "right") | {
            "mouth-open": "jawOpen", "mouth-pursing": "mouthPucker", "mouth-protusion": "mouthFunnel",
            "mouth-corner-puller": "mouthSmileLeft mouthSmileRight", "mouth-depression":
            "mouthFrownLeft mouthFrownRight", "mouth-retraction": "mouthStretchLeft mouthStretchRight",
        },
        ["nose-compression", "nose-left-dilatation", "nose-depression", "$md-universal-female-young"],
    ),
    "FACS words, MMD": (
        {"あ": "aa", "い": "ih", "う": "ou", "え": "ee", "お": "oh",
         "ウィンク": "eyeBlinkLeft", "ウィンク右": "eyeBlinkRight"},
        ["怒り", "照れ", "まばたき"],
    ),
}  # fmt: skip
"""Name of a convention -> key -> its channels, of which at least one must be found and no other; and strangers."""
