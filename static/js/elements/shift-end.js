// <shift-end src="/shift/" href="/off-shift/"> asks the server in how many seconds one's hours end. In the last five minutes it
// shows the sentence for each ([data-left="<minutes>"]); a screen reader hears the first and the last of them. At the end
// it has the half-typed words kept, covers the page, and leads to `href`. With `waiting` it is on that page: it leads
// back as soon as one's hours begin, or an admin makes them longer.

const ASK_EVERY = 60_000 // milliseconds, as all below
const ASK_SOON = 10_000 // while the end is near: an admin may have moved it
const NEAR = 7 * 60_000
const NOTICE = 5 * 60_000
const CLOSING = 3_000 // before the end, words are kept and no more are taken: after it nothing is
const TOLD_ALOUD = ["5", "1"]

class ShiftEnd extends HTMLElement {
  #ends = Infinity
  #asking
  #ticking
  #told
  #isClosing = false
  #leaving = new AbortController()

  connectedCallback() {
    this.#leaving = new AbortController()
    const { signal } = this.#leaving
    document.addEventListener("visibilitychange", () => document.hidden || this.#ask(), { signal })
    addEventListener("online", () => this.#ask(), { signal })
    this.#ticking = setInterval(() => this.#look(), 500)
    this.#ask()
  }

  disconnectedCallback() {
    this.#leaving.abort()
    clearTimeout(this.#asking)
    clearInterval(this.#ticking)
  }

  async #ask() {
    clearTimeout(this.#asking)
    const seconds = await this.#answer()
    if (!this.isConnected) return
    if (seconds !== undefined) this.#heard(seconds)
    clearTimeout(this.#asking)
    const isNear = this.hasAttribute("waiting") || this.#ends - Date.now() < NEAR
    this.#asking = setTimeout(() => this.#ask(), isNear ? ASK_SOON : ASK_EVERY)
  }

  // A desk that is locked or signed out is led elsewhere: that is not for this element to say.
  async #answer() {
    try {
      const answer = await fetch(this.getAttribute("src"), { redirect: "error" })
      return answer.ok ? (await answer.json()).seconds : undefined
    } catch {
      return undefined
    }
  }

  #heard(seconds) {
    if (this.hasAttribute("waiting")) {
      if (seconds !== 0) location.replace(this.getAttribute("href"))
      return
    }
    this.#ends = seconds === null ? Infinity : Date.now() + seconds * 1000
    this.#look()
  }

  #look() {
    const left = this.#ends - Date.now()
    const minutes = left <= NOTICE ? String(Math.max(Math.ceil(left / 60_000), 1)) : ""
    for (const words of this.querySelectorAll("[data-left]")) words.hidden = words.dataset.left !== minutes
    this.#tell(minutes)
    this.#close(left <= CLOSING)
    if (left <= 0) this.#cover()
  }

  #tell(minutes) {
    if (minutes === this.#told) return
    this.#told = minutes
    const words = this.querySelector(`[data-left="${minutes}"]`)
    if (words && TOLD_ALOUD.includes(minutes)) document.getElementById("announcements").textContent = words.textContent.trim()
  }

  #close(isClosing) {
    if (isClosing === this.#isClosing) return
    this.#isClosing = isClosing
    document.dispatchEvent(new CustomEvent("desk:closing", { detail: isClosing }))
  }

  #cover() {
    this.#ends = Infinity
    document.documentElement.dataset.locked = ""
    location.replace(this.getAttribute("href"))
  }
}

customElements.define("shift-end", ShiftEnd)
