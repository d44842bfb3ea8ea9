// <scroll-anchor> is a scrolling place that follows what is added at its end, but only for somebody who is
// already there. For others its [data-latest] button appears, with how many came below meanwhile in its
// [data-below]. It starts at [data-start-here], or at the end.

const NEAR = 48 // pixels from the end that still count as being there

class ScrollAnchor extends HTMLElement {
  #hasStarted = false
  #isAtEnd = true
  #height = 0
  #size = ""
  #sizes = new ResizeObserver(() => this.#grew())
  #latest
  #below = 0 // entries that came since somebody left the end

  connectedCallback() {
    this.#latest = this.querySelector("[data-latest]")
    this.#latest?.addEventListener("click", () => this.#jump())
    this.addEventListener("scroll", () => this.#scrolled(), { passive: true })
    this.addEventListener("htmx:before:swap", () => (this.#height = this.scrollHeight))
    this.addEventListener("fresh", ({ detail }) => this.#came(detail))
    this.addEventListener("written", () => this.#toEnd("smooth"))
    this.addEventListener("older", () => (this.scrollTop += this.scrollHeight - this.#height))
    this.#sizes.observe(this)
    for (const child of this.children) this.#sizes.observe(child)
  }

  disconnectedCallback() {
    this.#sizes.disconnect()
  }

  // When its size is first observed: before anything of it is painted, and at no cost of its own.
  #start() {
    this.#hasStarted = true
    const start = this.querySelector("[data-start-here]")
    if (start) this.scrollTop = start.offsetTop - this.clientHeight / 2 // scrollIntoView would move the page too
    else this.#toEnd("instant")
    this.#size = this.#sizeNow()
    this.#scrolled()
  }

  // A scroll that comes with a new size is nobody's: the observer follows at once and decides.
  #scrolled() {
    if (this.#size !== this.#sizeNow()) return
    this.#isAtEnd = this.scrollHeight - this.scrollTop - this.clientHeight < NEAR
    if (this.#isAtEnd) this.#below = 0
    this.#offer()
  }

  #came(count) {
    if (this.#isAtEnd) return
    this.#below += count
    this.#offer()
  }

  #offer() {
    if (!this.#latest) return
    this.#latest.hidden = this.#isAtEnd
    this.#latest.querySelector("[data-below]").textContent = this.#below ? `(${this.#below})` : ""
  }

  #sizeNow() {
    return `${this.scrollHeight} ${this.clientHeight}`
  }

  #grew() {
    if (!this.#hasStarted) return this.#start()
    this.#size = this.#sizeNow()
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
