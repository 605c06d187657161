"""Expressions for any head: values of ARKit's shapes, by name.

The seven emotions follow Ekman and Friesen's prototypes ("Facial Action Coding System: Investigator's Guide", 2002;
"Unmasking the Face", 1975), whose action units have near counterparts among ARKit's shapes: AU 1 browInnerUp, 2
browOuterUp, 4 browDown, 5 eyeWide, 6 cheekSquint, 7 eyeSquint, 9 noseSneer, 10 mouthUpperUp, 12 mouthSmile, 14
mouthDimple, 15 mouthFrown, 16 mouthLowerDown, 17 mouthShrugLower, 18 mouthPucker, 20 mouthStretch, 22 mouthFunnel, 23
and 24 mouthPress, 26 and 27 jawOpen, 28 mouthRoll, 34 cheekPuff, 43 eyeBlink. How strong each is, and all other
expressions, are ours, chosen by looking at rendered heads.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..performance import ARKIT_52, NECK, TONGUE
from ..speech.viseme_tables import OCULUS, VisemeSet

PARTS = {
    "face": (*ARKIT_52, *TONGUE, *NECK),
    "eyes": tuple(name for name in ARKIT_52 if name.startswith("eye") and "Look" not in name),
    "mouth": (*(name for name in ARKIT_52 if name.startswith(("jaw", "mouth", "cheekPuff", "tongue"))), *TONGUE),
}
"""Part of a face -> the channels that an expression of it sets; those that it does not name go to 0."""


SPOKEN = (
    "jawOpen", "jawForward", "mouthClose", "mouthFunnel", "mouthPucker", "mouthRollLower", "mouthRollUpper",
    "mouthShrugLower", "mouthShrugUpper", "mouthPressLeft", "mouthPressRight", "mouthLowerDownLeft",
    "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight", *TONGUE,
)  # fmt: skip
"""What speech closes the lips and shapes vowels with: an expression that adds to these keeps a p from closing."""


@dataclass(frozen=True)
class Expression:
    """What a face or a part of it shows: `values` of channels, 0..1; `help` says it in a phrase, and `viseme` which of
    Oculus' visemes it is."""

    title: str
    help: str
    part: str = "face"
    values: dict[str, float] = field(default_factory=dict)
    viseme: str = ""

    @property
    def channels(self) -> dict[str, float]:
        """Give every channel that the expression sets, those at rest included."""
        return {name: self.values.get(name, 0.0) for name in PARTS[self.part]}


def _face(title: str, help: str, part: str = "face", viseme: str = "", **values: float) -> Expression:
    """Build an expression; a shape that is named without its side is meant on both."""
    pairs = {
        channel: value
        for name, value in values.items()
        for channel in ((name,) if name in PARTS["face"] else (f"{name}Left", f"{name}Right"))
    }
    return Expression(title, help, part, pairs, viseme)


EMOTIONS = (
    _face("Neutral", "a face at rest; takes every other expression back"),
    _face("Joy", "AU 6 and 12: raised cheeks and a smile that parts the lips", cheekSquint=0.6, mouthSmile=0.75,
          eyeSquint=0.25, mouthUpperUp=0.2, mouthLowerDown=0.1, jawOpen=0.05, browOuterUp=0.1),
    _face("Sadness", "AU 1, 4, 15 and 17: slanting brows, heavy lids, corners of the mouth down", browInnerUp=0.9,
          browDown=0.25, mouthFrown=0.7, mouthShrugLower=0.45, mouthShrugUpper=0.2, eyeBlink=0.22, eyeLookDown=0.25,
          eyeSquint=0.2, cheekSquint=0.1),
    _face("Anger", "AU 4, 5, 7 and 23: lowered brows, a hard stare, lips pressed together", browDown=1.0,
          eyeWide=0.45, eyeSquint=0.5, mouthPress=0.8, mouthFrown=0.4, mouthRollLower=0.35,
          mouthRollUpper=0.3, mouthShrugLower=0.35),
    _face("Fear", "AU 1, 2, 4, 5, 20 and 26: brows up and drawn together, wide eyes, the mouth pulled sideways",
          browInnerUp=1.0, browOuterUp=0.4, browDown=0.25, eyeWide=0.9, mouthStretch=0.7, mouthFrown=0.2, jawOpen=0.22,
          mouthLowerDown=0.3, neckTension=0.5),
    _face("Disgust", "AU 9, 10, 15 and 16: a wrinkled nose, the upper lip raised", noseSneer=0.95, mouthUpperUp=0.55,
          mouthFrown=0.4, mouthLowerDown=0.25, mouthShrugLower=0.35, browDown=0.6, cheekSquint=0.5, eyeSquint=0.5),
    _face("Surprise", "AU 1, 2, 5 and 26: brows up, eyes wide, the jaw drops", browInnerUp=0.9, browOuterUp=0.9,
          eyeWide=0.7, jawOpen=0.42, mouthFunnel=0.15),
    _face("Contempt", "AU 12 and 14 on one side: a corner of the mouth drawn back", mouthDimpleLeft=0.7,
          mouthSmileLeft=0.45, mouthPressLeft=0.3, mouthUpperUpLeft=0.15, eyeSquint=0.25, eyeBlink=0.12,
          browDownRight=0.3, browOuterUpLeft=0.3),
)  # fmt: skip
"""Rest, Ekman's six basic emotions, and contempt."""

