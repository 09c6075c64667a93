"""Turns presentations into PDF with LibreOffice, each in a profile of its own that is thrown away.

LibreOffice reads what strangers upload. It runs no macros and opens nothing that the document only refers to: a
picture linked by `file:///…` would show this server's own files. Its settings forbid that for PPTX, `decks` refuses it
in ODP, and where the kernel can, it gets no network and may read nothing but its own program and the one document.
"""

import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from ingest import runner
from ingest.decks import DeckKind, DeckUnreadable
from sessions.errors import Invalid

#: A deck of 32 slides takes 5 s of processor time and 300 MB; most of both is LibreOffice itself.
MOST_SECONDS = 60
MEMORY_BYTES = 4 * 2**30
#: On the clock, which goes on while others have the processor: past it, the work is tried again.
DEADLINE_SECONDS = 110.0
CONFINE = Path(__file__).with_name("confine.py")
#: Where systems keep programs and their libraries, fonts and settings; never what people upload.
SYSTEM = ("/usr", "/bin", "/lib", "/lib64", "/etc", "/dev", "/var/cache/fontconfig")
#: Which reader opens which kind. Left to guess, LibreOffice would open spreadsheets, web pages and scripts as well.
READERS = {
    DeckKind.PPTX: "Impress MS PowerPoint 2007 XML",
    DeckKind.PPT: "MS PowerPoint 97",
    DeckKind.ODP: "impress8",
}
#: Settings of LibreOffice by the path of their node (officecfg, Common.xcs and Inet.xcs).
#: A proxy that nobody answers for stands in for the network's absence where the kernel leaves the network in place.
SETTINGS = {
    "Office.Common/Security/Scripting": {
        "DisableMacrosExecution": "true",
        "MacroSecurityLevel": "3",
        "BlockUntrustedRefererLinks": "true",
    },
    "Inet/Settings": {
        "ooInetProxyType": "2",
        "ooInetHTTPProxyName": "127.0.0.1",
        "ooInetHTTPProxyPort": "9",
        "ooInetHTTPSProxyName": "127.0.0.1",
        "ooInetHTTPSProxyPort": "9",
    },
}


class OfficeMissing(Invalid):
    code = "office-missing"
    vi = (
        "Máy chủ này chưa cài LibreOffice nên không đọc được tệp PowerPoint hay Impress. "
        "Hãy xuất bài trình chiếu thành PDF rồi tải lên, hoặc nhờ quản trị viên cài LibreOffice."
    )
    en = (
        "This server has no LibreOffice, so it cannot read PowerPoint or Impress files. "
        "Export the presentation as PDF and upload that, or ask the administrator to install LibreOffice."
    )


class DeckTooHeavy(Invalid):
    code = "deck-too-heavy"
    vi = "Chuyển bài trình chiếu này sang PDF mất quá {seconds} giây máy tính. Hãy tự xuất thành PDF rồi tải lên."
    en = "To turn this presentation into PDF takes over {seconds} seconds of computing. Export it as PDF yourself."


def to_pdf(document: Path, folder: Path, kind: DeckKind, *, on_wait: Callable[[], None] | None = None) -> Path:
    """Write a PPTX, PPT or ODP as `deck.pdf` into `folder`, without its hidden slides and notes.

    `on_wait` is called at least once a second; what it raises stops the work. Raises OfficeMissing, DeckUnreadable,
    DeckTooHeavy, ToolTimedOut.
    """
    program = shutil.which("soffice")
    if program is None:
        raise OfficeMissing
    source, made = folder / f"deck.{kind}", folder / "deck.pdf"
    source.symlink_to(document.resolve())  # LibreOffice also looks at the ending, which uploads don't have.
    _write_settings(folder / "profile")
    readable = ":".join([*SYSTEM, str(Path(program).resolve().parents[1]), str(document.resolve())])
    command = [sys.executable, "-I", "-S", str(CONFINE), str(folder), readable]
    command += [program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore"]
    command += ["--nolockcheck", f"--infilter={READERS[kind]}", "--convert-to", "pdf:impress_pdf_Export"]
    try:
        runner.run(
            [*command, "--outdir", str(folder), str(source)],
            deadline_seconds=DEADLINE_SECONDS,
            on_progress=on_wait and (lambda _: on_wait()),
            nice=0,  # It takes seconds; as far back as encoders that take hours, it would not get them by its deadline.
            memory_bytes=MEMORY_BYTES,
            cpu_seconds=MOST_SECONDS,
            offline=True,
        )
    except runner.ToolFailed as error:
        if _ran_out_of_time(error):
            raise DeckTooHeavy(seconds=MOST_SECONDS) from error
        raise DeckUnreadable from error
    if not made.exists():  # It ends well even when it could not read the document.
        raise DeckUnreadable
    return made


def _ran_out_of_time(error: runner.ToolFailed) -> bool:
    """Whether the kernel's signal for spent processor time ended it; LibreOffice turns that into a crash of its own."""
    spent = int(signal.SIGXCPU)
    return error.facts["exit_code"] in (-spent, 128 + spent) or f"Signal {spent}\n" in error.stderr_tail


def _write_settings(profile: Path) -> None:
    """Make a profile that holds nothing but our settings."""
    items = "".join(
        f'<item oor:path="/org.openoffice.{path}">'
        f'<prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>\n'
        for path, properties in SETTINGS.items()
        for name, value in properties.items()
    )
    names = 'xmlns:oor="http://openoffice.org/2001/registry"'
    (profile / "user").mkdir(parents=True)
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<oor:items {names}>\n{items}</oor:items>\n'
    (profile / "user" / "registrymodifications.xcu").write_text(text)
