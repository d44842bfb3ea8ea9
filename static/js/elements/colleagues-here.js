// <colleagues-here src="/names/"> says over the bell which conversation this page shows and whether a reply is being
// typed, and draws where colleagues are into every [data-here="<id>"] from its templates: [data-does="looks|writes"]
// for the list, [data-does="…"][data-long] beside the composer. Nothing is kept: who is not heard of for a while is gone.

const SAY_EVERY = 4_000 // milliseconds, as all below
const GONE_AFTER = 9_000
const STILL_WRITES = 5_000 // after the last key
const ASK_AGAIN_AFTER = 30_000
const GATHER = 150 // changes within this time are said once

class ColleaguesHere extends HTMLElement {
  #there = new Map() // conversation -> Map of person -> { does, until }
  #called = {}
  #asked
  #said = null
  #typedAt = 0
  #saying
  #soon
  #drawing
  #leaving = new AbortController()

  connectedCallback() {
    this.#leaving = new AbortController()
    const { signal } = this.#leaving
    document.addEventListener("presence", ({ detail }) => this.#heard(detail), { signal })
    document.addEventListener("input", (event) => this.#typed(event), { signal })
    document.addEventListener("submit", () => this.#stopped(), { signal })
    document.addEventListener("visibilitychange", () => this.#saySoon(), { signal })
    document.addEventListener("htmx:after:swap", () => this.#swapped(), { signal })
    this.#saying = setInterval(() => this.#say(), SAY_EVERY)
    this.#drawing = setInterval(() => this.#draw(), 1_000)
    this.#saySoon()
  }

  disconnectedCallback() {
    this.#leaving.abort()
    for (const timer of [this.#saying, this.#drawing]) clearInterval(timer)
    clearTimeout(this.#soon)
  }

  get #at() {
    return (!document.hidden && document.querySelector("[data-pane]")?.dataset.pane) || null
  }

  #typed({ target }) {
    if (!target.matches("textarea[data-draft]")) return
    const wrote = this.#writes
    this.#typedAt = Date.now()
    if (!wrote) this.#saySoon()
  }

  #stopped() {
    if (!this.#writes) return
    this.#typedAt = 0
    this.#saySoon()
  }

  get #writes() {
    return Date.now() - this.#typedAt < STILL_WRITES
  }

  #swapped() {
    this.#draw()
    if (this.#at !== this.#said) this.#saySoon()
  }

  #saySoon() {
    this.#soon ??= setTimeout(() => this.#say(), GATHER)
  }

  #say() {
    clearTimeout(this.#soon)
    this.#soon = undefined
    const at = this.#at
    if (at === null && this.#said === null) return
    if (at !== this.#said) this.#typedAt = 0
    this.#said = at
    document.querySelector("live-bell")?.say({ at, writes: this.#writes })
  }

  async #heard({ conversation, who, does }) {
    const here = this.#there.get(conversation) ?? new Map()
    this.#there.set(conversation, here)
    if (does !== "leaves" && !here.has(who) && conversation === this.#at) this.#saySoon() // who comes is told who is there
    if (does === "leaves") here.delete(who)
    else here.set(who, { does, until: Date.now() + GONE_AFTER })
    if (!(who in this.#called)) await this.#ask()
    this.#draw()
  }

  // Once, and again when somebody is met whom nobody knew of then.
  async #ask() {
    const now = Date.now()
    if (!this.#asked || now - this.#asked.at > ASK_AGAIN_AFTER) this.#asked = { at: now, answer: this.#fetch() }
    await this.#asked.answer
  }

  async #fetch() {
    const answer = await fetch(this.getAttribute("src")).catch(() => null)
    if (answer?.ok && !answer.redirected) this.#called = await answer.json()
  }

  #draw() {
    const now = Date.now()
    for (const [conversation, here] of this.#there) {
      for (const [who, { until }] of here) if (until < now) here.delete(who)
      if (!here.size) this.#there.delete(conversation)
    }
    for (const place of document.querySelectorAll("[data-here]")) this.#drawInto(place, this.#there.get(place.dataset.here))
  }

  #drawInto(place, here) {
    const people = [...(here ?? [])].filter(([who]) => this.#called[who])
    const writing = people.filter(([, { does }]) => does === "writes")
    const does = writing.length ? "writes" : "looks"
    const names = (writing.length ? writing : people).map(([who]) => this.#called[who]).join(", ")
    const drawn = names && `${does} ${names}`
    if ((place.dataset.drawn ?? "") === drawn && Boolean(place.firstElementChild) === Boolean(names)) return
    place.dataset.drawn = drawn
    place.replaceChildren(...(names ? [this.#words(does, names, "long" in place.dataset)] : []))
  }

  #words(does, names, isLong) {
    const wanted = [...this.querySelectorAll(`template[data-does=${does}]`)].find((one) => "long" in one.dataset === isLong)
    const words = wanted.content.cloneNode(true)
    for (const place of words.querySelectorAll("[data-names]")) place.textContent = place.textContent.replace("{names}", () => names)
    return words
  }
}

customElements.define("colleagues-here", ColleaguesHere)
