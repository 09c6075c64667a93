"""Presentations for the tests, written part by part: small, valid, and with whatever a test wants to be wrong in them.

PPTX after ECMA-376 part 1, ODP after OpenDocument 1.2; only the parts that a reader needs.
"""

import io
import random
import zipfile
from xml.sax.saxutils import escape, quoteattr

from msoffcrypto.format.ooxml import OOXMLFile

_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_P = "http://schemas.openxmlformats.org/presentationml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_NAMES = f'xmlns:a="{_A}" xmlns:p="{_P}" xmlns:r="{_R}"'
_TYPE = "application/vnd.openxmlformats-officedocument.presentationml."


def pptx(path, sentences, *, notes=(), hidden=(), title="", comment="", linked=None, order=None, extra=()):
    """Write a PPTX with a slide for each sentence.

    `notes` has (page, text), `hidden` pages that are not shown, `linked` the address of a picture outside the file,
    `order` the numbers of slide files in their order on the screen, `extra` more (name, content) of the package.
    """
    parts = dict(_slides(sentences, dict(notes), hidden, linked))
    order = order or range(1, len(sentences) + 1)
    parts["ppt/presentation.xml"] = _presentation(order)
    parts["ppt/_rels/presentation.xml.rels"] = _rels([(f"s{n}", "slide", f"slides/slide{n}.xml") for n in order])
    parts["docProps/core.xml"] = _core(title)
    if comment:
        parts["ppt/comments/comment1.xml"] = (
            f"<p:cmLst {_NAMES}><p:cm><p:text>{escape(comment)}</p:text></p:cm></p:cmLst>"
        )
    parts["_rels/.rels"] = _rels(
        [("d", "officeDocument", "ppt/presentation.xml"), ("c", "metadata/core-properties", "docProps/core.xml")]
    )
    parts["[Content_Types].xml"] = _content_types(parts)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in [*parts.items(), *extra]:
            package.writestr(name, _HEAD + content if isinstance(content, str) else content)
    return path


def _slides(sentences, notes, hidden, linked):
    for number, sentence in enumerate(sentences, 1):
        shown = ' show="0"' if number in hidden else ""
        yield f"ppt/slides/slide{number}.xml", _page("sld", sentence, attributes=shown, linked=bool(linked))
        rels = [("n", "notesSlide", f"../notesSlides/notesSlide{number}.xml")] if number in notes else []
        if linked:
            rels.append(("x", "image", linked))
        yield f"ppt/slides/_rels/slide{number}.xml.rels", _rels(rels)
        if number in notes:
            yield f"ppt/notesSlides/notesSlide{number}.xml", _page("notes", notes[number])
            rel = ("s", "slide", f"../slides/slide{number}.xml")
            yield f"ppt/notesSlides/_rels/notesSlide{number}.xml.rels", _rels([rel])


def _page(element, text, *, attributes="", linked=False):
    paragraphs = "".join(f"<a:p><a:r><a:t>{escape(line)}</a:t></a:r></a:p>" for line in text.split("\n"))
    picture = (
        '<p:pic><p:nvPicPr><p:cNvPr id="9" name="linked"/><p:cNvPicPr/><p:nvPr/></p:nvPicPr>'
        '<p:blipFill><a:blip r:link="x"/><a:stretch><a:fillRect/></a:stretch></p:blipFill>'
        '<p:spPr><a:xfrm><a:off x="4000000" y="3000000"/><a:ext cx="4000000" cy="3000000"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr></p:pic>'
    )
    return (
        f"<p:{element} {_NAMES}{attributes}><p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id='1' name=''/><p:cNvGrpSpPr/>"
        "<p:nvPr/></p:nvGrpSpPr><p:grpSpPr/><p:sp><p:nvSpPr><p:cNvPr id='2' name='Text'/><p:cNvSpPr/><p:nvPr/>"
        "</p:nvSpPr><p:spPr><a:xfrm><a:off x='600000' y='600000'/><a:ext cx='8000000' cy='1500000'/></a:xfrm>"
        "<a:prstGeom prst='rect'><a:avLst/></a:prstGeom></p:spPr>"
        f"<p:txBody><a:bodyPr/>{paragraphs}</p:txBody></p:sp>{picture if linked else ''}</p:spTree></p:cSld>"
        f"</p:{element}>"
    )


def _presentation(order):
    ids = "".join(f'<p:sldId id="{255 + n}" r:id="s{n}"/>' for n in order)
    size = '<p:sldSz cx="9144000" cy="5143500"/><p:notesSz cx="6858000" cy="9144000"/>'
    return f"<p:presentation {_NAMES}><p:sldIdLst>{ids}</p:sldIdLst>{size}</p:presentation>"


