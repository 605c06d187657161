"""What the face keys of other conventions mean in channels: tables as data, with where the names come from.

A row reads `"Mouth_Roll_In_Upper_<": "mouthRollUpper"`: `<` stands for either side (L, R, Left or Right; left is the
character's own), `>` in a meaning for the other side; several channels with weights stand one after another. Levels of
a convention go from exact to coarse: a channel takes its keys from the first level that has any, so that a whole
"LipFunnel" and its four quarters never add up. Names are compared without case and signs.

Meanings are the nearest channel by the muscle that both documents name (FACS); where a convention splits a channel into
parts, every part takes the whole value, since each moves its own skin.
"""

from __future__ import annotations

Level = dict[str, str]
Convention = tuple[Level, ...]

_PARTED = (
    "browInnerUp", "cheekPuff", "mouthClose", "mouthFunnel", "mouthPucker", "mouthRollLower", "mouthRollUpper",
    "mouthShrugLower", "mouthShrugUpper", "swallow", "neckTension",
)  # fmt: skip
_PAIRED = (
    "eyeBlink", "eyeLookDown", "eyeLookUp", "eyeLookIn", "eyeLookOut", "eyeSquint", "eyeWide", "mouthSmile",
    "mouthFrown", "mouthDimple", "mouthStretch", "mouthPress", "mouthLowerDown", "mouthUpperUp", "browDown",
    "browOuterUp", "cheekSquint", "noseSneer",
)  # fmt: skip

ARKIT: Convention = (
    {f"{name}<": name for name in _PARTED},
    {name: f"{name}Left .5 {name}Right .5" for name in _PAIRED},
    {
        "mouthOpen": "jawOpen", "eyesClosed": "eyeBlinkLeft .5 eyeBlinkRight .5", "smile": "mouthSmileLeft .5 "
        "mouthSmileRight .5", "blink<": "eyeBlink<", "eyesLookUp": "eyeLookUpLeft .5 eyeLookUpRight .5",
        "eyesLookDown": "eyeLookDownLeft .5 eyeLookDownRight .5", "blink": "eyeBlinkLeft .5 eyeBlinkRight .5",
        "browsUp": "browInnerUp .34 browOuterUpLeft .33 browOuterUpRight .33", "frown": "mouthFrownLeft .5 "
        "mouthFrownRight .5", "pucker": "mouthPucker", "tongueUp": "tongueTipUp", "smile<": "mouthSmile<",
        "frown<": "mouthFrown<", "lipPucker": "mouthPucker", "browUp<": "browOuterUp<", "wink<": "eyeBlink<",
    },
)  # fmt: skip
"""Halves of ARKit's own shapes, as ICT FaceKit splits them, both sides in one key, and what Ready Player Me adds
(docs.readyplayer.me, "Morph targets": mouthOpen, mouthSmile, eyesClosed, eyesLookUp, eyesLookDown)."""

