"""The phone page in a real browser. Needs Chromium, Debian's or Playwright's own."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Page, Route, async_playwright, expect

from bench.chromium import installed
from tests.twin.conftest import DANA, LINE, MAYA, PNG, QUIET, Rig, until
from tests.twin.test_staff_phone import ASK, DIAL

LUCIA = "+16145550102"
FOUND = installed()

pytestmark = pytest.mark.skipif(not FOUND, reason="no Chromium on this machine")


@pytest.fixture
async def open_page(rig: Rig) -> AsyncIterator[Callable[..., Any]]:
    """Open the phone; at the end, the browser must have had nothing to complain of."""
    complaints: list[str] = []

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=FOUND, args=["--no-sandbox", "--disable-background-networking"]
        )
        context = await browser.new_context(viewport={"width": 1440, "height": 900})

        async def open_it(**more: Any) -> Page:
            page = await context.new_page() if not more else await browser.new_page(**more)
            page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            await page.goto(rig.url("/"))
            await expect(page.locator("#live")).to_have_text("Live")
            return page

        yield open_it
        await browser.close()
    assert complaints == []


async def test_a_text_is_typed_sent_with_enter_and_told_to_the_center(rig: Rig, open_page: Any) -> None:
    page = await open_page()
    await page.locator("#phone-text").press_sequentially("Hello <b>there</b>")
    await page.keyboard.press("Enter")
    await expect(page.locator(".bubble--out")).to_have_text("Hello <b>there</b>")
    await expect(page.locator(".row__meta")).to_contain_text("Delivered")
    await expect(page.locator("#phone-text")).to_have_value("")
    assert rig.center.heard[0].params["Body"] == "Hello <b>there</b>"
    assert rig.center.heard[0].params["From"] == MAYA


async def test_an_answer_appears_without_a_reload_and_is_still_there_after_one(rig: Rig, open_page: Any) -> None:
    page = await open_page()
    await rig.send(Body="Hi, this is Ruth")
    await expect(page.locator(".bubble--in")).to_have_text("Hi, this is Ruth")
    await page.reload()
    await expect(page.locator(".bubble--in")).to_have_text("Hi, this is Ruth")


async def test_another_phone_shows_its_own_texts_and_is_remembered(rig: Rig, open_page: Any) -> None:
    page = await open_page()
    await rig.send(to=LUCIA, Body="Hola")
    await expect(page.locator(f'[data-person="{LUCIA}"] .person__news')).to_be_visible()
    await page.fill("#phone-text", "half typed")
    await page.click(f'[data-person="{LUCIA}"]')
    await expect(page.locator(".bubble--in")).to_have_text("Hola")
    await expect(page.locator("#phone-text")).to_have_value("")
    await page.click(f'[data-person="{MAYA}"]')
    await expect(page.locator("#phone-text")).to_have_value("half typed")
    await page.click(f'[data-person="{LUCIA}"]')
    await page.reload()
    await expect(page.locator(f'[data-person="{LUCIA}"]')).to_have_attribute("aria-current", "true")


async def test_stop_is_one_press_away_and_answered_by_the_network(rig: Rig, open_page: Any) -> None:
    page = await open_page()
    await page.click('[data-quick="STOP"]')
    await expect(page.locator(".bubble--in")).to_contain_text("unsubscribed")
    assert (MAYA, LINE) in rig.twin.world.opt_outs


async def test_a_text_that_never_arrives_says_so(rig: Rig, open_page: Any) -> None:
    page = await open_page()
    await page.click(f'[data-person="{DANA}"]')
    await rig.send(to=DANA)
    await expect(page.locator(".bubble--lost")).to_have_count(1)
    await expect(page.locator(".row__meta")).to_contain_text("Did not arrive (30003")


async def test_the_plan_can_be_chosen(rig: Rig, open_page: Any) -> None:
    page = await open_page()
    await page.select_option("#plan", "failed_30034")
    await until(lambda: rig.twin.world.person(MAYA).plan == "failed_30034")
    await page.reload()
    await expect(page.locator("#plan")).to_have_value("failed_30034")


async def test_a_picture_is_sent_and_shown(rig: Rig, open_page: Any) -> None:
    page = await open_page()
    await page.set_input_files("#phone-picture", {"name": "x.png", "mimeType": "image/png", "buffer": PNG})
    await expect(page.locator(".bubble--out img")).to_be_visible()
    assert await page.locator(".bubble--out img").evaluate("image => image.complete && image.naturalWidth") == 1
    assert rig.center.heard[0].params["NumMedia"] == "1"


async def test_a_call_is_placed_and_its_course_shown(rig: Rig, open_page: Any) -> None:
    rig.center.says("/voice", "<Response><Dial><Number>+16145550199</Number></Dial></Response>")
    page = await open_page()
    await page.click("#phone-call")
    await page.click('[data-ending="no_answer"]')
    await expect(page.locator(".call")).to_contain_text("Nobody picks up")
    await page.select_option("#line", QUIET)
    await expect(page.locator("#phone-call")).to_be_hidden()


async def test_several_pictures_go_with_the_typed_words(rig: Rig, open_page: Any) -> None:
    page = await open_page()
    await page.fill("#phone-text", "Look")
    files = [{"name": f"{n}.png", "mimeType": "image/png", "buffer": PNG} for n in range(2)]
    await page.set_input_files("#phone-picture", files)
    await expect(page.locator(".bubble--out img")).to_have_count(2)
    await expect(page.locator(".bubble--out")).to_have_text("Look")
    await expect(page.locator("#phone-text")).to_have_value("")
    assert rig.center.heard[0].params["NumMedia"] == "2"


async def test_a_picture_from_the_center_is_shown_and_enlarged(rig: Rig, open_page: Any) -> None:
    rig.center.answers["/m/1"] = lambda heard: web.Response(body=PNG, content_type="image/png")
    page = await open_page()
    await rig.send(Body="Here", MediaUrl=rig.center.url("/m/1"))
    await expect(page.locator(".bubble--in img")).to_be_visible()
    await page.reload()
    assert await page.locator(".bubble--in img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 1
    await page.click("[data-enlarge]")
    await expect(page.locator("#enlarged-picture")).to_be_visible()
    await page.click("#enlarged-close")
    await expect(page.locator("#enlarged-picture")).to_be_hidden()


def rings(rig: Rig) -> None:
    """Let the center greet, ring its phone, ask for a key there, and take a message."""
    rig.center.says("/voice", DIAL.replace("Please hold.", "Please hold on."))
    rig.center.says("/whisper", ASK)
    rig.center.says("/dialled", '<Response><Record action="/recorded" timeout="30"/></Response>')


async def test_a_call_is_led_by_buttons_on_both_phones(rig: Rig, open_page: Any) -> None:
    rings(rig)
    page = await open_page()
    await page.click("#phone-call")
    await page.click('[data-ending="live"]')
    await expect(page.locator("#calling-hears")).to_have_text("“Please hold on.”")
    await expect(page.locator("#staff")).to_have_attribute("data-stage", "ringing")
    await expect(page.locator("#staff-stage")).to_have_text("Rings, shows (614) 555-0190")
    await page.reload()
    await expect(page.locator("#calling")).to_have_attribute("data-stage", "ringing")
    await page.click('[data-move="staff_answer"]')
    await expect(page.locator("#staff-hears")).to_have_text("“Press 1.”")
    await page.click('[data-move="staff_press_1"]')
    await expect(page.locator("#calling-stage")).to_contain_text("They talk · 0:0")
    await page.click('#calling [data-move="hang_up"]')
    await expect(page.locator("#calling")).to_be_hidden()
    await expect(page.locator("#staff")).to_be_hidden()
    await expect(page.locator(".call")).to_contain_text("Somebody presses 1")
    assert rig.center.at("/dialled")[0].params["DialBridged"] == "true"
    assert rig.center.at("/dialled")[0].params["CallStatus"] == "completed"


async def test_a_message_is_spoken_after_the_tone(rig: Rig, open_page: Any) -> None:
    rings(rig)
    page = await open_page()
    await page.click("#phone-call")
    await page.click('[data-ending="live"]')
    await page.click('[data-move="staff_busy"]')
    await expect(page.locator("#calling-stage")).to_have_text("Beep: speak now")
    await page.click('[data-move="speak"]')
    await expect(page.locator("#calling-stage")).to_contain_text("Recording · 0:0")
    await page.click('#calling [data-move="hang_up"]')
    await expect(page.locator(".call")).to_contain_text("She leaves a message of 1 s and hangs up")
    assert rig.center.at("/recorded")[0].params["Digits"] == "hangup"


async def test_a_call_that_goes_by_an_ending_offers_no_buttons_but_hanging_up(rig: Rig, open_page: Any) -> None:
    rings(rig)
    rig.twin.world.config.delivery.call_seconds = 1.5
    page = await open_page()
    await page.click("#phone-call")
    await page.click('[data-ending="no_answer"]')
    await expect(page.locator("#staff-hint")).to_have_text("This call goes by the chosen ending.")
    await expect(page.locator("#staff-keys button")).to_have_count(0)
    await page.click('#calling [data-move="hang_up"]')
    await expect(page.locator(".call")).to_contain_text("She hangs up")
    assert rig.center.at("/dialled") == []


async def test_every_webhook_is_listed_with_its_answer(rig: Rig, open_page: Any) -> None:
    rig.center.fails("/message", 503)
    page = await open_page()
    await rig.text_in()
    await expect(page.locator(".wire__row")).to_have_text(re.compile("Text came in503"))
    await expect(page.locator(".row__meta")).to_contain_text("answered 503")


async def test_news_that_overtakes_a_slow_load_is_not_lost(rig: Rig, open_page: Any) -> None:
    page = await open_page()

    async def answer_late(route: Route) -> None:
        response = await route.fetch()
        await rig.text_in("meanwhile")
        await asyncio.sleep(0.2)
        await route.fulfill(response=response)

    await page.route("**/twin/phone", answer_late, times=1)
    await page.reload()
    await expect(page.locator(".bubble--out")).to_have_text(["meanwhile"])
    await expect(page.locator(".wire__row--good")).to_have_count(1)
    await page.route("**/twin/thread?*", answer_late, times=1)
    await page.click(f'[data-person="{MAYA}"]')
    await expect(page.locator(".bubble--out")).to_have_text(["meanwhile", "meanwhile"])
    await expect(page.locator(".wire__row--good")).to_have_count(2)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_fits_a_phone(rig: Rig, open_page: Any, scheme: str) -> None:
    await rig.text_in("Hello " * 40)
    page = await open_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    await expect(page.locator(".bubble")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    await expect(page.locator("#phone-send")).to_be_in_viewport()
