"""A small reform in four files: two provinces become one, one stays; a split, a rename, an island without communes."""

from pathlib import Path

BEFORE = """province_code,province_name,district_code,district_name,commune_code,commune_name,lat,lon
91,Tỉnh Biển,901,Huyện Bờ,90001,Thị trấn Sóng,,
91,Tỉnh Biển,901,Huyện Bờ,90002,Xã Cát,,
91,Tỉnh Biển,902,Huyện Hòn Xa,,,,
92,Tỉnh Núi,903,Huyện Đá,90003,Xã Khe,,
92,Tỉnh Núi,903,Huyện Đá,90004,Xã Suối,,
93,Tỉnh Thanh Hóa,904,Huyện Đồng,90005,Xã Lúa,,
"""
AFTER = """province_code,province_name,commune_code,commune_name,commune_type,commune_full_name,commune_name_ascii
91,Tỉnh Biển,90001,Sóng Cát,Xã,Xã Sóng Cát,Song Cat
91,Tỉnh Biển,90009,Hòn Xa,Đặc khu,Đặc khu Hòn Xa,Hon Xa
91,Tỉnh Biển,90003,Khe,Xã,Xã Khe,Khe
91,Tỉnh Biển,90013,Suối,Phường,Phường Suối,Suoi
93,Tỉnh Thanh Hoá,90005,Lúa,Xã,Xã Lúa,Lua
"""
PROVINCES = """old_province_code,old_province_name,new_province_code,new_province_name
91,Tỉnh Biển,91,Tỉnh Biển
92,Tỉnh Núi,91,Tỉnh Biển
93,Tỉnh Thanh Hóa,93,Tỉnh Thanh Hóa
"""
#: Row 7 names the code that Xã Suối had before; as the ward that it became it has another one.
COMMUNES = """old_commune_code,new_commune_code,kind,default,ambiguous_key
,90009,whole,1,0
90001,90001,whole,1,0
90002,90001,whole,1,0
90003,90003,split,1,0
90003,90004,split,0,0
90004,90004,whole,1,0
90005,90005,whole,1,0
"""


def texts(**changed: tuple[str, str]) -> dict[str, str]:
    """The four files, with one text put for another in those named."""
    files = {"before": BEFORE, "after": AFTER, "provinces": PROVINCES, "communes": COMMUNES}
    for name, (old, new) in changed.items():
        assert old in files[name]
        files[name] = files[name].replace(old, new)
    return files


def written(folder: Path, **changed: tuple[str, str]) -> list[str]:
    """The options of the command that name these files."""
    options = []
    for name, text in texts(**changed).items():
        (folder / f"{name}.csv").write_text(text, "utf-8-sig")
        options += [f"--{name}", str(folder / f"{name}.csv")]
    return options