CHARACTER_CREATOR: Convention = (
    {
        "Brow_Raise_Inner_<": "browInnerUp", "Brow_Raise_Outer_<": "browOuterUp<", "Brow_Drop_<": "browDown<",
        "Eye_Blink_<": "eyeBlink<", "Eye_Close_<": "eyeBlink<", "Eye_Squint_<": "eyeSquint<", "Eye_Wide_<": "eyeWide<",
        "Eye_L_Look_L": "eyeLookOutLeft", "Eye_R_Look_L": "eyeLookInRight", "Eye_L_Look_R": "eyeLookInLeft",
        "Eye_R_Look_R": "eyeLookOutRight", "Eye_L_Look_Up": "eyeLookUpLeft", "Eye_R_Look_Up": "eyeLookUpRight",
        "Eye_L_Look_Down": "eyeLookDownLeft", "Eye_R_Look_Down": "eyeLookDownRight",
        "Nose_Sneer_<": "noseSneer<", "Nose_Flank_Raise_<": "noseSneer<", "Cheek_Raise_<": "cheekSquint<",
        "Cheek_Puff_<": "cheekPuff", "Cheek_Blow_<": "cheekPuff", "Mouth_Smile_<": "mouthSmile<",
        "Mouth_Frown_<": "mouthFrown<", "Mouth_Stretch_<": "mouthStretch<", "Mouth_Dimple_<": "mouthDimple<",
        "Mouth_Press_<": "mouthPress<", "Mouth_Pucker_Up_<": "mouthPucker", "Mouth_Pucker_Down_<": "mouthPucker",
        "Mouth_Funnel_Up_<": "mouthFunnel", "Mouth_Funnel_Down_<": "mouthFunnel",
        "Mouth_Roll_In_Upper_<": "mouthRollUpper", "Mouth_Roll_In_Lower_<": "mouthRollLower",
        "Mouth_L": "mouthLeft", "Mouth_R": "mouthRight", "Mouth_Shrug_Upper": "mouthShrugUpper",
        "Mouth_Shrug_Lower": "mouthShrugLower", "Mouth_Up_Upper_<": "mouthUpperUp<",
        "Mouth_Down_Lower_<": "mouthLowerDown<", "Mouth_Close": "mouthClose", "Jaw_Open": "jawOpen",
        "Jaw_Forward": "jawForward", "Jaw_L": "jawLeft", "Jaw_R": "jawRight", "Tongue_Out": "tongueOut",
        "Tongue_Tip_Up": "tongueTipUp", "Tongue_Narrow": "tongueNarrow", "Tongue_Wide": "tongueWide",
        "Tongue_Mid_Up": "tongueFrontUp", "Tongue_In": "tongueRetract", "Tongue_Down": "tongueDown",
        "Tongue_L": "tongueLeft", "Tongue_R": "tongueRight", "Neck_Swallow_Up": "larynxUp",
        "Neck_Swallow_Down": "larynxDown", "Neck_Tighten_<": "neckTension",
    },
    {
        "Brow_Raise_<": "browOuterUp< .5 browInnerUp .25", "Eye_Blink": "eyeBlinkLeft .5 eyeBlinkRight .5",
        "Nose_Scrunch": "noseSneerLeft .5 noseSneerRight .5", "Nose_Flanks_Raise": "noseSneerLeft .5 noseSneerRight .5",
        "Mouth_Smile": "mouthSmileLeft .5 mouthSmileRight .5", "Mouth_Frown": "mouthFrownLeft .5 mouthFrownRight .5",
        "Mouth_Blow": "cheekPuff", "Mouth_Pucker_Open": "mouthFunnel", "Mouth_Pucker": "mouthPucker",
        "Mouth_Widen_Sides": "mouthStretchLeft .5 mouthStretchRight .5", "Mouth_Lips_Tight": "mouthPressLeft .5 "
        "mouthPressRight .5", "Mouth_Snarl_Upper_<": "mouthUpperUp<", "Mouth_Snarl_Lower_<": "mouthLowerDown<",
        "Mouth_Top_Lip_Up": "mouthShrugUpper", "Mouth_Top_Lip_Under": "mouthRollUpper",
        "Mouth_Bottom_Lip_Under": "mouthRollLower", "Mouth_Bottom_Lip_Down": "mouthLowerDownLeft .5 "
        "mouthLowerDownRight .5", "Mouth_Open": "jawOpen", "Mouth_Chin_Up": "mouthShrugLower",
        "Tongue_Up": "tongueTipUp", "Tongue_Roll": "tongueCurl",
    },
    {
        "V_Explosive": "PP", "V_Dental_Lip": "FF", "V_Affricate": "CH", "V_Open": "aa", "V_Wide": "E .9 SS .8 ih .6",
        "V_Tight_O": "ou oh .7", "V_Tight": "RR .6", "V_Lip_Open": "kk .6 nn .6 DD .6 TH .6",
        "V_Tongue_Up": "DD nn .8", "V_Tongue_Out": "TH", "V_Tongue_Raise": "kk RR .5",
    },
    {
        "Explosive": "PP", "Dental_Lip": "FF", "Affricate": "CH", "Tight_O": "ou oh .7", "Lip_Open": "kk .6 nn .6",
        "Open": "aa", "Wide": "E .9 ih .6",
    },
)  # fmt: skip
"""Reallusion, facial profiles of CC3 ("Traditional", 60+ keys), CC3+ ExPlus (its A01_..A52_ and T01_.. names are read
as ARKit's) and CC4 Standard, Extended and HD (manual.reallusion.com, "Facial profiles"); the profiles' correspondence
as the GPL add-on CC/iC Tools of soupday has it. The visemes are iClone's eight of lips and seven of the tongue."""

