"""What is asked about a minute: from the slide that was up, for one person, never readable off the picture's bytes."""

import io
from types import SimpleNamespace
from uuid import UUID

from PIL import Image

from archive import drawing, questions
from archive.models import PromptKind
from archive.timelines import Mark, Timeline

DECK = UUID(int=7)
TEXTS = [
    "Kết quả sáu tháng đầu năm",
    "Nhiệm vụ trọng tâm còn lại",
    "Chuyển đổi số ở cấp xã",
    "Bảo vệ rừng mùa khô",
    "Tổ chức thực hiện nghị quyết",
    "Xin trân trọng cảm ơn",
]


def timeline(texts=TEXTS, every=120.0, confidence=0.9):
    pages = [
        SimpleNamespace(
            deck_id=DECK, position=n, text=text, search_key=text.lower(), picture="p", thumbnail=f"{n}.webp"
        )
        for n, text in enumerate(texts, 1)
    ]
    found = [Mark(every * (n - 1), DECK, n, False, confidence) for n in range(1, len(texts) + 1)]
    return Timeline([SimpleNamespace(id=DECK, recording_id=None)], pages, found, None)


def drawn(kind, at=200.0, seed="a", number=0, known=None, **more):
    """The first question of this kind that some number gives."""
    made = (questions.draw(known or timeline(), at, seed=seed, number=n, **more) for n in range(number, number + 60))
    return next(question for question in made if question.kind is kind)


def test_a_picture_of_the_slide_that_was_up_among_slides_that_were_not_near():
    question = drawn(PromptKind.PICTURE)
    right = next(choice for choice in question.choices if choice["id"] == question.answer)
    assert right["path"] == "slides/2.webp"
    assert len({choice["path"] for choice in question.choices}) == 4
    assert "slides/3.webp" not in {choice["path"] for choice in question.choices}, "it came up 40 seconds later"
    assert all(choice["text"] is None for choice in question.choices)


def test_words_of_the_slide_among_words_of_others():
    question = drawn(PromptKind.WORD)
    texts = {choice["id"]: choice["text"] for choice in question.choices}
    assert texts.pop(question.answer) in TEXTS[1].lower()
    near = f"{TEXTS[1]} {TEXTS[2]}".lower()
    assert all(text not in near for text in texts.values())


def test_without_slides_or_just_after_a_change_or_with_unsure_times_it_is_a_code():
    for known, at in ((timeline([]), 200.0), (timeline(), 241.0), (timeline(confidence=0.3), 200.0)):
        kinds = {questions.draw(known, at, seed="a", number=n).kind for n in range(20)}
        assert kinds == {PromptKind.CODE}


def test_the_same_question_comes_with_the_same_choices_in_another_order_and_under_other_ids():
    first, again = (drawn(PromptKind.PICTURE) for _ in range(2))
    assert first.subject == again.subject
    assert {choice["path"] for choice in first.choices} == {choice["path"] for choice in again.choices}
    assert {choice["id"] for choice in first.choices}.isdisjoint(choice["id"] for choice in again.choices)


def test_what_the_last_person_was_asked_is_not_asked_again():
    subject = drawn(PromptKind.PICTURE).subject
    for number in range(30):
        assert questions.draw(timeline(), 200.0, seed="a", number=number, not_subject=subject).subject != subject
    assert PromptKind.WORD not in {
        questions.draw(timeline(), 200.0, seed="a", number=n, kinds=[PromptKind.PICTURE]).kind for n in range(60)
    }


def test_a_code_is_drawn_as_a_picture_and_spoken_as_words():
    picture = Image.open(io.BytesIO(drawing.draw_code("4719")))
    assert (picture.format, picture.size) == ("WEBP", (200, 80))
    dark = picture.convert("L").point(lambda light: 255 * (light < 90)).getbbox()
    assert dark is not None
    assert dark[2] - dark[0] > 120, "four digits across"
    assert questions.spoken("4719", "vi") == "bốn, bảy, một, chín"
    assert questions.spoken("0025", "en") == "zero, zero, two, five"


def test_the_picture_of_a_choice_is_small_and_never_the_same_bytes():
    page = Image.new("RGB", (240, 135), "white")
    page.paste((20, 60, 160), (30, 40, 200, 60))
    out = io.BytesIO()
    page.save(out, "WEBP")
    made = [drawing.redraw_choice(out.getvalue()) for _ in range(8)]
    assert len(set(made)) > 1
    assert max(map(len, made)) < 4096
    assert Image.open(io.BytesIO(made[0])).width == 200
