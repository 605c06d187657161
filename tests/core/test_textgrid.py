"""Praat's TextGrids as aligners write them: phones and words in, phones and words out, damaged files refused."""

from pathlib import Path

import numpy as np
import pytest

from headroom.core.errors import InputError
from headroom.core.formats import textgrid
from headroom.core.speech.captions import Caption
from headroom.core.speech.phones import Phones, Word

Rows = list[tuple[float, float, str]]


def long_form(tiers: dict[str, Rows], last: float = 1.0) -> str:
    """Write as Praat does."""
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0 ", f"xmax = {last} "]
    lines += ["tiers? <exists> ", f"size = {len(tiers)} ", "item []: "]
    for number, (name, rows) in enumerate(tiers.items(), 1):
        lines += [f"    item [{number}]:", '        class = "IntervalTier" ', f'        name = "{name}" ']
        lines += ["        xmin = 0 ", f"        xmax = {last} ", f"        intervals: size = {len(rows)} "]
        for place, (start, end, label) in enumerate(rows, 1):
            lines += [f"        intervals [{place}]:", f"            xmin = {start} ", f"            xmax = {end} "]
            lines.append(f'            text = "{label}" ')
    return "\n".join(lines) + "\n"


def short_form(tiers: dict[str, Rows], last: float = 1.0) -> str:
    lines = ['File type = "ooTextFile"', '"TextGrid"', "", "0", str(last), "<exists>", str(len(tiers))]
    for name, rows in tiers.items():
        lines += ['"IntervalTier"', f'"{name}"', "0", str(last), str(len(rows))]
        lines += [line for start, end, label in rows for line in (str(start), str(end), f'"{label}"')]
    return "\n".join(lines) + "\n"


def write(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "line.TextGrid"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


MFA: dict[str, Rows] = {
    "words": [(0, 0.2, ""), (0.2, 0.6, "bob"), (0.6, 1.0, "may")],
    "phones": [
        (0, 0.2, "sil"), (0.2, 0.3, "B"), (0.3, 0.5, "AA1"), (0.5, 0.6, "B"), (0.6, 0.7, "M"), (0.7, 0.9, "EY0"),
        (0.9, 1.0, ""),
    ],
}  # fmt: skip


@pytest.mark.parametrize("form", [long_form, short_form])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_both_forms_in_every_encoding(tmp_path, form, encoding):
    text = form(MFA).replace("\n", "\r\n")
    raw = text.encode(encoding)
    phones = textgrid.read(write(tmp_path, b"\xfe\xff" + raw if encoding == "utf-16-be" else raw))
    assert phones.label == ("SIL", "B", "AA", "B", "M", "EY", "SIL")
    np.testing.assert_allclose(phones.start, [0, 0.2, 0.3, 0.5, 0.6, 0.7, 0.9])
    np.testing.assert_allclose(phones.end, [0.2, 0.3, 0.5, 0.6, 0.7, 0.9, 1.0])
    assert phones.words == (Word("bob", 0.2, 0.6), Word("may", 0.6, 1.0))


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ("B AA1 B SIL", "B AA B SIL"),  # MFA, CMUdict
        ("bcl b aa ax-h dx h#", "B B AA AH D SIL"),  # TIMIT
        ("pʰ aj tʲ ɔ̃ː ʃ", "P AA Y T AO SH"),  # MFA's IPA
        ("tʃ aɪ ɹ ɐ sp", "CH AY R AH SIL"),
        ("t_h aI E6 S @ C <p:>", "T AY EH AH SH AH X SIL"),  # WebMAUS
        ("OY ts 2: 9 R N a: I", "OY T S OE OE X NG AA IH"),
        ("p t k s", "P T K S"),
    ],
)
def test_alphabets_are_told_apart(tmp_path, labels, expected):
    rows = [(place / 10, (place + 1) / 10, label) for place, label in enumerate(labels.split())]
    assert " ".join(textgrid.read(write(tmp_path, short_form({"MAU": rows}))).label) == expected


def test_a_sound_without_phones_belongs_to_its_neighbour(tmp_path):
    rows = [(0, 0.1, "a"), (0.1, 0.2, "ʔ"), (0.2, 0.4, "ʃ"), (0.4, 0.6, "t͡s"), (0.6, 0.7, "ʔ"), (0.7, 0.8, "")]
    phones = textgrid.read(write(tmp_path, short_form({"phones": rows})))
    assert phones.label == ("AA", "SH", "T", "S", "SIL")
    np.testing.assert_allclose(phones.start, [0, 0.1, 0.4, 0.5, 0.7])
    np.testing.assert_allclose(phones.end, [0.1, 0.4, 0.5, 0.7, 0.8])


@pytest.mark.parametrize(
    "names",
    [
        ("words", "phones"), ("Anna - words", "Anna - phones"), ("ORT-MAU", "MAU"), ("Word", "Phoneme"), ("a", "b"),
        ("comment", "segments"),
    ],
)  # fmt: skip
def test_tiers_are_found_by_name_and_by_content(tmp_path, names):
    note = {"note": [(0, 1.0, "Bob may, take 3")]}
    phones = textgrid.read(write(tmp_path, long_form(note | dict(zip(names, MFA.values(), strict=True)))))
    assert phones.label[1:4] == ("B", "AA", "B") and [word.text for word in phones.words] == ["bob", "may"]