DAZ: Convention = (
    {
        "facs_jnt_EyesWide<": "eyeWide<", "facs_BrowDown<": "browDown<", "facs_BrowOuterUp<": "browOuterUp<",
        "facs_ctrl_CheekPuff": "cheekPuff", "facs_bs_CheekPuff<": "cheekPuff", "facs_bs_BrowInnerUp<": "browInnerUp",
        "facs_bs_MouthCloseUpper<": "mouthClose", "facs_bs_MouthCloseLower<": "mouthClose",
        "facs_bs_MouthFunnelUpper<": "mouthFunnel", "facs_bs_MouthFunnelLower<": "mouthFunnel",
        "facs_bs_MouthPurseUpper<": "mouthPucker", "facs_bs_MouthPurseLower<": "mouthPucker",
        "facs_bs_MouthPressUpper<": "mouthPress<", "facs_bs_MouthPressLower<": "mouthPress<",
        "facs_bs_MouthRollUpper<": "mouthRollUpper", "facs_bs_MouthRollLower<": "mouthRollLower",
        "facs_bs_MouthShrugUpper<": "mouthShrugUpper", "facs_bs_MouthShrugLower<": "mouthShrugLower",
    },
    {
        "eCTRLBrowInnerUp-Down<": "browInnerUp", "eCTRLBrowOuterUp-Down<": "browOuterUp<",
        "eCTRLBrowUp-Down<": "browDown< -1", "eCTRLCheeksBalloon": "cheekPuff", "eCTRLCheekEyeFlex<": "cheekSquint<",
        "eCTRLEyesClosed<": "eyeBlink<", "eCTRLEyesSquint<": "eyeSquint<", "eCTRLEyelidsUpperUp-Down<": "eyeWide<",
        "eCTRLEyelidsUpperDownUp<": "eyeWide< -1", "eCTRLJawOut-In": "jawForward", "eCTRLMouthOpen": "jawOpen",
        "eCTRLMouthSmileSimple<": "mouthSmile< mouthFrown< -.6",
        "eCTRLMouthCornerBack<": "mouthDimple<", "eCTRLLipsPuckerWide": "mouthFunnel",
        "eCTRLLipsPucker-Pressed": "mouthPucker", "eCTRLLipTopUp-Down<": "mouthUpperUp<",
        "eCTRLLipBottomUp-Down<": "mouthLowerDown< -1", "eCTRLLipBottomIn<": "mouthRollLower",
        "eCTRLLipTopIn<": "mouthRollUpper", "eCTRLNoseWrinkle<": "noseSneer<", "eCTRLTongueUp-Down": "tongueTipUp",
    },
    {
        "eCTRLBrowInnerUp-Down": "browInnerUp", "eCTRLBrowOuterUp-Down": "browOuterUpLeft .5 browOuterUpRight .5",
        "eCTRLBrowUp-Down": "browDownLeft -.5 browDownRight -.5", "eCTRLEyesClosed": "eyeBlinkLeft .5 eyeBlinkRight .5",
        "eCTRLCheeksBalloonPucker": "cheekPuff", "eCTRLEyesSquint": "eyeSquintLeft .5 eyeSquintRight .5",
        "eCTRLMouthSmile": "mouthSmileLeft .5 mouthSmileRight .5", "eCTRLMouthFrown": "mouthFrownLeft .5 "
        "mouthFrownRight .5", "eCTRLNoseScrunch": "noseSneerLeft .5 noseSneerRight .5",
        "eCTRLMouthWide-Narrow": "mouthStretchLeft .5 mouthStretchRight .5", "eCTRLMouthNarrow": "mouthPucker",
        "eCTRLLipTopUp-Down": "mouthUpperUpLeft .5 mouthUpperUpRight .5",
        "eCTRLLipBottomUp-Down": "mouthLowerDownLeft -.5 mouthLowerDownRight -.5",
        "eCTRLCheekEyeFlex": "cheekSquintLeft .5 cheekSquintRight .5",
    },
    {
        "eCTRLvM": "PP", "eCTRLvF": "FF", "eCTRLvTH": "TH", "eCTRLvT": "DD", "eCTRLvK": "kk", "eCTRLvSH": "CH",
        "eCTRLvS": "SS", "eCTRLvL": "nn", "eCTRLvER": "RR", "eCTRLvAA": "aa", "eCTRLvEH": "E", "eCTRLvIY": "ih",
        "eCTRLvOW": "oh", "eCTRLvUW": "ou",
    },
)  # fmt: skip
"""Daz: FACS of Genesis 8.1 and 9 (facs_bs_, facs_jnt_, facs_ctrl_, of Genesis 8.1 with _div2 at the end; most of them
say ARKit's names) and head controls of Genesis 3 and 8 (eCTRL...), as Daz Studio's parameters are called. A control
"Up-Down" goes both ways, and so do weights; controls whose sign no document tells ("Side-Side") are left out."""

