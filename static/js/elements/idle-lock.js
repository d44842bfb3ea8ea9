// <idle-lock seconds="600"><form action="/lock/">…</form></idle-lock> covers the page and sends its form when nobody
// has touched this browser for so long, in whichever tab. A computer that slept is asked when it wakes. Well before that
// what stands on the page is blurred for whoever passes by, until somebody touches it.

const LOOK_EVERY = 5_000 // milliseconds, as all below
const TELL_EVERY = 2_000
const BLUR_AFTER = 120_000
const SIGNS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]

class IdleLock extends HTMLElement {
  #touched = Date.now()
  #told = 0
  #looking
  #tabs
  #leaving = new AbortController()

  connectedCallback() {
    this.#leaving = new AbortController()
    const { signal } = this.#leaving
    this.#tabs = new BroadcastChannel("desk")
    this.#tabs.addEventListener("message", ({ data }) => (data === "locked" ? this.#cover() : this.#seen()), { signal })
    for (const sign of SIGNS) document.addEventListener(sign, () => this.#touch(), { signal, passive: true, capture: true })
    document.addEventListener("visibilitychange", () => this.#look(), { signal })
    document.addEventListener("submit", ({ target }) => target.action === this.#form.action && this.#lockHere(), { signal })
    this.#looking = setInterval(() => this.#look(), LOOK_EVERY)
  }

  disconnectedCallback() {
    this.#leaving.abort()
    clearInterval(this.#looking)
    this.#tabs.close()
  }

  get #form() {
    return this.querySelector("form")
  }

  #seen() {
    this.#touched = Date.now()
    delete document.documentElement.dataset.unattended
  }

  // A computer that slept is looked at first: the hand that woke it is not yet known to be hers.
  #touch() {
    if (this.#look()) return
    this.#seen()
    if (this.#touched - this.#told < TELL_EVERY) return
    this.#told = this.#touched
    this.#tabs.postMessage("touched")
  }

  #look() {
    const alone = Date.now() - this.#touched
    if (alone >= BLUR_AFTER) document.documentElement.dataset.unattended = ""
    if (alone < Number(this.getAttribute("seconds")) * 1000) return false
    this.#seen()
    this.#form.requestSubmit()
    return true
  }

  #lockHere() {
    this.#hide()
    this.#tabs.postMessage("locked")
  }

  // Another tab locks the desk: this one does the same, whichever of the two is heard first, and tells nobody again.
  #cover() {
    this.#hide()
    this.#form.submit()
  }

  #hide() {
    document.documentElement.dataset.locked = ""
  }
}

customElements.define("idle-lock", IdleLock)
