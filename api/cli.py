"""The command line of Diem Cau: `diemcau up`, `serve`, `worker`, `migrate`, `administrator`, `seed`, …

Each command names where its work lives, and only that is loaded: `up` stays in memory as long as the system runs, and
need not hold the web framework there.
"""

import argparse
import gc
import os
import sys
from datetime import date
from importlib import import_module
from pathlib import Path
from types import ModuleType
from uuid import UUID

from pydantic import ValidationError

from api.embedded import runstate
from sessions.errors import DomainError
from sessions.settings import register_settings

#: The first day of the units as they are today, after the reform of 2025.
REFORM = date(2025, 7, 1)
#: Since when units from files are taken to have stood, unless said otherwise.
KNOWN_FROM = date(2020, 1, 1)

#: Exit status of a command that could not run; 1 is left to commands that ran and found something wrong.
_COULD_NOT_RUN = 2
_INTERRUPTED = 130
_UP = "api.embedded.up:run"
_TRANSCODE = "api.transcode:run"
_INSPECT = "api.inspect:run"


def main(words: list[str] | None = None) -> int:
    """Run one command and return its exit status. A refusal prints its sentence, in both languages."""
    arguments = _parser().parse_args(words)
    module, function = arguments.does.split(":")
    try:
        if arguments.does not in {_UP, _TRANSCODE, _INSPECT}:
            _join_what_runs()
        status: int = getattr(_load(module), function)(arguments)
    except DomainError as refusal:
        print(refusal.sentence("vi"), refusal.sentence("en"), sep="\n", file=sys.stderr)
        return _COULD_NOT_RUN
    except ValidationError as wrong:
        _explain_settings(wrong)
        return _COULD_NOT_RUN
    except KeyboardInterrupt:
        return _INTERRUPTED
    return status


def _load(module: str) -> ModuleType:
    """Import what a command needs. Nothing of it becomes garbage, so it is not searched for any, now or later."""
    gc.disable()
    try:
        return import_module(module)
    finally:
        gc.freeze()
        gc.enable()


def _join_what_runs() -> None:
    """Beside a running `up`, a command uses its servers; what a person set in the environment comes first."""
    for name, value in runstate.servers_of(register_settings().data_dir).items():
        os.environ.setdefault(name, value)
    register_settings.cache_clear()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="diemcau", description="Điểm Cầu: hội nghị nhiều điểm cầu, xem lại, điểm danh."
    )
    commands = parser.add_subparsers(title="lệnh / commands", metavar="LỆNH", required=True)

    up = commands.add_parser("up", help="chạy toàn bộ hệ thống trên máy này / run the whole system on this machine")
    up.add_argument("--port", type=int, help="cổng của trang web / port of the site")
    up.add_argument("--seed", choices=["demo"], help="nạp dữ liệu dùng thử nếu chưa có / bring in demo data, once")
    up.set_defaults(does=_UP)

    serve = commands.add_parser("serve", help="chỉ chạy trang web / run the site alone")
    serve.add_argument("--socket", type=int, metavar="N", help="socket đã mở sẵn / an open socket to listen on")
    serve.set_defaults(does="api.serve:run")

    worker = commands.add_parser("worker", help="chỉ chạy bộ xử lý bản ghi / run the workers and their clock alone")
    worker.set_defaults(does="api.work:run")

    migrate = commands.add_parser("migrate", help="cập nhật cấu trúc dữ liệu / bring the database's schema up to date")
    migrate.set_defaults(does="api.migrations:run")
    _add_beginnings(commands)
    _add_rolls(commands)
    _add_intake(commands)
    _add_tools(commands)
    return parser