METAHUMAN: Convention = (
    {
        "browDown<": "browDown<", "browRaiseIn<": "browInnerUp", "browRaiseOuter<": "browOuterUp<",
        "eyeBlink<": "eyeBlink<", "eyeWiden<": "eyeWide<", "eyeSquintInner<": "eyeSquint<",
        "eyeCheekRaise<": "cheekSquint<", "eyeLookUp<": "eyeLookUp<", "eyeLookDown<": "eyeLookDown<",
        "eyeLookLeftL": "eyeLookOutLeft", "eyeLookRightL": "eyeLookInLeft", "eyeLookLeftR": "eyeLookInRight",
        "eyeLookRightR": "eyeLookOutRight", "noseWrinkle<": "noseSneer<", "mouthCheekBlow<": "cheekPuff",
        "mouthUpperLipRaise<": "mouthUpperUp<", "mouthLowerLipDepress<": "mouthLowerDown<",
        "mouthCornerPull<": "mouthSmile<", "mouthCornerDepress<": "mouthFrown<", "mouthStretch<": "mouthStretch<",
        "mouthDimple<": "mouthDimple<", "mouthPressU<": "mouthPress<", "mouthPressD<": "mouthPress<",
        "mouthLipsPurseU<": "mouthPucker", "mouthLipsPurseD<": "mouthPucker", "mouthLipsTowardsU<": "mouthPucker .4",
        "mouthLipsTowardsD<": "mouthPucker .4", "mouthFunnelU<": "mouthFunnel", "mouthFunnelD<": "mouthFunnel",
        "mouthLipsTogetherU<": "mouthClose", "mouthLipsTogetherD<": "mouthClose",
        "mouthUpperLipRollIn<": "mouthRollUpper", "mouthLowerLipRollIn<": "mouthRollLower",
        "jawChinRaiseU<": "mouthShrugUpper", "jawChinRaiseD<": "mouthShrugLower", "jawOpen": "jawOpen",
        "jawFwd": "jawForward", "jawLeft": "jawLeft", "jawRight": "jawRight", "mouthLeft": "mouthLeft",
        "mouthRight": "mouthRight", "tongueOut": "tongueOut", "tongueTipUp": "tongueTipUp",
        "tongueNarrow": "tongueNarrow", "tongueWide": "tongueWide", "tongueUp": "tongueFrontUp",
        "tongueIn": "tongueRetract", "tongueDown": "tongueDown", "tongueLeft": "tongueLeft",
        "tongueRight": "tongueRight", "tongueRoll": "tongueCurl", "neckThroatUp": "larynxUp",
        "neckThroatDown": "larynxDown", "neckSwallowPh2": "swallow", "neckStretch<": "neckTension",
    },
    {
        "mouthPress<": "mouthPress<", "mouthLipsPress<": "mouthPress<", "mouthLipsPurse<": "mouthPucker",
        "mouthUpperLipBite<": "mouthRollUpper", "mouthLowerLipBite<": "mouthRollLower",
        "mouthUpperLipTowardsTeeth<": "mouthRollUpper", "mouthLowerLipTowardsTeeth<": "mouthRollLower",
    },
)  # fmt: skip
"""Epic, curves of MetaHuman's face board (CTRL_expressions_..., and the same words with _L in shapes such as
head_lod0_mesh__browRaiseIn_L): dev.epicgames.com, "Facial Description Standard" and the pose asset mh_arkit_mapping,
whose correspondence to ARKit this follows. Live Link Face itself sends ARKit's names."""

