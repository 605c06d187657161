"""Transcripts in many languages: every word gets phones, in order, and keeps its text."""

import pytest

from headroom.core.errors import InputError
from headroom.core.speech import transcript
from headroom.core.speech.phones import INVENTORY
from headroom.core.speech.tokens import bare, clean
from headroom.core.speech.transcript import spell

SENTENCES = {
    "en": "Peter's mother didn't buy 25 apples, but my brother-in-law did.",
    "de": "Am 3. Mai fährt Frau Müller für 50 Euro nach Köln.",
    "fr": "L'homme qu'elle aime habite à Paris, n'est-ce pas ?",
    "es": "¿Dónde está la biblioteca? Mañana compro 12 libros.",
    "it": "L'amico di Paolo abita in un'altra città.",
    "pt": "Amanhã não vou à praia, você pode vir comigo?",
    "nl": "Zij heeft 's ochtends drie kopjes koffie gedronken.",
    "pl": "Dzień dobry, czy mogę prosić o szklankę wody?",
    "ru": "Мама мыла раму, а папа читал газету 20 минут.",
    "uk": "Добрий день, де тут п'ять великих будинків?",
    "sv": "Barnen åt smörgåsar på bryggan i går.",
    "da": "Rødgrød med fløde smager bedst om sommeren.",
    "nb": "Været blir fint på fjellet i morgen.",
    "fi": "Hyvää päivää, missä on lähin kauppa?",
    "cs": "Dobrý den, příští týden přijedu vlakem.",
    "sk": "Ďakujem, môžem prísť vo štvrtok?",
    "hu": "Jó napot, hol van a legközelebbi pályaudvar?",
    "ro": "Bună ziua, unde pot cumpăra pâine și brânză?",
    "el": "Καλημέρα, πού είναι ο σταθμός;",
    "tr": "Günaydın, çocuklar bahçede oynuyorlar mı?",
    "bg": "Добър ден, къде е пощата?",
    "hr": "Dobar dan, možete li mi pomoći?",
    "et": "Tere hommikust, kus on raudteejaam?",
    "ca": "Bon dia, on puc comprar pa?",
    "hi": "नमस्ते, आप कैसे हैं और पानी कहाँ मिलेगा?",
    "bn": "আপনি কেমন আছেন?",
    "ta": "வணக்கம், நீங்கள் எப்படி இருக்கிறீர்கள்?",
    "ko": "안녕하세요, 저는 서울에 살아요.",
    "vi": "Xin chào, bạn có khỏe không?",
    "id": "Selamat pagi, di mana stasiun kereta?",
    "sw": "Habari ya asubuhi, soko liko wapi?",
    "ar": "مَرْحَبًا كَيْفَ حَالُكَ",
    "fa": "سلام حال شما چطور است",
    "he": "שלום מה שלומך",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_every_word_of_a_sentence_gets_phones(language):
    text = SENTENCES[language]
    written = [word for word in text.split() if any(sign.isalnum() for sign in word)]
    words = spell(text, language)
    assert [word.text for word in words] == written
    assert all(set(word.phones) <= set(INVENTORY) - {"SIL"} and word.phones for word in words)
    letters = sum(sign.isalpha() for sign in text)
    assert 0.35 * letters < sum(len(word.phones) for word in words) < 2.5 * letters  # a Hangul letter is a syllable


@pytest.mark.parametrize(
    ("language", "text", "words", "phones"),
    [
        ("zh", "妈妈买面包。我在银行，你好！", "妈 妈 买 面 包 我 在 银 行 你 好", {0: "M AA", 2: "M AY", 7: "Y IY N"}),
        ("cmn", "他 2024 年买 ABC", "他 2024 年 买 ABC", {4: "EY B IY S IY"}),
        ("yue", "你好世界", "你 好 世 界", {0: "N EY"}),
        ("ja", "ぼくはパンを たべます", "ぼくは パンを たべま す", {2: "T AA B EY M AA"}),
        ("ja", "東京へ いく", "へ いく", {1: "IY K UH"}),  # kanji cannot be read
    ],
)
def test_text_without_spaces_is_cut_into_short_pieces(language, text, words, phones):
    spelled = spell(text, language)
    assert [word.text for word in spelled] == words.split()
    for place, expected in phones.items():
        assert " ".join(spelled[place].phones) == expected


def test_a_japanese_particle_may_be_said_either_way():
    word = spell("ぼくは", "ja")[0]
    assert word.phones[-2:] == ("HH", "AA") and word.others[0][-2:] == ("W", "AA")


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("In 1984, of the two - yes!  ", "In 1984, of the two yes!"),
        ("Dr. Smith met Mrs. Jones at 5 p.m. in the U.S.A.", "Dr. Smith met Mrs. Jones at 5 p.m. in the U.S.A."),
        ("It’s 10:30 or 3.14 & 50%", "It's 10:30 or 3.14 & 50%"),
        ("Yes 😀👍🏽, ok👨‍👩‍👧 ♪ go", "Yes ok go"),
        ("wait…what—no and/or", "wait… what— no and/ or"),
        ('"Really?" she said. (Yes.)', '"Really?" she said. (Yes.)'),
        ("HELLO World iPhone NASA", "HELLO World iPhone NASA"),
        (" ... !? 😀", ""),
        ("a" * 5000 + " yes", "yes"),
        ("yes\0no\x07 go", "yes no go"),
    ],
)
def test_numbers_signs_and_emoji_do_not_confuse(text, texts):
    words = spell(text, "en")
    assert " ".join(word.text for word in words) == texts
    assert all(word.phones for word in words)


def test_abbreviations_and_numbers_are_read_out():
    phones = {word.text: " ".join(word.phones) for word in spell("Dr. Who has 25% of the NATO word", "en")}
    assert phones["Dr."] == "D AA K T ER"
    assert phones["25%"].endswith("P ER S EH N T")
    assert phones["NATO"] == "N EY D OW"  # the quick d of an American
    assert phones["word"] == "W ER D"


def test_small_words_sound_as_they_do_in_a_sentence():
    words = {word.text: word.phones for word in spell("made from a few of the 30 apples", "en")}
    assert words["a"] == ("AH",) and words["the"] == ("DH", "AH")


def test_words_are_compared_without_their_signs():
    assert bare("«Héadroom!»") == "héadroom" and bare("don’t,") == "don't" and bare("...") == ""
    assert clean("e\u0301") == "\xe9"  # composed


def test_too_long_a_text_is_refused(monkeypatch):
    monkeypatch.setattr(transcript, "MOST", 10)
    with pytest.raises(InputError, match="more than 10 words"):
        spell("one. " * 20, "en")
