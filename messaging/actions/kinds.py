"""What a file is, by its first bytes: never by its name, nor by what its sender says (FILE-03)."""

from messaging.models import AttachmentKind

# (offset, bytes): the marks by which these formats are known
MARKS: dict[AttachmentKind, tuple[tuple[int, bytes], ...]] = {
    AttachmentKind.PICTURE: (
        (0, b"\xff\xd8\xff"),
        (0, b"\x89PNG\r\n\x1a\n"),
        (0, b"GIF87a"),
        (0, b"GIF89a"),
        (8, b"WEBP"),
    ),
    AttachmentKind.DOCUMENT: ((0, b"%PDF-"),),
    AttachmentKind.SOUND: ((0, b"#!AMR"), (0, b"ID3"), (0, b"\xff\xfb"), (0, b"\xff\xf3"), (8, b"WAVE"), (0, b"OggS")),
    AttachmentKind.VIDEO: ((4, b"ftypisom"), (4, b"ftypmp4"), (4, b"ftyp3g"), (4, b"ftypqt"), (0, b"\x1aE\xdf\xa3")),
    AttachmentKind.CONTACT: ((0, b"BEGIN:VCARD"),),
}


def kind_of(file: bytes) -> AttachmentKind:
    """The kind of a file; `OTHER` for all that is not known."""
    for kind, marks in MARKS.items():
        if any(file[at : at + len(mark)] == mark for at, mark in marks):
            return kind
    return AttachmentKind.OTHER
