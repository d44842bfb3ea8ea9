// <search-run data-goes-on> says how far a search has come, and asks for the next stretch until somebody stops it.
// Each answer brings a new one; [data-begins] is the first of a search. Without scripts [data-go-on] asks.

let stopped = false

class SearchRun extends HTMLElement {
  #next

  connectedCallback() {
    if (!("goesOn" in this.dataset)) return
    if ("begins" in this.dataset) stopped = false
    this.addEventListener("submit", () => this.#set(false))
    this.#stop.addEventListener("click", () => this.#set(true))
    this.#set(stopped)
    if (!stopped) this.#next = setTimeout(() => this.querySelector("form").requestSubmit())
  }

  disconnectedCallback() {
    clearTimeout(this.#next)
  }

  get #stop() {
    return this.querySelector("[data-stop]")
  }

  get #goOn() {
    return this.querySelector("[data-go-on]")
  }

  // What is on its way still arrives and is shown; nothing more is asked for. The focus stays on the one button.
  #set(value) {
    stopped = value
    if (stopped) clearTimeout(this.#next)
    this.#stop.hidden = stopped
    this.#goOn.hidden = !stopped
    if (stopped) this.#goOn.focus()
  }
}

customElements.define("search-run", SearchRun)
