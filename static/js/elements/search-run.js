// <search-run data-state="running"> says how far a search has come, and asks for the next stretch until somebody stops
// it. Each answer changes this element in place (outerMorph), so the focus stays where it is. The states: running, full
// (enough was found), ended (a newer search runs), over; and of this page alone: stopped, failed.
// Without scripts [data-go-on] asks.

class SearchRun extends HTMLElement {
  static observedAttributes = ["data-state"]

  #isStopped = false
  #hadFocus = false
  #next
  #leaving = new AbortController()

  connectedCallback() {
    this.#leaving = new AbortController()
    const { signal } = this.#leaving
    this.addEventListener("click", ({ target }) => target.closest("[data-stop]") && this.#stop(), { signal })
    this.addEventListener("submit", ({ submitter }) => submitter && this.#goOn(), { signal })
    this.addEventListener("htmx:response:error", () => this.#show("failed"), { signal })
    this.addEventListener("htmx:error", () => this.#show("failed"), { signal })
    document.addEventListener("htmx:before:swap", ({ detail }) => this.#isMine(detail) && this.#noteFocus(), { signal })
    document.addEventListener("htmx:after:swap", ({ detail }) => this.#isMine(detail) && this.#arrived(), { signal })
    this.#arrived()
  }

  disconnectedCallback() {
    this.#leaving.abort()
    clearTimeout(this.#next)
  }

  // What was on its way when somebody stopped still arrives and is shown; nothing more is asked for.
  attributeChangedCallback() {
    if (this.#isStopped && this.dataset.state === "running") this.dataset.state = "stopped"
  }

  #isMine({ ctx }) {
    return ctx?.target === this
  }

  #arrived() {
    const { state } = this.dataset
    if (state === "running") this.#next = setTimeout(() => this.querySelector("form").requestSubmit())
    else this.#say()
    this.#keepFocus()
  }

  #stop() {
    this.#isStopped = true
    clearTimeout(this.#next)
    this.#show("stopped")
  }

  #goOn() {
    this.#isStopped = false
    this.#show("running")
  }

  #show(state) {
    this.#noteFocus()
    this.dataset.state = state
    this.#keepFocus()
    if (state !== "running") this.#say()
  }

  #noteFocus() {
    this.#hadFocus = this.contains(document.activeElement)
  }

  // One of the two buttons is shown at a time, and none at the end: whoever was on it is on what took its place.
  #keepFocus() {
    if (!this.#hadFocus) return
    const button = this.dataset.state === "running" ? "[data-stop]" : "[data-go-on]"
    const place = this.querySelector(button) ?? this.querySelector("[data-words]")
    if (document.activeElement !== place) place.focus()
  }

  // Once it rests, and not at every stretch: somebody who hears the page would hear nothing else.
  #say() {
    const words = this.querySelector("[data-words]").innerText
    document.getElementById("announcements").replaceChildren(words)
  }
}

customElements.define("search-run", SearchRun)
