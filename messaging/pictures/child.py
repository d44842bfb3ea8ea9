"""The process that opens one picture: bytes in, new bytes out. It can open no file and no connection.

Run by path, isolated; it imports nothing of ours. Ends with 1 for whatever it cannot draw. With "phone" on its command
line it draws what every phone shows: JPEG, or GIF if it moves, and no larger than a phone has use for.
"""

import json
import resource
import sys
import warnings
from io import BytesIO

from PIL import Image, ImageOps

FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
MOVING = ("PNG", "GIF", "WEBP")  # a camera's JPEG may hold more than one picture, and shows the first
PIXELS, FRAMES = 25_000_000, 300
CPU_SECONDS, MEMORY = 5, 512 * 1024 * 1024
LONGEST_SIDE = 2048  # pixels, on a phone


def give_everything_up() -> None:
    """From here on: five seconds, half a gigabyte, no file, no socket, no other process."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def drawn(file: bytes, *, for_phone: bool = False) -> tuple[str, tuple[int, int], bytes]:
    with Image.open(BytesIO(file), formats=FORMATS) as image:
        if image.width * image.height > PIXELS:
            raise ValueError("too many pixels")
        frames = getattr(image, "n_frames", 1)
        if frames > FRAMES or frames * image.width * image.height > 4 * PIXELS:
            raise ValueError("too many frames")
        is_moving = frames > 1 and image.format in MOVING
        return _moving(image, frames, for_phone) if is_moving else _still(image, for_phone)


def _still(image: Image.Image, for_phone: bool) -> tuple[str, tuple[int, int], bytes]:
    clean = _pixels(ImageOps.exif_transpose(image), for_phone)
    if clean.mode == "RGBA":
        return "image/png", clean.size, _saved(clean, "PNG")
    return "image/jpeg", clean.size, _saved(clean, "JPEG", quality=88)


def _moving(image: Image.Image, frames: int, for_phone: bool) -> tuple[str, tuple[int, int], bytes]:
    drawn_frames, durations = [], []
    for number in range(frames):
        image.seek(number)
        drawn_frames.append(_pixels(image, for_phone))
        durations.append(max(int(image.info.get("duration", 100) or 100), 20))
    rest = {"save_all": True, "append_images": drawn_frames[1:], "duration": durations, "loop": 0}
    form = "GIF" if for_phone else "WEBP"
    return f"image/{form.lower()}", drawn_frames[0].size, _saved(drawn_frames[0], form, **rest)


def _pixels(image: Image.Image, for_phone: bool) -> Image.Image:
    """The pixels alone, in a new picture: nothing else of the file can come along."""
    see_through = "transparency" in image.info or image.mode in ("RGBA", "LA", "PA")
    pixels = image.convert("RGBA" if see_through else "RGB")
    clean = Image.new(pixels.mode, pixels.size)
    clean.paste(pixels)
    return _fit_for_phone(clean) if for_phone else clean


def _fit_for_phone(clean: Image.Image) -> Image.Image:
    """On white where it can be seen through: a phone may show its own color there, and its words may vanish in it."""
    clean.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    if clean.mode != "RGBA":
        return clean
    sheet = Image.new("RGB", clean.size, "white")
    sheet.paste(clean, mask=clean.getchannel("A"))
    return sheet


def _saved(image: Image.Image, form: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def warm_up() -> None:
    """Draw one picture of each form: the library's parts are files too, read before no file can be."""
    Image.init()
    still = Image.new("RGBA", (2, 2))
    for form in FORMATS:
        frames = {"save_all": True, "append_images": [Image.new("RGBA", (2, 2), "red")]} if form != "JPEG" else {}
        drawn(_saved(still.convert("RGB") if form == "JPEG" else still, form, **frames))
    drawn(_saved(still, "GIF", save_all=True, append_images=[Image.new("RGBA", (2, 2), "red")]), for_phone=True)


def main() -> int:
    file = sys.stdin.buffer.read()
    warnings.simplefilter("error")  # what the library only warns of is refused here
    Image.MAX_IMAGE_PIXELS = PIXELS
    warm_up()
    give_everything_up()
    try:
        content_type, (width, height), content = drawn(file, for_phone=sys.argv[1:] == ["phone"])
    except Exception:  # noqa: BLE001  # hostile bytes raise anything; what cannot be drawn is not drawn
        return 1
    sys.stdout.buffer.write(json.dumps({"content_type": content_type, "width": width, "height": height}).encode())
    sys.stdout.buffer.write(b"\n" + content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
