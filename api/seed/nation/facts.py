"""The 34 provinces and cities since 1 July 2025, with how many communes, wards and special zones each has."""

from dataclasses import dataclass
from datetime import date

#: Since when they stand like that.
SINCE = date(2025, 7, 1)


@dataclass(frozen=True)
class Province:
    """Official code and name, and how many communes (xã), wards (phường) and special zones (đặc khu) lie in it."""

    code: str
    name: str
    communes: int
    wards: int = 0
    zones: int = 0


#: National Assembly resolutions of 2025 on provinces and on the communes of each; 3,321 communes in all.
PROVINCES = (
    Province("01", "Thành phố Hà Nội", 75, 51),
    Province("04", "Tỉnh Cao Bằng", 53, 3),
    Province("08", "Tỉnh Tuyên Quang", 117, 7),
    Province("11", "Tỉnh Điện Biên", 42, 3),
    Province("12", "Tỉnh Lai Châu", 36, 2),
    Province("14", "Tỉnh Sơn La", 67, 8),
    Province("15", "Tỉnh Lào Cai", 89, 10),
    Province("19", "Tỉnh Thái Nguyên", 77, 15),
    Province("20", "Tỉnh Lạng Sơn", 61, 4),
    Province("22", "Tỉnh Quảng Ninh", 22, 30, 2),
    Province("24", "Tỉnh Bắc Ninh", 66, 33),
    Province("25", "Tỉnh Phú Thọ", 133, 15),
    Province("31", "Thành phố Hải Phòng", 67, 45, 2),
    Province("33", "Tỉnh Hưng Yên", 93, 11),
    Province("37", "Tỉnh Ninh Bình", 97, 32),
    Province("38", "Tỉnh Thanh Hóa", 147, 19),
    Province("40", "Tỉnh Nghệ An", 119, 11),
    Province("42", "Tỉnh Hà Tĩnh", 60, 9),
    Province("44", "Tỉnh Quảng Trị", 69, 8, 1),
    Province("46", "Thành phố Huế", 19, 21),
    Province("48", "Thành phố Đà Nẵng", 70, 23, 1),
    Province("51", "Tỉnh Quảng Ngãi", 86, 9, 1),
    Province("52", "Tỉnh Gia Lai", 110, 25),
    Province("56", "Tỉnh Khánh Hòa", 48, 16, 1),
    Province("66", "Tỉnh Đắk Lắk", 88, 14),
    Province("68", "Tỉnh Lâm Đồng", 103, 20, 1),
    Province("75", "Thành phố Đồng Nai", 62, 33),
    Province("79", "Thành phố Hồ Chí Minh", 54, 113, 1),
    Province("80", "Tỉnh Tây Ninh", 82, 14),
    Province("82", "Tỉnh Đồng Tháp", 82, 20),
    Province("86", "Tỉnh Vĩnh Long", 105, 19),
    Province("91", "Tỉnh An Giang", 85, 14, 3),
    Province("92", "Thành phố Cần Thơ", 72, 31),
    Province("96", "Tỉnh Cà Mau", 55, 9),
)
LAI_CHAU = next(each for each in PROVINCES if each.code == "12")

_FIRST = (
    "An Bình Cẩm Châu Đại Đông Đồng Hải Hòa Hồng Hưng Khánh Kim Lộc Long Minh Mỹ Nam Ngọc Phong Phú Phúc Quảng Quang "
    "Sơn Tam Tân Tây Thanh Thạnh Thuận Tiên Trung Trường Vĩnh Vạn Xuân Yên"
)
_SECOND = (
    "An Bình Châu Dương Đức Giang Hà Hải Hiệp Hòa Hội Hưng Lâm Lập Lộc Lợi Minh Mỹ Ninh Phong Phú Phước Quý Sơn Tâm "
    "Thành Thắng Thịnh Thọ Thủy Tiến Trạch Tường Xuân"
)
#: Names made up for communes, no two alike: real ones are no business of sample data.
COMMUNE_NAMES = [f"{first} {second}" for first in _FIRST.split() for second in _SECOND.split() if first != second]

_FAMILIES = (
    ["Nguyễn"] * 38
    + ["Trần"] * 11
    + ["Lê"] * 10
    + ["Phạm"] * 7
    + ["Hoàng"] * 5
    + ["Phan", "Vũ", "Đặng", "Bùi"] * 3
    + ["Võ", "Đỗ", "Hồ", "Ngô", "Dương", "Lý"] * 2
    + ["Lò", "Giàng", "Nông", "Triệu", "Mai"]
)
_MEN = (
    "Văn Văn Văn Đức Quang Hữu Minh Quốc Mạnh Xuân",
    "Hùng Tuấn Dũng Cường Long Thành Hải Nam Bình Khánh Trung Toàn Phong Sơn Tiến Thắng Hòa Kiên Lâm Tú Việt Đạt Huy",
)
_WOMEN = (
    "Thị Thị Thị Thu Thanh Ngọc Bích Kim Minh Hồng",
    "Hà Lan Hằng Nga Thủy Huyền Hoa Hạnh Phượng Trang Nhung Vân Mai Hương Loan Yến Thảo Dung Tuyết Liên Ngân Quỳnh",
)


def full_names() -> list[str]:
    """Names of people, as often as they are to be drawn: family, middle and given name, half of them women's."""
    return [
        f"{family} {middle} {given}"
        for middles, givens in (_MEN, _WOMEN)
        for family in _FAMILIES
        for middle in middles.split()
        for given in givens.split()
    ]