def _rels(rels):
    rows = "".join(
        f'<Relationship Id="{name}" Type="{_PACKAGE if kind.startswith("meta") else _R}/{kind}" '
        f"Target={quoteattr(target)} TargetMode='{'External' if ':' in target else 'Internal'}'/>"
        for name, kind, target in rels
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{rows}</Relationships>'


def _core(title):
    names = 'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    names += 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    return f"<cp:coreProperties {names}><dc:title>{escape(title)}</dc:title></cp:coreProperties>"


def _content_types(names):
    kinds = {"slides/": "slide", "notesSlides/": "notesSlide", "comments/": "comments"}
    rows = f'<Override PartName="/ppt/presentation.xml" ContentType="{_TYPE}presentation.main+xml"/>'
    for name in names:
        kind = next((kind for folder, kind in kinds.items() if name.startswith("ppt/" + folder)), None)
        if kind and not name.endswith(".rels"):
            rows += f'<Override PartName="/{name}" ContentType="{_TYPE}{kind}+xml"/>'
    rows += '<Override PartName="/docProps/core.xml" '
    rows += 'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>'
    defaults = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    defaults += '<Default Extension="xml" ContentType="application/xml"/>'
    return f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{defaults}{rows}</Types>'


def odp(path, sentences, *, notes=(), title="", linked=None, locked=False, markup=""):
    """Write an ODP with a page for each sentence. `notes` has (page, text), `markup` goes before the content."""
    notes = dict(notes)
    pages = "".join(_odp_page(n, sentence, notes.get(n), linked) for n, sentence in enumerate(sentences, 1))
    parts = {
        "mimetype": "application/vnd.oasis.opendocument.presentation",
        "content.xml": f"{_HEAD}{markup}<office:document-content {_ODF} office:version='1.2'><office:automatic-styles/>"
        f"<office:body><office:presentation>{pages}</office:presentation></office:body></office:document-content>",
        "styles.xml": f"{_HEAD}<office:document-styles {_ODF} office:version='1.2'><office:automatic-styles>"
        "<style:page-layout style:name='L'>"
        "<style:page-layout-properties fo:page-width='28cm' fo:page-height='15.75cm'/>"
        "</style:page-layout></office:automatic-styles><office:master-styles>"
        "<style:master-page style:name='M' style:page-layout-name='L'/></office:master-styles>"
        "</office:document-styles>",
        "meta.xml": f"{_HEAD}<office:document-meta {_ODF}><office:meta><dc:title>{escape(title)}</dc:title>"
        "</office:meta></office:document-meta>",
        "META-INF/manifest.xml": _manifest(locked),
    }
    with zipfile.ZipFile(path, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return path


_ODF = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
    for short, long in [
        ("office", "office"),
        ("draw", "drawing"),
        ("text", "text"),
        ("style", "style"),
        ("presentation", "presentation"),
        ("svg", "svg-compatible"),
        ("fo", "xsl-fo-compatible"),
    ]
)
_ODF += ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"'


def _odp_page(number, sentence, note, linked):
    frame = "svg:x='1cm' svg:y='1cm' svg:width='20cm' svg:height='4cm'"
    picture = f"<draw:frame {frame}><draw:image xlink:href={quoteattr(linked)}/></draw:frame>" if linked else ""
    said = f"<presentation:notes><draw:frame {frame} presentation:class='notes'><draw:text-box><text:p>{note}</text:p>"
    said += "</draw:text-box></draw:frame></presentation:notes>"
    return (
        f"<draw:page draw:name='page{number}' draw:master-page-name='M'><draw:frame {frame}><draw:text-box>"
        f"<text:p>{escape(sentence)}</text:p></draw:text-box></draw:frame>{picture}{said if note else ''}</draw:page>"
    )


def _manifest(locked):
    names = 'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
    kind = "application/vnd.oasis.opendocument.presentation"
    inside = "<manifest:encryption-data manifest:checksum='AA=='/>" if locked else ""
    rows = f"<manifest:file-entry manifest:full-path='/' manifest:media-type='{kind}'/>"
    for part in ("content.xml", "styles.xml", "meta.xml"):
        rows += f"<manifest:file-entry manifest:full-path='{part}' manifest:media-type='text/xml'>{inside}"
        rows += "</manifest:file-entry>"
    return f"{_HEAD}<manifest:manifest {names}>{rows}</manifest:manifest>"


def locked_pptx(path, password, sentences=("Trang có mật khẩu",)):
    """Write a PPTX that opens only with `password`, and is no smaller than real ones: msoffcrypto takes them so."""
    plain = io.BytesIO(
        pptx(path, sentences, extra=[("ppt/media/noise.bin", random.Random(1).randbytes(20_000))]).read_bytes()
    )
    with path.open("wb") as file:
        OOXMLFile(plain).encrypt(password, file)
    return path
