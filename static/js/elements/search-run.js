// <search-run data-goes-on> says how far a search has come, and goes on by itself until somebody stops it.
// Each answer brings a new one. Without scripts its [data-go-on] button asks for the next stretch.

class SearchRun extends HTMLElement {
  #next

  connectedCallback() {
    if (!("goesOn" in this.dataset)) return
    this.#stop.hidden = false
    this.#goOn.hidden = true
    this.#stop.addEventListener("click", () => this.#stopped())
    this.#next = setTimeout(() => this.querySelector("form").requestSubmit())
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

  // An answer that is on its way is let go: its place is asked for again when somebody goes on.
  #stopped() {
    clearTimeout(this.#next)
    const here = this.cloneNode(true)
    delete here.dataset.goesOn
    here.querySelector("[data-stop]").hidden = true
    here.querySelector("[data-go-on]").hidden = false
    this.replaceWith(here)
    here.querySelector("[data-go-on]").focus()
  }
}

customElements.define("search-run", SearchRun)
