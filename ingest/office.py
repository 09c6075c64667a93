"""Turns presentations into PDF with LibreOffice."""

import shutil
from pathlib import Path

from ingest import runner
from sessions.errors import Invalid

DEADLINE_SECONDS = 100.0


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


def to_pdf(document: Path, folder: Path) -> Path:
    """Write the presentation as a PDF into `folder`. Raises OfficeMissing, ToolFailed, ToolTimedOut."""
    program = shutil.which("soffice")
    if program is None:
        raise OfficeMissing
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [program, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(document)]
    runner.run(command, deadline_seconds=DEADLINE_SECONDS)
    return folder / f"{document.stem}.pdf"
