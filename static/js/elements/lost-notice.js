// <lost-notice src="/names/" data-taken="…" …> tells her who took a conversation from her (a `lost` event of the
// document): above the composer where it is open ([data-lost="<id>"]), otherwise beside the list as short news. A
// conversation that she may not read any more answers 404 to the bell: then it says that too, whether or not it was told.

const GONE = 404

class LostNotice extends HTMLElement {
  #lost = new Map() // conversation -> what is said of it
  #leaving = new AbortController()

  connectedCallback() {
    this.#leaving = new AbortController()
    const { signal } = this.#leaving
    document.addEventListener("lost", ({ detail }) => this.#heard(detail), { signal })
    document.addEventListener("htmx:response:error", ({ detail }) => this.#refused(detail.ctx), { signal })
    document.addEventListener("htmx:after:swap", () => this.#draw(), { signal })
    document.addEventListener("submit", ({ target }) => this.#taken(target), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  async #heard({ conversation, by, to }) {
    const answer = await fetch(this.getAttribute("src")).catch(() => null)
    const names = answer?.ok && !answer.redirected ? await answer.json() : {}
    const { taken, given, freed, gone } = this.dataset
    const sentence = by === to ? taken : to ? given : freed
    const isKnown = names[by] && (!to || names[to])
    const words = isKnown ? sentence.replace("{by}", () => names[by]).replace("{to}", () => names[to]) : gone
    const row = document.getElementById(`open-${conversation}`)?.querySelector(".row__name")?.textContent.trim()
    this.#lost.set(conversation, { ...this.#lost.get(conversation), words })
    if (this.#place(conversation)) return this.#draw()
    document.querySelector("toast-area")?.say(row ? `${row}: ${words}` : words, "warning")
  }

  #refused({ response, sourceElement }) {
    const conversation = sourceElement?.id === "entries" && response.status === GONE && sourceElement.dataset.conversation
    if (!conversation) return
    this.#lost.set(conversation, { words: this.dataset.gone, ...this.#lost.get(conversation), isShut: true })
    this.#draw()
  }

  // She takes it back, or gives it away herself.
  #taken(form) {
    const conversation = /\/conversations\/([^/]+)\/(take|assign|release)\/$/.exec(form.getAttribute("action"))?.[1]
    this.#lost.delete(conversation)
  }

  #place(conversation) {
    return document.querySelector(`[data-lost="${CSS.escape(conversation)}"]`)
  }

  #draw() {
    const place = document.querySelector("[data-lost]")
    const lost = place && this.#lost.get(place.dataset.lost)
    if (!place) return
    place.hidden = !lost
    const words = lost ? [lost.words, ...(lost.isShut ? [this.dataset.shut] : [])].join(" ") : ""
    const says = place.querySelector("p")
    if (says.textContent !== words) says.textContent = words
  }
}

customElements.define("lost-notice", LostNotice)