def test_tiers_of_webmaus(tmp_path):
    words = [(0, 0.2, ""), (0.2, 0.6, "Tisch"), (0.6, 1.0, "")]
    tiers = {"ORT-MAU": words, "KAN-MAU": [(0, 0.2, "<p:>"), (0.2, 0.6, "tIS"), (0.6, 1.0, "<p:>")]}
    tiers["MAU"] = [(0, 0.2, "<p:>"), (0.2, 0.3, "t"), (0.3, 0.5, "I"), (0.5, 0.6, "S"), (0.6, 1.0, "<p:>")]
    phones = textgrid.read(write(tmp_path, long_form(tiers)))
    assert phones.label == ("SIL", "T", "IH", "SH", "SIL") and phones.words == (Word("Tisch", 0.2, 0.6),)


def test_points_are_passed_over_and_words_alone_are_captions(tmp_path):
    points = '"TextTier"\n"notes"\n0\n1\n2\n0.1\n"a"\n0.5\n"b"\n'
    text = short_form({"words": MFA["words"]}).replace("<exists>\n1\n", "<exists>\n2\n" + points)
    assert textgrid.read(write(tmp_path, text)) == (Caption("bob", 0.2, 0.6), Caption("may", 0.6, 1.0))


def test_what_is_written_reads_back(tmp_path):
    phones = Phones(
        ("SIL", "B", "AA", "B", "SIL", "M", "EY"),
        np.array([0, 0.2, 0.3, 0.5, 0.6, 0.7, 0.8]),
        np.array([0.2, 0.3, 0.5, 0.6, 0.65, 0.8, 1.0]),
        np.ones(7),
        (Word('b"o"b', 0.2, 0.6), Word("mày", 0.7, 1.0)),
    )
    path = tmp_path / "out.TextGrid"
    textgrid.write(path, phones, 1.5)
    again = textgrid.read(path)
    assert again.label == ("SIL", "B", "AA", "B", "SIL", "M", "EY", "SIL") and again.words == phones.words
    np.testing.assert_allclose(again.start, [0, 0.2, 0.3, 0.5, 0.6, 0.7, 0.8, 1.0], atol=1e-6)
    for tier in textgrid.read_tiers(path):  # Praat wants tiers without gaps
        assert tier.intervals[0][0] == 0 and tier.intervals[-1][1] == 1.5
        assert all(one[1] == two[0] for one, two in zip(tier.intervals, tier.intervals[1:], strict=False))
    textgrid.write(path, Phones((), np.zeros(0), np.zeros(0), np.zeros(0)), 2.0)
    assert [tier.intervals for tier in textgrid.read_tiers(path)] == [((0.0, 2.0, ""),)] * 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace("xmin = 0.3", "xmin = 0.25"), "tier phones, interval .* before|ahead"),
        (lambda text: text.replace("xmax = 0.5", "xmax = 0.29"), "tier phones.*ends before it starts"),
        (lambda text: text.replace("xmax = 0.5", "xmax = nan"), "number|missing"),
        (lambda text: text.replace("xmax = 0.5", "xmax = 1e300"), "tier phones"),
        (lambda text: text.replace('"AA1"', '"QQ1"'), "tier phones, 0.30 s: phone 'QQ1'"),
        (lambda text: text.replace("intervals: size = 7", "intervals: size = 70"), "breaks off"),
        (lambda text: text.replace("intervals: size = 7", "intervals: size = 1e15"), "intervals cannot be"),
        (lambda text: text.replace("intervals: size = 7", "intervals: size = -1"), "intervals cannot be"),
        (lambda text: text.replace('"IntervalTier"', '"PitchTier"'), "PitchTier"),
        (lambda text: text[: len(text) // 2], "breaks off|missing"),
        (lambda text: text.replace('"B"', '"B'), "missing|breaks off"),
        (lambda text: "hello", "is no TextGrid"),
        (lambda text: "ooBinaryFile\x08TextGrid", "binary"),
        (lambda text: long_form({"notes": [(0, 1.0, "Take 3!")]}), "no tier of phones or words"),
        (lambda text: long_form({}), "no tier of phones or words"),
        (lambda text: "", "is no TextGrid"),
    ],
)
def test_damaged_files_are_one_line(tmp_path, change, words):
    with pytest.raises(InputError, match=words) as caught:
        textgrid.read(write(tmp_path, change(long_form(MFA))))
    assert "line.TextGrid" in str(caught.value) and "\n" not in str(caught.value)


def test_what_is_no_text_is_one_line(tmp_path, monkeypatch):
    for raw in (b"\xff\xfe\x00", b"ooTextFile TextGrid \xe4", b"ooTextFile\0TextGrid"):
        with pytest.raises(InputError, match="text"):
            textgrid.read(write(tmp_path, raw))
    with pytest.raises(InputError, match="no such file"):
        textgrid.read(tmp_path / "gone.TextGrid")
    monkeypatch.setattr(textgrid, "LARGEST", 1 << 20)
    with pytest.raises(InputError, match="larger than 1 MB"):
        textgrid.read(write(tmp_path, b'"' * (1 << 21)))


def test_random_bytes_never_crash(tmp_path):
    random = np.random.default_rng(0)
    good = long_form(MFA).encode()
    for _ in range(300):
        bad = bytearray(good)
        for place in random.integers(0, len(bad), 5):
            bad[place] = int(random.integers(0, 256))
        try:
            textgrid.read(write(tmp_path, bytes(bad)))
        except InputError as error:
            assert "\n" not in str(error)


def test_two_hours_of_phones_are_read_at_once(starved, tmp_path):
    """Where each interval was compared with all the others, they took an hour."""
    count, path = 100_000, tmp_path / "a.TextGrid"
    rows = "".join(f'{k / 14} {(k + 1) / 14} "{"AH0" if k % 2 else "T"}"\n' for k in range(count))
    head = 'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0 9 <exists> 1 "IntervalTier" "phones" 0 1'
    path.write_text(f"{head} {count}\n{rows}")
    assert starved(lambda: textgrid.read(path), 400)[0] == "done"