FACES = (
    _face("Smile", "a friendly face with closed lips", mouthSmile=0.5, cheekSquint=0.25, eyeSquint=0.12,
          mouthDimple=0.2),
    _face("Laugh", "an open laugh", mouthSmile=0.95, cheekSquint=0.85, eyeSquint=0.5, jawOpen=0.4, mouthUpperUp=0.35,
          mouthLowerDown=0.2, browOuterUp=0.2, browInnerUp=0.1, noseSneer=0.15),
    _face("Doubt", "one brow up, the mouth to one side", browOuterUpLeft=1.0, browInnerUp=0.35, browDownRight=0.6,
          eyeSquintRight=0.45, mouthPressLeft=0.4, mouthRight=0.25, mouthShrugLower=0.35, mouthFrownRight=0.25),
    _face("Thinking", "eyes up and aside, lips pursed", eyeLookUp=0.45, eyeLookOutLeft=0.5, eyeLookInRight=0.5,
          browInnerUp=0.35, browOuterUpLeft=0.45, browDownRight=0.3, mouthPucker=0.4, mouthLeft=0.35, eyeSquint=0.15),
    _face("Worry", "brows drawn up, lips held together", browInnerUp=0.85, browDown=0.35, mouthPress=0.45,
          mouthStretch=0.25, mouthFrown=0.3, mouthRollLower=0.25, eyeSquint=0.2, eyeWide=0.1),
    _face("Pain", "eyes squeezed shut, teeth bared", browDown=0.85, browInnerUp=0.4, eyeBlink=1.0, eyeSquint=0.9,
          cheekSquint=0.9, noseSneer=0.6, mouthStretch=0.5, mouthUpperUp=0.5, mouthLowerDown=0.5, jawOpen=0.08,
          neckTension=0.7),
    _face("Tired", "heavy lids, a slack jaw", eyeBlink=0.5, eyeLookDown=0.15, browInnerUp=0.3, mouthFrown=0.2,
          jawOpen=0.07, mouthShrugLower=0.1),
    _face("Determined", "a firm look, the chin forward", browDown=0.6, eyeSquint=0.4, mouthPress=0.6, jawForward=0.35,
          mouthRollLower=0.15, mouthRollUpper=0.15, mouthShrugLower=0.25),
    _face("Scream", "the mouth wide open, brows down", jawOpen=0.9, mouthUpperUp=0.6, mouthLowerDown=0.55,
          mouthStretch=0.55, noseSneer=0.7, browDown=0.9, eyeSquint=0.7, cheekSquint=0.6, neckTension=1.0),
)  # fmt: skip
"""Other expressions of a whole face."""

DETAILS = (
    _face("Eyes Closed", "both eyes shut", "eyes", eyeBlink=1.0),
    _face("Eyes Wide", "both eyes wide open", "eyes", eyeWide=1.0),
    _face("Squint", "both eyes narrowed", "eyes", eyeSquint=0.9, eyeBlink=0.25),
    _face("Wink Left", "the left eye shut", "eyes", eyeBlinkLeft=1.0, eyeSquintLeft=0.6, eyeSquintRight=0.1),
    _face("Wink Right", "the right eye shut", "eyes", eyeBlinkRight=1.0, eyeSquintRight=0.6, eyeSquintLeft=0.1),
    _face("Smirk Left", "a smile on the left side", "mouth", mouthSmileLeft=0.7, mouthDimpleLeft=0.35, mouthLeft=0.15),
    _face("Smirk Right", "a smile on the right side", "mouth", mouthSmileRight=0.7, mouthDimpleRight=0.35,
          mouthRight=0.15),
    _face("Kiss", "puckered lips", "mouth", mouthPucker=1.0, mouthFunnel=0.15),
    _face("Puff", "cheeks full of air", "mouth", cheekPuff=1.0, mouthPress=0.15, mouthPucker=0.1),
    _face("Pout", "the lower lip pushed forward", "mouth", mouthShrugLower=0.85, mouthPucker=0.3, mouthFrown=0.4),
    _face("Lips In", "both lips rolled in over the teeth", "mouth", mouthRollLower=0.85, mouthRollUpper=0.85,
          mouthPress=0.3),
    _face("Bared Teeth", "lips drawn off clenched teeth", "mouth", mouthUpperUp=0.7, mouthLowerDown=0.75,
          mouthStretch=0.5, mouthSmile=0.2),
    _face("Tongue Out", "the tongue over the lower lip", "mouth", tongueOut=1.0, jawOpen=0.45),
)  # fmt: skip
"""Eyes or mouth alone, to be put onto any face."""

