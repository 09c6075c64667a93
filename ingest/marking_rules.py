"""What counts as a classification marking: a table of plain data that an administrator can extend.

Phrases are written as they are meant, with accents; the search allows for missing accents, capitals, broken encodings
and spaced letters by itself. There are no regular expressions, so that no rule can be slow or hard to read.

Sources: the stamps of Circular 24/2020/TT-BCA (forms of the Law on the Protection of State Secrets, 2018) and banners
as in the US Controlled Access Program guide.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from sessions.errors import Invalid

MOST_RULES, MOST_PHRASES, MOST_WORDS, MOST_LETTERS = 1_000, 500, 12, 100


class Certainty(StrEnum):
    """How sure a finding is: certain is a marking, doubtful waits for a person."""

    CERTAIN = "certain"
    DOUBTFUL = "doubtful"


class Kind(StrEnum):
    """What a rule's phrases are."""

    #: A marking where it stands alone: on its line, in its cell, between separators; in a name, set off from the rest.
    MARKING = "marking"
    #: A marking wherever it stands, in running text too.
    PHRASE = "phrase"
    #: What stands before a level: "Độ mật: …". A marking behind it is certain, even in small letters.
    LABEL = "label"
    #: May stand beside a marking, and leaves it one: "Tài liệu MẬT số 03".
    COMPANION = "companion"
    #: A level that is free. Behind a label it makes that clean, and among levels it makes a list.
    FREE = "free"
    #: Ordinary words that hold those of a marking: "mật độ". `of` may name the rules concerned.
    ORDINARY = "ordinary"
    #: Whoever says this speaks about classification: what stands alone there is at most doubtful.
    SUBJECT = "subject"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table. The three certainties are for MARKING and PHRASE; None means that it is no marking so.

    `ladder` names the row of levels that a marking belongs to: several of one ladder side by side are a list of levels,
    as lessons on the law have, and not a stamp. For LABEL, `small` is what a value that is no known level means.
    """

    name: str
    kind: Kind
    phrases: tuple[str, ...]
    capitals: Certainty | None = Certainty.CERTAIN
    small: Certainty | None = Certainty.DOUBTFUL
    no_accents: Certainty | None = Certainty.CERTAIN  # in capitals; where the phrase has no accents, `capitals` counts
    ladder: str = ""


class BadRule(Invalid):
    code = "bad-rule"
    vi = "Quy tắc «{rule}» không dùng được: {fault_vi}."
    en = "The rule “{rule}” cannot be used: {fault_en}."


def _marking(name: str, *phrases: str, **more: Any) -> Rule:
    return Rule(name, Kind.MARKING, phrases, **more)


_DOUBTFUL = Certainty.DOUBTFUL

DEFAULT_RULES: tuple[Rule, ...] = (
    # The levels of the Law on the Protection of State Secrets, article 8. "MAT" alone may be another word: "mặt".
    _marking("tuyet-mat", "tuyệt mật", ladder="vi"),
    _marking("toi-mat", "tối mật", ladder="vi"),
    _marking("mat", "mật", no_accents=_DOUBTFUL, ladder="vi"),
    # Stamps that stand beside or instead of a level.
    _marking("thu-hoi", "tài liệu thu hồi", "thu hồi sau hội nghị", "thu hồi sau cuộc họp",
             "thu hồi tài liệu sau hội nghị", small=Certainty.CERTAIN),
    _marking("boc-bi", "chỉ người có tên mới được bóc bì", small=Certainty.CERTAIN),
    _marking("ban-sao", "bản sao bí mật nhà nước", "bản trích sao bí mật nhà nước"),
    _marking("khong-pho-bien", "không phổ biến", "cấm phổ biến", "cấm sao chụp", "không sao chụp", capitals=_DOUBTFUL,
             no_accents=_DOUBTFUL),
    # Banners in English. In small letters many a company puts them on everything: a person decides.
    _marking("top-secret", "top secret", ladder="en"),
    _marking("secret", "secret", ladder="en"),
    _marking("confidential", "confidential", ladder="en"),
    _marking("restricted", "restricted", ladder="en"),
    _marking("classified", "classified", ladder="en"),
    # A text that says this of itself.
    Rule("this-is-secret", Kind.PHRASE, (
        "tài liệu này thuộc độ mật", "tài liệu này có độ mật", "tài liệu này là bí mật nhà nước",
        "tài liệu này thuộc bí mật nhà nước", "tài liệu này thuộc danh mục bí mật nhà nước",
        "tài liệu này là tài liệu mật", "văn bản này thuộc độ mật", "văn bản này là bí mật nhà nước",
        "this document is classified", "this document contains classified information", "this briefing is classified",
    ), capitals=_DOUBTFUL, no_accents=_DOUBTFUL),
    Rule("do-mat", Kind.LABEL, (
        "độ mật", "mức độ mật", "mức mật", "cấp độ mật", "cấp mật", "phân loại mật", "dấu độ mật", "dấu chỉ độ mật",
        "độ mật của tài liệu", "độ mật của văn bản", "độ mật tài liệu", "độ mật văn bản",
    )),
    Rule("classification", Kind.LABEL, (
        "độ bảo mật", "mức độ bảo mật", "classification", "security classification", "classification level",
        "security level", "security marking", "protective marking", "sensitivity", "sensitivity label", "handling",
        "derived from", "overall classification",
    ), small=None),
    Rule("companions", Kind.COMPANION, (
        "tài liệu", "tư liệu", "văn bản", "báo cáo", "hồ sơ", "công văn", "bản", "bản số", "bản sao", "độ", "đóng dấu",
        "tập", "trang", "tờ", "kế hoạch", "đề án", "tờ trình", "biên bản", "nghị quyết", "thông báo", "số", "lưu hành",
        "nội bộ", "khẩn", "thượng khẩn", "hỏa tốc", "hoả tốc", "không phổ biến", "không sao chụp", "cấm sao chụp",
        "thu hồi", "sau hội nghị", "sau cuộc họp", "sau khi họp", "xem xong trả lại", "bài trình chiếu", "slide",
        "strictly", "company", "highly", "document", "information", "private and", "noforn", "orcon", "rel to", "usa",
        "fvey", "nato", "eyes only", "page", "do not distribute", "do not copy", "not for distribution", "copy", "no",
        "special handling required", "proprietary and", "proprietary", "draft", "report", "and", "material", "sci",
        "si",
    )),
    Rule("free", Kind.FREE, (
        "không", "không mật", "thường", "bình thường", "công khai", "không có", "nội bộ", "lưu hành nội bộ",
        "không phải tài liệu mật", "không phân loại", "unclassified", "not classified", "none", "public", "internal",
        "internal use only", "official", "general", "personal", "open", "for official use only",
    )),
    Rule("ordinary", Kind.ORDINARY, (
        "bảo mật", "bí mật", "độ mật", "cơ mật", "thân mật", "an ninh mật", "mật độ", "mật ong", "mật khẩu", "mật mã",
        "mật thiết", "mật vụ", "mật thư", "mật danh", "mật phục", "mật lệnh", "mật nghị", "mật hiệu", "mật mía",
        "mật gấu", "mật rỉ", "mật đường", "mật hoa", "mật tông", "mật thất", "mật đàm", "mật ngọt", "ong mật",
        "hoa mật", "túi mật", "gan mật", "sỏi mật", "ống mật", "đường mật", "nước mật", "rỉ mật", "lấy mật", "hút mật",
        "tuần trăng mật", "trăng mật", "hũ mật", "giọt mật", "mật tụy", "mật tuỵ", "mật và tụy", "vị mật", "nuôi ong",
        "phấn hoa",
        # Written without accents: mặt, mắt, mát, mất, mạt and their company.
        "mặt trận", "mặt trời", "mặt bằng", "mặt tiền", "mặt đất", "mặt nước", "mặt hàng", "mặt đường", "mặt cắt",
        "mặt khác", "mặt phẳng", "bề mặt", "có mặt", "vắng mặt", "tiền mặt", "ra mắt", "bộ mặt", "gương mặt",
        "gặp mặt", "khuôn mặt", "họp mặt", "trước mắt", "đau mắt", "bắt mắt", "nước mắt", "khám mắt", "bệnh mắt",
        "mắt kính", "tai mắt", "mất mát", "mất nước", "mất điện", "mất đất", "mất an toàn", "mất cân", "mất tích",
        "mất mùa", "mát mẻ", "làm mát", "thoáng mát", "ma trận mặt", "cán mặt", "chóng mặt", "rửa mặt", "đối mặt",
        "mặt nạ", "secret sharing", "secret santa", "secret garden", "secret key", "secret keys", "secret manager",
        "secret ballot", "secret service", "shared secret", "client secret", "trade secret", "open secret",
        "the secret of", "secret of", "secret to", "secret recipe", "secret agent", "secret code", "secret weapon",
        "victoria s secret", "restricted area", "restricted areas", "restricted access", "restricted boltzmann",
        "restricted zone", "restricted stock", "restricted diet", "restricted entry", "restricted parking",
        "restricted use", "confidential computing", "confidential informant", "classified ads", "classified ad",
        "classified advertising", "classified as", "mat lab", "yoga mat", "floor mat", "mat trial",
    )),
    Rule("subject", Kind.SUBJECT, (
        "luật bảo vệ bí mật nhà nước", "bảo vệ bí mật nhà nước", "pháp lệnh bảo vệ bí mật nhà nước", "cấp độ mật",
        "các độ mật", "ba độ mật", "phân loại bí mật", "phân loại độ mật", "xác định độ mật",
        "danh mục bí mật nhà nước", "mức độ mật của", "giải mật", "dấu chỉ độ mật", "dấu độ mật", "mẫu dấu",
        "quản lý tài liệu mật", "quản lý văn bản mật", "bảo vệ tài liệu mật", "sử dụng tài liệu mật",
        "xử lý văn bản mật", "soạn thảo văn bản mật", "tài liệu mật phải", "tài liệu mật là", "văn bản mật đi",
        "văn bản mật đến", "độ tuyệt mật", "độ tối mật", "classification levels", "levels of classification",
        "security classifications", "classified information", "data classification", "information classification",
        "classification scheme", "handling of secret", "confidentiality integrity",
    )),
)  # fmt: skip


def extended(extra: Sequence[Rule], rules: Sequence[Rule] = DEFAULT_RULES) -> tuple[Rule, ...]:
    """Add rules to a table; one of the same name takes the place of the old one. Raises BadRule."""
    for rule in extra:
        _demand_sound(rule)
    table = {rule.name: rule for rule in (*rules, *extra)}
    if len(table) > MOST_RULES:
        raise BadRule(
            rule="*", fault_vi=f"quá {MOST_RULES} quy tắc", fault_en=f"there are more than {MOST_RULES} rules"
        )
    return tuple(table.values())


def to_json(rules: Sequence[Rule]) -> str:
    """Write a table for people to read and change: a list of objects, one for each rule."""
    return json.dumps([asdict(rule) for rule in rules], ensure_ascii=False, indent=2)


def from_json(text: str) -> tuple[Rule, ...]:
    """Read a table that `to_json` or an administrator wrote; what is left out has its default. Raises BadRule."""
    try:
        listed = json.loads(text)
    except ValueError as error:
        raise BadRule(
            rule="*", fault_vi=f"không phải JSON ({error})", fault_en=f"this is not JSON ({error})"
        ) from error
    if not isinstance(listed, list):
        raise BadRule(rule="*", fault_vi="cần một danh sách quy tắc", fault_en="a list of rules is needed")
    return extended([_rule_of(entry) for entry in listed], ())


def digest_of(rules: Sequence[Rule]) -> str:
    """Tell tables apart: what was searched by another one is to be searched again."""
    return hashlib.sha256(to_json(rules).encode()).hexdigest()


def _rule_of(entry: object) -> Rule:
    name = str(entry.get("name", "?")) if isinstance(entry, dict) else "?"
    if not isinstance(entry, dict) or not {"name", "kind", "phrases"} <= entry.keys():
        raise BadRule(rule=name, fault_vi="cần có name, kind và phrases", fault_en="it needs name, kind and phrases")
    known = {field.name for field in fields(Rule)}
    if unknown := sorted(map(str, entry.keys() - known)):
        listed = ", ".join(unknown)
        raise BadRule(rule=name, fault_vi=f"không hiểu mục {listed}", fault_en=f"{listed} is not known")
    phrases = entry["phrases"]
    if not isinstance(phrases, list) or not all(isinstance(phrase, str) for phrase in phrases):
        raise BadRule(rule=name, fault_vi="phrases phải là danh sách chữ", fault_en="phrases must be a list of texts")
    try:
        sure = {
            key: entry[key] and Certainty(entry[key]) for key in ("capitals", "small", "no_accents") if key in entry
        }
        rule = Rule(name, Kind(entry["kind"]), tuple(phrases), **sure, ladder=str(entry.get("ladder", "")))
    except ValueError as error:
        raise BadRule(rule=name, fault_vi=f"giá trị lạ ({error})", fault_en=f"an unknown value ({error})") from error
    _demand_sound(rule)
    return rule


def _demand_sound(rule: Rule) -> None:
    """Refuse what would never be found, or would be found everywhere."""
    if not rule.name or len(rule.name) > MOST_LETTERS or not rule.name.replace("-", "").isalnum():
        raise BadRule(
            rule=rule.name[:MOST_LETTERS],
            fault_vi="tên chỉ gồm chữ, số và dấu gạch nối",
            fault_en="its name may only have letters, digits and hyphens",
        )
    if not 1 <= len(rule.phrases) <= MOST_PHRASES:
        raise BadRule(
            rule=rule.name,
            fault_vi=f"cần từ 1 đến {MOST_PHRASES} cụm từ",
            fault_en=f"it needs 1 to {MOST_PHRASES} phrases",
        )
    for phrase in rule.phrases:
        if sum(char.isalpha() for char in phrase) < 2 or len(phrase) > MOST_LETTERS or len(phrase.split()) > MOST_WORDS:
            raise BadRule(
                rule=rule.name,
                fault_vi=f"cụm từ «{phrase[:MOST_LETTERS]}» cần 2 đến {MOST_LETTERS} chữ, tối đa {MOST_WORDS} từ",
                fault_en=f"“{phrase[:MOST_LETTERS]}” needs 2 to {MOST_LETTERS} letters, at most {MOST_WORDS} words",
            )
