"""What is a marking and what only speaks of one, in text, notes, properties and names."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import marking_rules
from ingest.markings import DEFAULT_RULES, Certainty, Line, Passage, Rule, Source, search

LEVELS = ("MẬT", "TỐI MẬT", "TUYỆT MẬT", "TÀI LIỆU THU HỒI", "SECRET", "TOP SECRET", "CONFIDENTIAL", "RESTRICTED")
SPOKEN = """
hội nghị triển khai nghị quyết bảo vệ bí mật nhà nước trong công tác văn thư tài liệu có độ mật phải quản lý mật độ
dân số tăng mật ong cán bộ đảng viên giữ gìn bảo mật thông tin cá nhân theo quy định của pháp luật tuyệt đối
"""


def certainties(text, source=Source.TEXT, *more):
    """How sure each rule is of a passage, perhaps among others of the same file."""
    return {hit.rule: hit.certainty.value for hit in search([Passage(text, source, 1), *more])}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("MẬT", {"mat": "certain"}),
        ("TỐI MẬT", {"toi-mat": "certain"}),
        ("UBND TỈNH LAI CHÂU\nTUYỆT MẬT\nSố: 12/BC", {"tuyet-mat": "certain"}),
        ("Tài liệu thu hồi", {"thu-hoi": "certain"}),
        ("MẬT\nTÀI LIỆU THU HỒI", {"mat": "certain", "thu-hoi": "certain"}),
        ("TÀI LIỆU\nTHU HỒI", {"thu-hoi": "certain"}),
        ("Độ mật: Tối mật", {"toi-mat": "certain"}),
        ("Độ mật: cao", {"do-mat": "doubtful"}),
        ("Do mat: Toi mat", {"toi-mat": "certain"}),
        ("[ MẬT ]", {"mat": "certain"}),
        ("Tài liệu MẬT số 03", {"mat": "certain"}),
        ("TỈNH ỦY LAI CHÂU\tMẬT", {"mat": "certain"}),
        ("Tỉnh ủy Lai Châu - MẬT - trang 3", {"mat": "doubtful"}),
        ("Kế hoạch phòng thủ (Mật)", {"mat": "doubtful"}),
        ("TOI MAT", {"toi-mat": "certain"}),
        ("MAT", {"mat": "doubtful"}),
        ("M Ậ T", {"mat": "certain"}),
        ("T Ố I  M Ậ T", {"toi-mat": "certain"}),
        ("ＭẬＴ", {"mat": "certain"}),
        ("VĂN BẢẢN MẬẬT", {"mat": "certain"}),
        ("TOP SECRET//SI//NOFORN", {"top-secret": "certain"}),
        ("MẬT / SECRET", {"mat": "certain", "secret": "certain"}),
        ("Confidential", {"confidential": "doubtful"}),
        ("Tài liệu này thuộc độ mật nên không được sao chụp.", {"this-is-secret": "doubtful"}),
    ],
)
def test_finds_what_stands_alone(text, found):
    assert certainties(text) == found
    assert certainties(text, Source.NOTES) == found


@pytest.mark.parametrize(
    "text",
    [
        "Mọi cán bộ có trách nhiệm bảo vệ bí mật nhà nước.",
        "Tài liệu có độ mật phải được quản lý theo quy định",
        "Dấu MẬT được đóng ở góc trên bên trái",
        "Phải giữ các tài liệu có độ\nmật.",
        "Các độ mật: Tuyệt mật, Tối mật, Mật",
        "Tuyệt mật\nTối mật\nMật",
        "TUYỆT MẬT\nTỐI MẬT\nMẬT",
        "Public\nInternal\nConfidential\nRestricted",
        "QUẢN LÝ VĂN BẢN MẬT TẠI CƠ QUAN",
        "Danh mục tài liệu thu hồi sau hội nghị do văn thư lập",
        "Độ mật",
        "Độ mật: Không",
        "Độ bảo mật: cao",
        "MẬT ĐỘ",
        "MẬT ONG LAI CHÂU",
        "AN TOÀN, BẢO\nMẬT",
        "GAN - MẬT - TỤY",
        "Gan\nMật\nTụy",
        "UNCLASSIFIED",
        "Shamir's Secret Sharing",
        "RESTRICTED AREA",
        "RESTRICTED\nAREA",
        "Classification: accuracy 92 %",
        "MẮT",
        "",
    ],
)
def test_lets_pass_what_only_speaks_of_it(text):
    assert certainties(text) == {}


def test_a_stamp_on_a_lesson_about_secrets_is_for_a_person_to_judge():
    lesson = Passage("Luật Bảo vệ bí mật nhà nước năm 2018 có những điểm mới", Source.TEXT, 2)
    assert certainties("TUYỆT MẬT", Source.TEXT, lesson) == {"tuyet-mat": "doubtful"}
    assert certainties("Tuyệt mật", Source.TEXT, lesson) == {}


@pytest.mark.parametrize(("wrong", "right"), [("cp1252", "cp1258"), ("cp1252", "utf-8"), ("latin-1", "utf-8")], ids=str)
@pytest.mark.parametrize("words", ["MẬT", "TUYỆT MẬT"])
def test_reads_what_was_decoded_by_a_wrong_table(words, wrong, right):
    decomposed = words.replace("Ậ", "Â\u0323").replace("Ệ", "Ê\u0323")
    stored = (decomposed if right == "cp1258" else words).encode(right)
    assert "certain" in certainties(stored.decode(wrong)).values()


@pytest.mark.parametrize("words", ["MËT", "TUYÖT MËT", "TèI MËT", "MAÄT", "TOÁI MAÄT", "TUYEÄT MAÄT"])
def test_reads_the_fonts_of_old_decks(words):
    assert "certain" in certainties(words).values()


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("bao-cao_MAT.pptx", {"mat": "doubtful"}),
        ("BaoCaoMAT.pptx", {"mat": "doubtful"}),
        ("Báo cáo (MẬT).pptx", {"mat": "certain"}),
        ("TUYET-MAT_ke-hoach.pdf", {"tuyet-mat": "certain"}),
        ("ke-hoach-toi-mat.pdf", {"toi-mat": "doubtful"}),
        ("Tài liệu mật.pptx", {"mat": "doubtful"}),
        ("BAO CAO MAT.pptx", {"mat": "doubtful"}),
        ("SECRET-plan.pdf", {"secret": "certain"}),
        ("report_confidential.pdf", {"confidential": "doubtful"}),
    ],
)
def test_finds_markings_in_names(name, found):
    assert certainties(name, Source.NAME) == found
    assert certainties(unicodedata.normalize("NFD", name), Source.NAME) == found


@pytest.mark.parametrize(
    "name",
    [
        *("dien-mat-troi.pptx", "DIEN MAT TROI.pdf", "MAT TRAN TO QUOC.pptx", "mat-do-dan-so.pdf", "tien_mat.pdf"),
        *("Bảo mật thông tin.pptx", "bi-mat-nha-nuoc.pdf", "mật ong.mp4", "DANH SACH VANG MAT.xlsx", "mat.pdf"),
        *("secret-sharing.pdf", "restricted-area.mp4", "luat-bao-ve-bi-mat-nha-nuoc.pdf", "matlab.pdf"),
        "Quy định về độ tuyệt mật.pdf",
    ],
)
def test_lets_pass_names_of_other_things(name):
    assert certainties(name, Source.NAME) == {}


def test_properties_count_word_by_word():
    assert certainties("Keywords: báo cáo; Tối mật", Source.PROPERTY) == {"toi-mat": "certain"}
    assert certainties("keywords: mật ong, nuôi ong", Source.PROPERTY) == {}


def test_forgives_what_ocr_mistakes():
    def read(*texts, is_apart=False):
        lines = tuple(Line(text, 0.1, 0.2, 0.3, 0.1, is_apart) for text in texts)
        hits = search([Passage("", Source.PICTURE, at_seconds=7.0, lines=lines)])
        return [(hit.certainty.value, hit.at_seconds, hit.box) for hit in hits]

    where = (7.0, (0.1, 0.2, 0.3, 0.1))
    assert read("MẬT") == [("certain", *where)]
    assert read("MÂT") == read("M@T") == [("doubtful", *where)]
    assert read("TUYÊT MẶT") == [("doubtful", *where)]
    assert read("BẢO MẬT") == read("BÍ MẬT") == read("MẬT ĐỘ") == read("mat") == read("NHẤT") == []
    assert read("C0NFTDENTTAL") == read("MẠẬT") == [("doubtful", *where)]
    assert read("LIỆU THU HôT", is_apart=True) == read("CONFIDE", is_apart=True) == [("doubtful", *where)]
    assert read("TOP CRET", is_apart=True) == [("doubtful", *where)]
    assert read("LIỆU THU HôT") == read("TÀI LIỆU THI", is_apart=True) == read("SAO CHỤP", is_apart=True) == []
    assert read("TUYET MAT", "TUY") == []
    assert read("TUYET MAT", "TUY", is_apart=True) == [("certain", *where)]


def test_frames_a_stamp_once_that_was_read_in_several_ways():
    read = (
        Line("MẬT", 0.30, 0.2, 0.1, 0.1, is_apart=True),
        Line("Lồng ghép", 0.10, 0.4, 0.3, 0.1),
        Line("TUYỆT MẬT", 0.10, 0.2, 0.3, 0.1, is_apart=True),
        Line("TUYÊT MẶT", 0.09, 0.2, 0.3, 0.1, is_apart=True),
        Line("TUYỆT MẬT", 0.10, 0.7, 0.3, 0.1, is_apart=True),
    )
    found = search([Passage("", Source.PICTURE, 1, lines=read), Passage("", Source.PICTURE, 2, lines=read[:1])])
    assert [(hit.rule, hit.certainty.value, hit.page, hit.box and hit.box[:2]) for hit in found] == [
        ("tuyet-mat", "certain", 1, (0.10, 0.2)),
        ("tuyet-mat", "certain", 1, (0.10, 0.7)),
        ("mat", "certain", 2, (0.30, 0.2)),
    ]


@given(
    words=st.sampled_from(LEVELS),
    form=st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]),
    case=st.sampled_from([str.upper, str.lower, str.title, str.capitalize]),
    plain=st.booleans(),
    around=st.sampled_from(["{}", "  {} ", "[{}]", "* {} *", "- {} -", "«{}»", "{}.", "\ufeff{}"]),
)
def test_finds_every_form_of_a_marking_alone_on_its_line(words, form, case, plain, around):
    written = case(_without_accents(words) if plain else words)
    assert certainties(unicodedata.normalize(form, around.format(written))), written


@given(st.lists(st.sampled_from(SPOKEN.split()), min_size=8, max_size=40), st.sampled_from(["NFC", "NFD"]))
def test_running_text_never_is_one(words, form):
    assert search([Passage(unicodedata.normalize(form, " ".join(words).capitalize()), Source.TEXT, 1)]) == []


def test_keeps_nothing_of_what_it_found():
    (hit,) = search([Passage("Kế hoạch tác chiến\nTUYỆT MẬT", Source.TEXT, 4)])
    assert (hit.rule, hit.page) == ("tuyet-mat", 4)
    assert "MẬT" not in repr(hit)


def test_administrators_extend_the_table():
    extra = marking_rules.from_json(
        '[{"name": "noi-bo", "kind": "marking", "phrases": ["lưu hành nội bộ"], "capitals": "doubtful"},'
        ' {"name": "mat", "kind": "marking", "phrases": ["mật"], "small": null}]'
    )
    rules = marking_rules.extended(extra)
    assert [hit.rule for hit in search([Passage("LƯU HÀNH NỘI BỘ", Source.TEXT)], rules)] == ["noi-bo"]
    assert search([Passage("Mật", Source.TEXT)], rules) == []
    assert marking_rules.digest_of(rules) != marking_rules.digest_of(DEFAULT_RULES)


def test_the_table_travels_as_json():
    assert marking_rules.from_json(marking_rules.to_json(DEFAULT_RULES)) == DEFAULT_RULES


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        "{}",
        '[{"name": "x"}]',
        '[{"name": "x", "kind": "regex", "phrases": ["(a+)+"]}]',
        '[{"name": "x", "kind": "marking", "phrases": []}]',
        '[{"name": "x", "kind": "marking", "phrases": ["m"]}]',
        '[{"name": "x", "kind": "marking", "phrases": "mật"}]',
        '[{"name": "x y", "kind": "marking", "phrases": ["mật"]}]',
        '[{"name": "x", "kind": "marking", "phrases": ["mật"], "capitals": "perhaps"}]',
        '[{"name": "x", "kind": "marking", "phrases": ["mật"], "colour": "red"}]',
    ],
)
def test_refuses_rules_that_would_not_work_in_both_languages(text):
    with pytest.raises(marking_rules.BadRule) as caught:
        marking_rules.from_json(text)
    assert caught.value.sentence("vi") != caught.value.sentence("en")


def test_a_long_text_costs_little():
    """Work grows with the text, not with its square: a book of 2,000 lines is searched in seconds."""
    text = "Triển khai nhiệm vụ bảo vệ an ninh, mật độ dân số và tài liệu có độ mật\n" * 2_000
    assert search([Passage(text, Source.TEXT, 1), Passage("x" * 100_000, Source.TEXT, 2)]) == []


def _without_accents(text):
    apart = unicodedata.normalize("NFD", text.replace("Đ", "D"))
    return "".join(char for char in apart if not unicodedata.combining(char))


def test_a_rule_is_plain_data():
    assert Rule("x", marking_rules.Kind.MARKING, ("thử",)).small is Certainty.DOUBTFUL