EXPRESSIONS = {one.title: one for one in (*EMOTIONS, *FACES, *DETAILS)}
"""Every expression by its name."""

PHONES = {
    "sil": "SIL", "PP": "P", "FF": "F", "TH": "TH", "DD": "D", "kk": "K", "CH": "CH", "SS": "S", "nn": "N", "RR": "R",
    "aa": "AA", "E": "EH", "ih": "IY", "oh": "AO", "ou": "UW",
}  # fmt: skip
"""Oculus' visemes, and the phone of each that other sets show."""


def _viseme(viseme: str, help: str, **values: float) -> Expression:
    return _face(f"Viseme {viseme}", help, "mouth", viseme, **values)


VISEMES = (
    _viseme("sil", "silence: the mouth at rest"),
    _viseme("PP", "p b m: lips closed", jawOpen=0.1, mouthClose=0.1, mouthPress=0.45, mouthRollLower=0.3,
            mouthRollUpper=0.2),
    _viseme("FF", "f v: the lower lip at the upper teeth", jawOpen=0.05, mouthRollLower=0.85,
            mouthUpperUp=0.35),
    _viseme("TH", "th: the tongue between the teeth", jawOpen=0.24, tongueTipTeeth=1.0, mouthLowerDown=0.15,
            mouthUpperUp=0.2, mouthStretch=0.15),
    _viseme("DD", "t d: the tongue at the ridge behind the teeth", jawOpen=0.14, tongueTipUp=1.0, mouthUpperUp=0.25,
            mouthLowerDown=0.2),
    _viseme("kk", "k g: the back of the tongue raised", jawOpen=0.2, tongueBackUp=1.0, mouthLowerDown=0.3,
            mouthUpperUp=0.15),
    _viseme("CH", "ch j sh: lips pushed forward, teeth together", jawOpen=0.06, mouthFunnel=0.55, mouthPucker=0.2,
            mouthUpperUp=0.2, mouthLowerDown=0.2, tongueFrontUp=0.7),
    _viseme("SS", "s z: teeth together, lips spread", jawOpen=0.05, mouthStretch=0.3, mouthSmile=0.2,
            mouthLowerDown=0.4, mouthUpperUp=0.3, tongueTipUp=0.45),
    _viseme("nn", "n l: lips apart, the tongue at the ridge", jawOpen=0.16, tongueTipUp=1.0, mouthLowerDown=0.25,
            mouthUpperUp=0.15, mouthStretch=0.1),
    _viseme("RR", "r: lips a little rounded", jawOpen=0.12, mouthFunnel=0.4, mouthPucker=0.3, tongueNarrow=0.8,
            tongueTipUp=0.35),
    _viseme("aa", "ah: wide open", jawOpen=0.5, mouthLowerDown=0.3, mouthUpperUp=0.15, tongueDown=0.5),
    _viseme("E", "eh: half open, spread", jawOpen=0.28, mouthStretch=0.35, mouthSmile=0.2, mouthLowerDown=0.3,
            mouthUpperUp=0.2, tongueWide=0.4),
    _viseme("ih", "ee: nearly closed, spread", jawOpen=0.1, mouthStretch=0.4, mouthSmile=0.35, mouthLowerDown=0.2,
            mouthUpperUp=0.15, tongueWide=0.9),
    _viseme("oh", "oh: half open, rounded", jawOpen=0.32, mouthFunnel=0.5, mouthPucker=0.4, tongueBackUp=0.3),
    _viseme("ou", "oo: nearly closed, rounded", jawOpen=0.12, mouthPucker=0.85, mouthFunnel=0.25, tongueBackUp=0.5,
            tongueNarrow=0.3),
)  # fmt: skip
"""The 15 of `viseme_tables.OCULUS` as ARKit's shapes: clear poses, wider than mouths that speak."""


def shown_by(viseme: str, kind: VisemeSet) -> dict[str, float]:
    """Say which visemes of a set show one of Oculus': weights of all of the set's."""
    shown = {viseme: 1.0} if kind is OCULUS else kind.parts[PHONES[viseme]][0][1]
    weights = {name: shown.get(name, 0.0) for name in kind.moving}
    return weights | ({kind.rest: 1 - min(1.0, sum(weights.values()))} if kind.rest else {})
