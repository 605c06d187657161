"""A user's own pronunciations: read as they are written, refused with the line that is wrong, used before a G2P."""

from pathlib import Path

import pytest

from headroom.core.errors import InputError
from headroom.core.speech.dictionary import read
from headroom.core.speech.transcript import spell


def write(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "names.dict"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def phones(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def test_arpabet_ipa_comments_and_second_pronunciations(tmp_path):
    path = write(
        tmp_path,
        "\ufeff;;; our names\n\nZORBLAX  Z AO1 R B L AE2 K S ;;; the villain\r\nZorblax(2)  z ao r b l ah k s\n"
        "# another comment\nHäagen\t/ˈhɑː ɡən/\nread  /ɹiːd/, /ɹɛd/\ncan't  K AE N T # in CMUdict's newer form\n"
        "schön  SH OE N\n",
    )
    assert read(path) == {
        "zorblax": (phones("Z AO R B L AE K S"), phones("Z AO R B L AH K S")),
        "häagen": (phones("HH AA G AH N"),),
        "read": (("R", "IY", "D"), ("R", "EH", "D")),
        "can't": (("K", "AE", "N", "T"),),
        "schön": (("SH", "OE", "N"),),
    }


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("ZORBLAX  Z AO QQ", "phone QQ"),
        ("ZORBLAX", "a word and its phones"),
        ("ZORBLAX  /z", "two slashes"),
        ("ZORBLAX  /zʘ/", "/zʘ/|zʘ"),
        ("ZORBLAX  //", "no phones"),
        ("!!!  Z AO", "a word and its phones"),
        ("ZORBLAX  " + "Z " * 500, "no word"),
    ],
)
def test_a_bad_line_is_named(tmp_path, line, words):
    with pytest.raises(InputError, match=f"line 2: .*({words})") as caught:
        read(write(tmp_path, f"GOOD  G UH D\n{line}\n"))
    assert "names.dict" in str(caught.value) and "\n" not in str(caught.value)


def test_bad_files_are_one_line(tmp_path, monkeypatch):
    from headroom.core.speech import dictionary

    with pytest.raises(InputError, match="no such file"):
        read(tmp_path / "gone.dict")
    with pytest.raises(InputError, match="UTF-8"):
        read(write(tmp_path, "Häagen  HH AA".encode("latin-1")))
    monkeypatch.setattr(dictionary, "LARGEST", 1 << 20)
    with pytest.raises(InputError, match="larger than 1 MB"):
        read(write(tmp_path, b"A  AH\n" * 200_000))


def test_its_words_go_before_the_rules_of_the_language(tmp_path):
    known = read(write(tmp_path, "Zorblax  Z AO R B L AE K S\nZORBLAX(2)  Z OW B L AE K S\nthe  DH IY\n"))
    words = spell('"Zorblax!" said the man', "en", known)
    assert [word.text for word in words] == ['"Zorblax!"', "said", "the", "man"]
    assert words[0].ways == (phones("Z AO R B L AE K S"), phones("Z OW B L AE K S"))
    assert words[2].phones == ("DH", "IY")
    assert words[3].phones == ("M", "AE", "N")


def test_what_espeak_cannot_read_can_be_listed(tmp_path):
    known = read(write(tmp_path, "東京  /toːkʲoː/\n行  /i/\n食べます  /tabemasɯ/\n"))
    words = spell("東京へ行く、食べます", "ja", known)
    assert [word.text for word in words] == ["東京", "へ", "行", "く", "食べます"]
    assert words[0].phones == ("T", "OW", "K", "OW")
    assert spell("東京", "ja") == []