def _add_beginnings(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Commands that fill an empty installation."""
    administrator = commands.add_parser(
        "administrator", help="thêm quản trị viên đầu tiên / add the first administrator"
    )
    administrator.add_argument("username", help="tên đăng nhập / user name")
    administrator.add_argument("--name", required=True, help="họ tên / full name")
    administrator.add_argument("--unit", required=True, help="đơn vị cao nhất / the topmost unit")
    administrator.add_argument(
        "--kind",
        default="province",
        choices=["centre", "province", "district", "commune", "agency"],
        help="cấp / level",
    )
    administrator.add_argument(
        "--since",
        type=date.fromisoformat,
        default=REFORM,
        metavar="YYYY-MM-DD",
        help=f"ngày đơn vị bắt đầu hoạt động / first day of the unit ({REFORM})",
    )
    administrator.set_defaults(does="api.founding:add_administrator")

    seed = commands.add_parser("seed", help="nạp dữ liệu mẫu / bring in sample data")
    seed.add_argument(
        "--scale", choices=["demo", "province", "nation"], required=True, help="cỡ dữ liệu / how much of it"
    )
    # `up` shows them itself, in a frame.
    seed.add_argument("--no-logins", action="store_true", help=argparse.SUPPRESS)
    seed.set_defaults(does="api.demo:bring_in")

    _add_units(commands)
    logins = commands.add_parser("logins", help="các tài khoản dùng thử / the accounts of the demo")
    logins.set_defaults(does="api.demo:show_logins")


def _add_rolls(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Commands that look after the rolls."""
    roster = commands.add_parser(
        "import-roster", help="nhập danh sách người từ .xlsx hoặc .csv / take over a list of people from a file"
    )
    roster.add_argument("file", type=Path, help="tệp danh sách / the file")
    roster.add_argument("--unit", required=True, help="tên hoặc mã đơn vị / the unit's name or code")
    roster.add_argument("--dry-run", action="store_true", help="chỉ xem trước / only say what would happen")
    roster.set_defaults(does="api.rosters:run")


def _add_units(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    units = commands.add_parser(
        "import-units", help="nhập cây đơn vị trước và sau sắp xếp / bring in the units before and after a reform"
    )
    for name, what in (
        ("before", "tỉnh, huyện, xã trước đó / provinces, districts, communes before"),
        ("after", "tỉnh, xã từ ngày đó / provinces and communes since"),
        ("provinces", "tỉnh cũ thành tỉnh mới / old provinces to new ones"),
        ("communes", "xã cũ thành xã mới / old communes to new ones"),
    ):
        units.add_argument(f"--{name}", type=Path, required=True, metavar="FILE", help=what)
    for name, default, what in (
        ("on", REFORM, "ngày sắp xếp / the day of the reform"),
        ("since", KNOWN_FROM, "ngày đầu của cây cũ / since when the old units stood"),
    ):
        units.add_argument(
            f"--{name}", type=date.fromisoformat, default=default, metavar="YYYY-MM-DD", help=f"{what} ({default})"
        )
    units.add_argument("--under", metavar="NAME", help="đơn vị trên các tỉnh / the unit above the provinces")
    units.add_argument("--check", action="store_true", help="chỉ đối chiếu, không nhập / only check every row")
    units.set_defaults(does="api.units_cli:import_units")


def _add_intake(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Commands that take in material which lies on this machine."""
    ingest = commands.add_parser(
        "ingest", help="đưa tệp, thư mục BigBlueButton, Zoom, Opencast vào hệ thống / take in files and recordings"
    )
    ingest.add_argument("paths", type=Path, nargs="+", metavar="PATH", help="tệp, thư mục, zip / file, folder or zip")
    ingest.add_argument("--session", type=UUID, required=True, metavar="ID", help="mã hội nghị / the conference")
    ingest.add_argument("--part", type=UUID, metavar="ID", help="phần của hội nghị / the part that it shows")
    ingest.add_argument(
        "--kind", choices=["recording", "deck"], help="nói rõ loại tệp / what the files are (found out if not given)"
    )
    ingest.add_argument("--by", required=True, metavar="USERNAME", help="người tải lên / who counts as the uploader")
    ingest.add_argument(
        "--not-classified", action="store_true", help="khai: không có tài liệu mật / declare that nothing is classified"
    )
    ingest.add_argument("--with-chat", action="store_true", help="giữ cả nội dung trò chuyện / keep the chat, too")
    ingest.set_defaults(does="api.ingest_cli:run")

    watch = commands.add_parser(
        "watch", help="lấy ngay những gì đã để trong thư mục được theo dõi / look at the watched places once, now"
    )
    watch.set_defaults(does="api.ingest_cli:look_once")


def _add_tools(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Commands that need no running system, or only look at one."""
    verify = commands.add_parser(
        "verify", help="kiểm chứng nhật ký, lượt xem và tệp / prove the audit chain, the watch log and the files"
    )
    verify.set_defaults(does="api.verify:run")

    rescan = commands.add_parser(
        "rescan",
        help="soát lại dấu mật trong kho sau khi đổi quy tắc / search the archive again after a change of rules",
    )
    rescan.set_defaults(does="api.rescan:run")

    inspect = commands.add_parser(
        "inspect", help="xem tệp nào sẽ được nhận, giữ lại, từ chối và vì sao / say which files would be taken, and why"
    )
    inspect.add_argument("paths", type=Path, nargs="+", metavar="PATH", help="tệp hay thư mục / files or folders")
    inspect.add_argument("--json", action="store_true", help="in ra dạng JSON / print JSON")
    inspect.set_defaults(does=_INSPECT)

    transcode = commands.add_parser(
        "transcode", help="tạo mọi phiên bản của một bản ghi, không cần máy chủ / make every form of a recording, alone"
    )
    transcode.add_argument("file", type=Path, help="bản ghi / the recording")
    transcode.add_argument("--slides", type=Path, metavar="PDF", help="trang chiếu / its slides")
    transcode.add_argument("--out", type=Path, required=True, metavar="DIR", help="thư mục kết quả / where to put all")
    transcode.add_argument("--workers", type=int, help="số việc chạy cùng lúc / how many parts at once (all cores)")
    transcode.set_defaults(does=_TRANSCODE)

    _add_xapi(commands)
    openapi = commands.add_parser(
        "openapi", help="in mô tả giao diện HTTP / print the description of the HTTP interface"
    )
    openapi.set_defaults(does="api.contract:show")


def _add_xapi(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Commands that tell other systems what was watched."""
    export = commands.add_parser("export", help="xuất dữ liệu cho hệ thống khác / write data for other systems")
    kinds = export.add_subparsers(title="loại / kinds", metavar="LOẠI", required=True)
    xapi = kinds.add_parser("xapi", help="lượt xem và công nhận, theo xAPI / viewings and credits, in xAPI")
    xapi.add_argument("--session", type=UUID, metavar="ID", help="chỉ một hội nghị / one conference only")
    xapi.add_argument(
        "--since", metavar="YYYY-MM-DD[THH:MM]", help="chỉ những gì xảy ra từ lúc này / only what happened since"
    )
    xapi.add_argument("--lines", action="store_true", help="mỗi dòng một phát biểu / one statement per line")
    xapi.add_argument("--out", type=Path, metavar="FILE", help="tệp kết quả / the file to write")
    xapi.set_defaults(does="api.export:xapi")

    forward = commands.add_parser("forward", help="gửi ngay sang hệ thống khác / send to other systems at once")
    kinds = forward.add_subparsers(title="loại / kinds", metavar="LOẠI", required=True)
    xapi = kinds.add_parser("xapi", help="sang kho xAPI đã đặt / to the learning record store that is set")
    xapi.set_defaults(does="api.export:forward")


def _explain_settings(wrong: ValidationError) -> None:
    """Name each setting that cannot be used; its value stays out, since it may be a secret."""
    print("Có thiết lập không dùng được / Some settings cannot be used:", file=sys.stderr)
    for fault in wrong.errors():
        print(f"  DIEMCAU_{'_'.join(map(str, fault['loc'])).upper()}: {fault['msg']}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