UNIFIED: Convention = (
    {
        "EyeClosed<": "eyeBlink<", "BrowDown<": "browDown<", "BrowInnerUp<": "browInnerUp",
        "BrowOuterUp<": "browOuterUp<", "CheekPuff<": "cheekPuff", "CheekSquint<": "cheekSquint<",
        "MouthClosed": "mouthClose", "LipFunnel": "mouthFunnel", "LipPucker": "mouthPucker",
        "LipSuckUpper": "mouthRollUpper", "LipSuckLower": "mouthRollLower", "MouthRaiserUpper": "mouthShrugUpper",
        "MouthRaiserLower": "mouthShrugLower", "MouthSmile<": "mouthSmile<", "MouthFrown<": "mouthFrown<",
        "MouthLeft": "mouthLeft", "MouthRight": "mouthRight", "TongueBendDown": "tongueDown",
        "TongueCurlUp": "tongueCurl", "TongueSquish": "tongueNarrow", "TongueFlat": "tongueWide",
        "ThroatSwallow": "swallow", "NeckFlex<": "neckTension",
        "MouthTightener<": "mouthPress<", "MouthUpperUp<": "mouthUpperUp<",
    },
    {
        "BrowLowerer<": "browDown<", "BrowPinch<": "browDown< .5", "LipFunnelUpper": "mouthFunnel",
        "LipFunnelLower": "mouthFunnel", "LipPuckerUpper": "mouthPucker", "LipPuckerLower": "mouthPucker",
        "LipSuckUpper<": "mouthRollUpper", "LipSuckLower<": "mouthRollLower", "MouthCornerPull<": "mouthSmile<",
        "MouthCornerSlant<": "mouthSmile< .5", "MouthSad<": "mouthFrown<",
    },
    {
        "LipFunnelUpper<": "mouthFunnel", "LipFunnelLower<": "mouthFunnel", "LipPuckerUpper<": "mouthPucker",
        "LipPuckerLower<": "mouthPucker", "MouthUpperLeft": "mouthLeft", "MouthLowerLeft": "mouthLeft",
        "MouthUpperRight": "mouthRight", "MouthLowerRight": "mouthRight", "EyeClosed": "eyeBlinkLeft .5 "
        "eyeBlinkRight .5", "LipSuck": "mouthRollUpper .5 mouthRollLower .5", "BrowUp<": "browOuterUp< .5 "
        "browInnerUp .25",
    },
)  # fmt: skip
"""VRCFaceTracking's Unified Expressions (docs.vrcft.io, "Unified Expressions", with its table of compatibility with
ARKit), base shapes and blended ones."""

