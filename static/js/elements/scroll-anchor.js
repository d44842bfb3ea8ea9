// <scroll-anchor> is a scrolling place that follows what is added at its end, but only for somebody who is
// already there. For others its [data-latest] button appears. It starts at [data-start-here], or at the end.

const NEAR = 48 // pixels from the end that still count as being there

class ScrollAnchor extends HTMLElement {
  #isAtEnd = true
  #height = 0
  #sizes = new ResizeObserver(() => this.#grew())
  #latest

  connectedCallback() {
    this.#latest = this.querySelector("[data-latest]")
    this.#latest?.addEventListener("click", () => this.#jump())
    this.addEventListener("scroll", () => this.#scrolled(), { passive: true })
    this.addEventListener("htmx:before:swap", () => (this.#height = this.scrollHeight))
    this.addEventListener("older", () => (this.scrollTop += this.scrollHeight - this.#height))
    this.#sizes.observe(this)
    for (const child of this.children) this.#sizes.observe(child)
    this.#start()
  }

  disconnectedCallback() {
    this.#sizes.disconnect()
  }

  #start() {
    const start = this.querySelector("[data-start-here]")
    if (start) start.scrollIntoView({ block: "center" })
    else this.#toEnd("instant")
    this.#scrolled()
  }

  #scrolled() {
    this.#isAtEnd = this.scrollHeight - this.scrollTop - this.clientHeight < NEAR
    if (this.#latest) this.#latest.hidden = this.#isAtEnd
  }

  #grew() {
    if (this.#isAtEnd) this.#toEnd("instant")
    else this.#scrolled()
  }

  // The button is about to go, and the focus must not go with it.
  #jump() {
    this.focus({ preventScroll: true })
    this.#toEnd("smooth")
  }

  #toEnd(behavior) {
    this.scrollTo({ top: this.scrollHeight, behavior })
  }
}

customElements.define("scroll-anchor", ScrollAnchor)
