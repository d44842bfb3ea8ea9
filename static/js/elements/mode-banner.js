// <mode-banner src="/health/modes"> says in a sentence what does not work just now. The sentences are its children,
// [data-mode="<name>"], hidden until the server names them; [data-mode="unreachable"] is for when nobody answers.
// Its data-modes has the names. Nothing is loaded anew, and the sentence goes when the trouble goes.

const ASK_EVERY = 10_000 // milliseconds, as all below
const ASK_SOON = 2_000 // while something is wrong: whoever waits sees at once that it is over
const ANSWER_WITHIN = 8_000
const SAY_SO_AFTER = 5_000

class ModeBanner extends HTMLElement {
  #next
  #sayingSo
  #leaving = new AbortController()

  connectedCallback() {
    this.#leaving = new AbortController()
    const { signal } = this.#leaving
    addEventListener("offline", () => this.#ask(), { signal })
    addEventListener("online", () => this.#ask(), { signal })
    document.addEventListener("visibilitychange", () => document.hidden || this.#ask(), { signal })
    document.addEventListener("htmx:response:error", ({ detail }) => detail.ctx.response.status >= 500 && this.#ask(), { signal })
    document.addEventListener("htmx:error", () => this.#ask(), { signal })
    this.#ask()
  }

  disconnectedCallback() {
    this.#leaving.abort()
    clearTimeout(this.#next)
    this.#keepQuiet()
  }

  async #ask() {
    clearTimeout(this.#next)
    const modes = await this.#asked()
    if (!this.isConnected) return
    if (modes) this.#heard(modes)
    else this.#sayingSo ??= setTimeout(() => this.#show(["unreachable"]), SAY_SO_AFTER)
    clearTimeout(this.#next)
    this.#next = setTimeout(() => this.#ask(), modes?.length === 0 ? ASK_EVERY : ASK_SOON)
  }

  async #asked() {
    try {
      const answer = await fetch(this.getAttribute("src"), { signal: AbortSignal.timeout(ANSWER_WITHIN) })
      return answer.ok ? (await answer.json()).modes : undefined
    } catch {
      return undefined
    }
  }

  #heard(modes) {
    this.#keepQuiet()
    this.#show(modes)
  }

  #keepQuiet() {
    clearTimeout(this.#sayingSo)
    this.#sayingSo = undefined
  }

  #show(modes) {
    this.dataset.modes = modes.join(" ")
    for (const words of this.querySelectorAll("[data-mode]")) words.hidden = !modes.includes(words.dataset.mode)
  }
}

customElements.define("mode-banner", ModeBanner)
