// <undo-bar> says what was done and lets it be taken back for ten seconds; a pointer or the focus on it holds it for
// a while longer. [data-leave] sends it away at once.

const LASTS = 10_000 // milliseconds, as all below
const HELD_FOR = 55_000 // the server takes it back for a minute
const LOOKS_EVERY = 500

class UndoBar extends HTMLElement {
  #came = Date.now()
  #looking

  connectedCallback() {
    this.querySelector("[data-leave]").addEventListener("click", () => this.#leave())
    this.#looking = setInterval(() => this.#look(), LOOKS_EVERY)
  }

  disconnectedCallback() {
    clearInterval(this.#looking)
  }

  #look() {
    const stood = Date.now() - this.#came
    if (stood > (this.matches(":hover, :focus-within") ? HELD_FOR : LASTS)) this.#leave()
  }

  #leave() {
    if (this.contains(document.activeElement)) document.querySelector("[data-choose]")?.focus()
    this.remove()
  }
}

customElements.define("undo-bar", UndoBar)