MAKEHUMAN: Convention = (
    {
        "eyebrows-<-down": "browDown<", "eyebrows-<-inner-up": "browInnerUp", "eyebrows-<-extern-up": "browOuterUp<",
        "eye-<-closure": "eyeBlink<", "eye-<-slit": "eyeSquint<", "eye-<-opened-up": "eyeWide<",
        "nose-<-elevation": "noseSneer<", "mouth-open": "jawOpen", "mouth-pursing": "mouthPucker",
        "mouth-protusion": "mouthFunnel", "mouth-corner-puller": "mouthSmileLeft .5 mouthSmileRight .5",
        "mouth-depression": "mouthFrownLeft .5 mouthFrownRight .5", "mouth-retraction": "mouthStretchLeft .5 "
        "mouthStretchRight .5", "mouth-elevation": "mouthUpperUpLeft .5 mouthUpperUpRight .5",
        "mouth-parling": "mouthShrugUpper", "neck-platysma": "neckTension",
    },
    {"eyebrows-<-up": "browOuterUp<", "mouth-upward-retraction": "mouthSmileLeft .5 mouthSmileRight .5"},
)  # fmt: skip
"""MakeHuman's expression units (makehumancommunity.org, targets/expression/units), by what they do rather than by
their words: "elevation" lifts the upper lip; others of the mouth answer to no channel of ARKit. MPFB's packs of face
units and visemes are called as ARKit's, Microsoft's and Meta's, and read as those."""

VRM: Convention = (
    {
        "Fcl_EYE_Close_<": "eyeBlink<", "blink<": "eyeBlink<", "vrc.blink_<": "eyeBlink<", "ウィンク": "eyeBlinkLeft",
        "ウィンク右": "eyeBlinkRight", "ウィンク２": "eyeBlinkLeft", "ｳｨﾝｸ２右": "eyeBlinkRight",
    },
    {
        "Fcl_EYE_Close": "eyeBlinkLeft .5 eyeBlinkRight .5", "blink": "eyeBlinkLeft .5 eyeBlinkRight .5",
        "vrc.blink": "eyeBlinkLeft .5 eyeBlinkRight .5", "まばたき": "eyeBlinkLeft .5 eyeBlinkRight .5",
        "Fcl_EYE_Surprised": "eyeWideLeft .5 eyeWideRight .5", "Fcl_EYE_Spread": "eyeWideLeft .5 eyeWideRight .5",
        "びっくり": "eyeWideLeft .5 eyeWideRight .5", "Fcl_BRW_Angry": "browDownLeft .5 browDownRight .5",
        "Fcl_BRW_Sorrow": "browInnerUp", "Fcl_BRW_Surprised": "browOuterUpLeft .5 browOuterUpRight .5",
        "Fcl_MTH_Fun": "mouthSmileLeft .5 mouthSmileRight .5", "Fcl_MTH_Angry": "mouthFrownLeft .5 mouthFrownRight .5",
        "Fcl_MTH_Small": "mouthPucker", "vrc.lowerlid": "eyeSquintLeft .5 eyeSquintRight .5", "口角上げ":
        "mouthSmileLeft .5 mouthSmileRight .5", "口角下げ": "mouthFrownLeft .5 mouthFrownRight .5",
        "lookUp": "eyeLookUpLeft .5 eyeLookUpRight .5", "lookDown": "eyeLookDownLeft .5 eyeLookDownRight .5",
        "lookLeft": "eyeLookOutLeft .5 eyeLookInRight .5", "lookRight": "eyeLookInLeft .5 eyeLookOutRight .5",
        "vrc.looking_up": "eyeLookUpLeft .5 eyeLookUpRight .5", "vrc.looking_down": "eyeLookDownLeft .5 "
        "eyeLookDownRight .5",
    },
)  # fmt: skip
"""Presets of VRM 0 and 1.0 (vrm-c/vrm-specification, expressions.md), VRoid Studio's Fcl_ keys, VRChat's blinks
(VRCSDK, "Eye look"), and MikuMikuDance's words. Their mouths are visemes, see `viseme_names`."""

CONVENTIONS: dict[str, Convention] = {
    "arkit": ARKIT, "character_creator": CHARACTER_CREATOR, "daz": DAZ, "metahuman": METAHUMAN, "unified": UNIFIED,
    "makehuman": MAKEHUMAN, "vrm": VRM,
}  # fmt: skip
