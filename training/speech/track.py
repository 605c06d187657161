"""Track the lips of the talking clips in `data/av` with mediapipe: one .npz of landmarks per clip that has sound.

    python -m headroom.training.speech.track --data ../shared/data --work build/speechwork

mediapipe 0.10.21 carries its face mesh model in the wheel. The landmarks are a person's face: they stay in the work
folder and never enter the project.
"""

from __future__ import annotations

import argparse
import subprocess
import tarfile
from pathlib import Path

import numpy as np

STYLETALK = "samples/source_video"


def unpack(data: Path, work: Path) -> Path:
    """Unpack both archives of clips once; gives the folder."""
    folder = work / "av"
    if not (folder / "test_data").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("styletalk_clips.tar", "edtalk_clips.tar"):
            with tarfile.open(data / "av" / name) as archive:
                archive.extractall(folder, filter="data")
    return folder


def clips(folder: Path) -> list[tuple[str, Path, Path]]:
    """List (name, video, sound) of the clips where a mouth can be seen and heard."""
    found = []
    for sound in sorted((folder / STYLETALK / "wav").glob("*.wav")):
        video = folder / STYLETALK / "video" / f"{sound.stem}.mp4"
        if video.exists():
            found.append((sound.stem, video, sound))
    test = folder / "test_data"
    found.append(("mouth_source", test / "mouth_source.mp4", test / "mouth_source.wav"))
    for name in ("uncrop_Obama", "pose_source2"):
        sound = test / f"{name}.wav"
        if not sound.exists():
            command = ["ffmpeg", "-v", "error", "-y", "-i", test / f"{name}.mp4", "-ac", "1", "-ar", "16000", sound]
            subprocess.run(command, check=True)
        found.append((name, test / f"{name}.mp4", sound))
    return found


def landmarks(video: Path) -> tuple[np.ndarray, float]:
    """Track one video: (F, 478, 3) float32 in pixels (x right, y down, z away), NaN where no face is seen; and fps."""
    import cv2
    import mediapipe

    mesh = mediapipe.solutions.face_mesh.FaceMesh(refine_landmarks=True, max_num_faces=1)
    capture = cv2.VideoCapture(str(video))
    fps = capture.get(cv2.CAP_PROP_FPS)
    frames = []
    while True:
        good, image = capture.read()
        if not good:
            break
        height, width = image.shape[:2]
        result = mesh.process(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
        if result.multi_face_landmarks:
            points = [(p.x * width, p.y * height, p.z * width) for p in result.multi_face_landmarks[0].landmark]
            frames.append(np.array(points, np.float32))
        else:
            frames.append(np.full((478, 3), np.nan, np.float32))
    return np.stack(frames), fps


def main() -> None:
    """Track every clip that is not tracked yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--work", type=Path, default=Path("build/speechwork"))
    options = parser.parse_args()
    out = options.work / "lips"
    out.mkdir(parents=True, exist_ok=True)
    for name, video, sound in clips(unpack(options.data, options.work)):
        if not (out / f"{name}.npz").exists():
            points, fps = landmarks(video)
            np.savez(out / f"{name}.npz", points=points, fps=fps, sound=str(sound))
            print(f"{name}: {len(points)} frames, {np.isnan(points[:, 0, 0]).mean():.0%} without a face", flush=True)


if __name__ == "__main__":
    main()
