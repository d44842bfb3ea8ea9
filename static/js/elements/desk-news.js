// <desk-news src="/news/" title-of-news="…" icon="…" picture="…"> counts in the tab's title what waits for her, and
// calls her when something is new: a dot on the tab's icon, and what she chose for this browser, a sound or a
// notification that says only that. Never when what is new is on the screen that she looks at.
//
// The bell says at once that something is new (a `news` event of the document); without it, and on pages without a
// bell, this asks now and then. Of several tabs one calls.

import { play } from "../sounds.js";

const ASK_EVERY = 20_000 // milliseconds, as all below
const ASK_SELDOM = 120_000 // where the bell is heard
const ONE_CALL = 2_000 // tabs that hear of the same thing within this time call once
const AFTER_YOU = 250 // a tab that nobody looks at lets the one before her go first
const SOON = 1_000 // what rings without calling may change the count
const STALE = 5_000
const COUNTED = 100

class DeskNews extends HTMLElement {
  #asking
  #soon
  #askedAt = 0
  #latest = sessionStorage.getItem("news-latest")
  #waiting = 0
  #leaving = new AbortController()
  #watch = new MutationObserver(() => this.#count())

  connectedCallback() {
    this.#leaving = new AbortController()
    const { signal } = this.#leaving
    document.addEventListener("news", ({ detail }) => this.#ask(detail), { signal })
    document.addEventListener("bell", () => this.#asksSoon(), { signal, capture: true })
    document.addEventListener("visibilitychange", () => document.hidden || this.#seen(), { signal })
    addEventListener("focus", () => this.#seen(), { signal })
    const often = document.querySelector("live-bell") ? ASK_SELDOM : ASK_EVERY
    this.#asking = setInterval(() => this.#ask(), often)
    this.#watch.observe(document.querySelector("title"), { childList: true })
    this.#ask()
  }

  disconnectedCallback() {
    this.#leaving.abort()
    this.#watch.disconnect()
    clearInterval(this.#asking)
    clearTimeout(this.#soon)
  }

  #asksSoon() {
    clearTimeout(this.#soon)
    this.#soon = setTimeout(() => this.#ask(), SOON)
  }

  // conversation: what the bell rang for, if it rang
  async #ask(conversation) {
    this.#askedAt = Date.now()
    const answer = await fetch(this.getAttribute("src")).catch(() => null)
    if (!answer?.ok || answer.redirected || !this.isConnected) return
    const news = await answer.json()
    const latest = news.latest ? Date.parse(news.latest) : 0
    const isLater = this.#latest !== null && latest > Number(this.#latest)
    this.#latest = latest
    sessionStorage.setItem("news-latest", latest)
    this.#waiting = news.waiting
    this.#count()
    if (conversation || isLater) await this.#call(news, conversation)
  }

  async #call(news, conversation) {
    const looks = document.hasFocus() && !document.hidden
    const isOnScreen = looks && conversation && document.querySelector(`#entries[data-conversation="${CSS.escape(conversation)}"]`)
    if (!looks) await new Promise((done) => setTimeout(done, AFTER_YOU))
    await navigator.locks.request("news", { ifAvailable: true }, async (isOurs) => {
      if (!isOurs) return
      if (!isOnScreen) play(news.sound)
      if (!looks) this.#reachOut(news)
      await new Promise((done) => setTimeout(done, ONE_CALL))
    })
  }

  #reachOut({ notifies }) {
    this.#mark(true)
    if (!notifies || !("Notification" in window) || Notification.permission !== "granted") return
    const call = new Notification(this.getAttribute("title-of-news"), {
      tag: "news", renotify: true, silent: true, icon: this.getAttribute("picture"),
    })
    call.onclick = () => {
      window.focus()
      call.close()
    }
  }

  #seen() {
    this.#mark(false)
    if (Date.now() - this.#askedAt > STALE) this.#ask()
  }

  #mark(isNew) {
    const icon = document.querySelector('link[rel="icon"]')
    icon.dataset.quiet ??= icon.href
    icon.href = isNew ? this.getAttribute("icon") : icon.dataset.quiet
  }

  #count() {
    const title = document.title.replace(/^\(\d+\+?\) /, "")
    const count = this.#waiting >= COUNTED ? `${COUNTED - 1}+` : this.#waiting
    const wanted = this.#waiting ? `(${count}) ${title}` : title
    if (document.title !== wanted) document.title = wanted
  }
}

customElements.define("desk-news", DeskNews)
