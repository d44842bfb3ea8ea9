// <live-bell src="/ws/bell/"> hears which conversation has news, and passes it on as a `bell` event to whatever
// here shows it: [data-conversation="<id>"] and [data-conversation="any"]. The news is fetched over HTTP, where
// access is checked and reading recorded. Frames may be lost: whoever comes back catches up. What calls for her is a
// `news` event of the document besides, for <desk-news>, in a hidden page too.
//
// While it cannot hear, it says so after a while (its child [data-when="silent"]) and asks instead of listening.

const FIRST_RETRY = 1_000 // milliseconds, as all below
const LONGEST_RETRY = 30_000
const SAY_SO_AFTER = 5_000
const ASK_EVERY = 10_000
const CATCH_UP_EVERY = 180_000
const SETTLED = 10_000 // a page younger than this never reloads itself, so it cannot do so in circles
const GATHER = 150 // rings of one conversation within this time are one

class LiveBell extends HTMLElement {
  #socket
  #failures = 0
  #retry
  #saySo
  #asking
  #catchingUp
  #rung = new Set()
  #gathering
  #missed = false
  #leaving = new AbortController()

  connectedCallback() {
    this.#leaving = new AbortController()
    const { signal } = this.#leaving
    document.addEventListener("visibilitychange", () => this.#seen(), { signal })
    addEventListener("online", () => this.#listenAgain(), { signal })
    this.#catchingUp = setInterval(() => this.#ringAll(), CATCH_UP_EVERY)
    this.#listen()
  }

  disconnectedCallback() {
    this.#leaving.abort()
    for (const timer of [this.#retry, this.#saySo, this.#gathering]) clearTimeout(timer)
    for (const timer of [this.#asking, this.#catchingUp]) clearInterval(timer)
    this.#socket?.close()
  }

  #listen() {
    const origin = location.origin.replace(/^http/, "ws")
    this.#socket = new WebSocket(origin + this.getAttribute("src"))
    this.#socket.onopen = () => this.#hears()
    this.#socket.onmessage = ({ data }) => this.#heard(JSON.parse(data))
    this.#socket.onclose = ({ code }) => this.#closed(code)
  }

  #listenAgain() {
    clearTimeout(this.#retry)
    if (this.#socket.readyState === WebSocket.CLOSED) this.#listen()
  }

  #hears() {
    clearTimeout(this.#saySo)
    clearInterval(this.#asking)
    if (this.#failures > 0) this.#ringAll()
    this.#saySo = this.#asking = undefined
    this.#failures = 0
    this.#show()
  }

  #closed(code) {
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

  #heard({ conversation, aloud }) {
    if (aloud) document.dispatchEvent(new CustomEvent("news", { detail: conversation }))
    this.#rung.add(conversation)
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined
      const rung = [...this.#rung]
      this.#rung.clear()
      this.#ring(["any", ...rung].map((id) => `[data-conversation="${CSS.escape(id)}"]`).join())
    }, GATHER)
  }

  #ringAll() {
    this.#ring("[data-conversation]")
  }

  // Nobody reads a hidden page, and a fetch would be recorded as reading.
  #ring(selector) {
    this.#missed = document.hidden
    if (this.#missed) return
    for (const place of document.querySelectorAll(selector)) place.dispatchEvent(new CustomEvent("bell"))
  }

  #seen() {
    if (document.hidden) return
    if (this.#socket.readyState === WebSocket.CLOSED) this.#listenAgain()
    if (this.#missed) this.#ringAll()
  }

  #show() {
    this.querySelector("[data-when=silent]").hidden = !this.#asking
  }
}

customElements.define("live-bell", LiveBell)
