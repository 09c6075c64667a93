"""Made-up people of Lai Châu: names drawn from short lists, family, middle and given names of one people together."""

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class _Names:
    """How one people names its men and women, and how often it is drawn."""

    weight: int
    families: str
    men: tuple[str, str]
    women: tuple[str, str]


#: (middle names, given names); each list is a line of words.
_PEOPLES = (
    _Names(  # Thái
        34,
        "Lò Lò Lò Quàng Lường Tòng Hoàng Lù Vàng Điêu Nùng Cà Mào",
        ("Văn Văn Văn Xuân Minh", "Thắng Ơn Hặc Pâng Thương Sơn Hùng Diện Biên Chung Dũng Inh Phong Panh Tiến"),
        ("Thị Thị Thị Thu Thanh", "Pâng Hương Lả Phương Xôm Duyên Thoa Mai Ngọc Hiên Yến Loan Diên Chom Thúy"),
    ),
    _Names(  # Mông
        24,
        "Giàng Giàng Sùng Sùng Vàng Thào Mùa Hạng Lầu Cứ Ma Phàng",
        ("A A A A", "Páo Dế Chu Lử Sà Tủa Dơ Sình Chinh Vảng Lềnh Dình Của Khua Nủ Hừ"),
        ("Thị Thị Thị", "Mỷ Dở Sua Chư Pàng Máy Dợ Si Chía Sông Xua Ly"),
    ),
    _Names(  # Kinh
        20,
        "Nguyễn Nguyễn Nguyễn Trần Lê Phạm Đỗ Bùi Vũ Hoàng Đặng Ngô",
        ("Văn Văn Đức Quang Hữu Minh Quốc Mạnh", "Hùng Tuấn Dũng Cường Long Thành Hải Nam Bình Khánh Trung Toàn"),
        ("Thị Thị Thị Thu Thanh Ngọc Bích", "Hà Lan Hằng Nga Thủy Huyền Hoa Hạnh Phượng Trang Nhung Vân"),
    ),
    _Names(  # Dao
        14,
        "Tẩn Tẩn Phàn Chẻo Lý Tả Vàng",
        ("A U Dào Văn Phủ", "Sơn Phủ Hồng San Khé Nái Chiêu Minh Quáng Vảng Seng Lai"),
        ("Thị Thị Mỷ Tả", "Mẩy Liều Pham Sú Lai Tình Nái Sểnh Chản Hương"),
    ),
    _Names(  # Hà Nhì
        8,
        "Pờ Ly Lỳ Chang Khoàng Lò Vù",
        ("Xè Gò Hừ Go Văn", "Chừ Hừ Xá Lòng Po Cà Nụ Giá Khừ"),
        ("Xó Mò Thị Lò", "De Pớ Pư Xó Mé Nu Xừ Chừ"),
    ),
)


def draw(random: Random) -> str:
    """Draw one full name; the same seed of `random` gives the same people."""
    people = random.choices(_PEOPLES, weights=[each.weight for each in _PEOPLES])[0]
    middles, givens = random.choice((people.men, people.women))
    return " ".join(random.choice(words.split()) for words in (people.families, middles, givens))


def draw_many(random: Random, count: int, apart_from: frozenset[str] = frozenset()) -> list[str]:
    """Draw that many full names, no two alike and none of `apart_from`."""
    drawn: dict[str, None] = {}
    while len(drawn) < count:
        name = draw(random)
        if name not in apart_from:
            drawn[name] = None
    return list(drawn)
