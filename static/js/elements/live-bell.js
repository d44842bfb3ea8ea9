// <live-bell src="/ws/bell/"> hears which conversation has news, and passes it on as a `bell` event to whatever
// here shows it: [data-conversation="<id>"] and [data-conversation="any"]. The news is fetched over HTTP, where
// access is checked and reading recorded. Frames may be lost: whoever comes back catches up. What calls for her is a
// `news` event of the document besides, for <desk-news>, in a hidden page too. Where colleagues are is a `presence`
// event of the document, and `say` tells them where this page is (<colleagues-here>). Who took a conversation from her is
// a `lost` event (<lost-notice>).
//
// While it cannot hear, it says so after a while (its child [data-when="silent"]) and asks instead of listening.

const FIRST_RETRY = 1_000 // milliseconds, as all below
const LONGEST_RETRY = 30_000
const SAY_SO_AFTER = 5_000
const ASK_EVERY = 10_000
const CATCH_UP_EVERY = 180_000
const SETTLED = 10_000 // a page younger than this never reloads itself, so it cannot do so in circles
const GATHER = 150 // the first ring of a conversation is heard at once, those within this time are one; so are the list's
const RING_AGAIN = 3_000 // after news could not be fetched
const LOOK_AT_CLOCK = 5_000
const SETTLED_IN = 300 // a socket that is refused is opened first, so that the page learns why
const SLEPT = 15_000 // a timer so late did not run: the machine slept, and its connections may be dead without a word

class LiveBell extends HTMLElement {
  #socket
  #failures = 0
  #retry
  #saySo
  #asking
  #catchingUp
  #rung = new Map() // the highest number told of, by conversation
  #gathering
  #ringingAgain
  #settlingIn
  #clock
  #lookedAt
  #slept = false
  #missed = false
  #said
  #leaving = new AbortController()

  connectedCallback() {
    this.#leaving = new AbortController()
    const { signal } = this.#leaving
    document.addEventListener("visibilitychange", () => this.#seen(), { signal })
    addEventListener("online", () => this.#listenAgain(), { signal })
    document.addEventListener("htmx:response:error", ({ detail }) => this.#unfetched(detail.ctx), { signal })
    document.addEventListener("htmx:error", ({ detail }) => this.#unfetched(detail.ctx), { signal })
    this.#lookedAt = Date.now()
    this.#clock = setInterval(() => this.#lookAtClock(), LOOK_AT_CLOCK)
    this.#catchingUp = setInterval(() => this.#ringAll(), CATCH_UP_EVERY)
    this.#listen()
  }

  disconnectedCallback() {
    this.#leaving.abort()
    for (const timer of [this.#retry, this.#saySo, this.#gathering, this.#ringingAgain, this.#settlingIn]) clearTimeout(timer)
    for (const timer of [this.#asking, this.#catchingUp, this.#clock]) clearInterval(timer)
    this.#socket?.close()
  }

  // Said again once it can be heard, should it not be heard now.
  say(frame) {
    this.#said = JSON.stringify(frame)
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(this.#said)
  }

  #listen() {
    const origin = location.origin.replace(/^http/, "ws")
    this.#socket = new WebSocket(origin + this.getAttribute("src"))
    this.#socket.onopen = () => (this.#settlingIn = setTimeout(() => this.#hears(), SETTLED_IN))
    this.#socket.onmessage = ({ data }) => this.#heard(JSON.parse(data))
    this.#socket.onclose = ({ code }) => this.#closed(code)
  }

  #listenAgain() {
    clearTimeout(this.#retry)
    if (this.#socket.readyState === WebSocket.CLOSED) this.#listen()
  }

  #hears() {
    if (this.#said) this.#socket.send(this.#said)
    clearTimeout(this.#saySo)
    clearInterval(this.#asking)
    this.#ringAll() // what came while nobody listened, also between this page and its first connection
    this.#saySo = this.#asking = undefined
    this.#failures = 0
    this.#show()
  }

  #closed(code) {
    for (const timer of [this.#settlingIn, this.#retry]) clearTimeout(timer)
    if (!this.isConnected) return
    if (code >= 4400 && performance.now() > SETTLED) return location.reload() // access has ended: let the server say so
    this.#failures += 1
    this.#saySo ??= setTimeout(() => this.#askInstead(), SAY_SO_AFTER)
    const longest = Math.min(FIRST_RETRY * 2 ** (this.#failures - 1), LONGEST_RETRY)
    this.#retry = setTimeout(() => this.#listen(), longest * (0.5 + Math.random() / 2))
  }

  #askInstead() {
    this.#asking ??= setInterval(() => this.#ringAll(), ASK_EVERY)
    this.#ringAll()
    this.#show()
  }

  #heard({ conversation, sequence, aloud, ...people }) {
    if (people.who) return document.dispatchEvent(new CustomEvent("presence", { detail: { conversation, ...people } }))
    if (people.by) document.dispatchEvent(new CustomEvent("lost", { detail: { conversation, ...people } }))
    if (aloud) document.dispatchEvent(new CustomEvent("news", { detail: conversation }))
    if (this.#gathering) this.#rung.set(conversation, Math.max(sequence, this.#rung.get(conversation) ?? 0))
    else this.#ringOne(conversation, sequence)
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined
      const rung = [...this.#rung]
      this.#rung.clear()
      this.#ring("[data-conversation=any]")
      for (const [id, sequence] of rung) this.#ringOne(id, sequence)
    }, GATHER)
  }

  #ringOne(id, sequence) {
    this.#ring(`[data-conversation="${CSS.escape(id)}"]`, { sequence })
  }

  #ringAll() {
    this.#ring("[data-conversation]")
  }

  // Nobody reads a hidden page, and a fetch would be recorded as reading.
  #ring(selector, detail) {
    this.#missed ||= document.hidden
    if (document.hidden) return
    for (const place of document.querySelectorAll(selector)) place.dispatchEvent(new CustomEvent("bell", { detail }))
  }

  // A ring is not repeated; what it asked for in vain would be missing until the next one. A refusal (4xx) stays one.
  #unfetched(ctx) {
    if (ctx?.sourceEvent?.type !== "bell" || ctx.response?.status < 500) return
    this.#ringingAgain ??= setTimeout(() => {
      this.#ringingAgain = undefined
      this.#ringAll()
    }, RING_AGAIN)
  }

  #lookAtClock() {
    this.#slept ||= Date.now() - this.#lookedAt > SLEPT
    this.#lookedAt = Date.now()
    if (this.#slept && !document.hidden) this.#wake()
  }

  #wake() {
    this.#slept = false
    this.#socket.onclose = null
    this.#socket.close()
    this.#closed()
    this.#ringAll()
  }

  #seen() {
    this.#lookAtClock()
    if (document.hidden) return
    if (this.#socket.readyState === WebSocket.CLOSED) this.#listenAgain()
    if (!this.#missed) return
    this.#missed = false
    this.#ringAll()
  }

  #show() {
    this.querySelector("[data-when=silent]").hidden = !this.#asking
  }
}

customElements.define("live-bell", LiveBell)
