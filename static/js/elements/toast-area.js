// <toast-area> shows short news that arrives as its children, and says so when a request failed: nothing was
// swapped then, so whatever was typed is still there. The sentences are the page's own, in data-offline,
// data-refused, data-away, data-failed and data-close.

const AWAY = 503 // the database is away or full
const CALM = 8_000 // milliseconds before good news leaves; errors stay until somebody closes them

class ToastArea extends HTMLElement {
  #watch = new MutationObserver((changes) => changes.forEach(({ addedNodes }) => this.#arrived(addedNodes)))
  #leaving = new AbortController()

  connectedCallback() {
    this.#leaving = new AbortController()
    const { signal } = this.#leaving
    document.addEventListener("htmx:response:error", (event) => this.#failed(event.detail.ctx), { signal })
    document.addEventListener("htmx:error", (event) => this.#broken(event.detail.ctx), { signal })
    document.addEventListener("htmx:before:swap", (event) => this.#signedOut(event), { signal })
    this.#watch.observe(this, { childList: true })
    this.#arrived(this.children)
  }

  disconnectedCallback() {
    this.#leaving.abort()
    this.#watch.disconnect()
  }

  say(words, level) {
    if ([...this.children].some((toast) => toast.dataset.words === words)) return
    const toast = document.createElement("p")
    toast.className = `toast toast--${level}`
    toast.dataset.words = words
    toast.append(words)
    this.append(toast)
  }

  #arrived(nodes) {
    for (const toast of nodes) {
      if (!(toast instanceof HTMLElement) || toast.querySelector(".toast__close")) continue
      if (this.#isSaid(toast)) {
        toast.remove()
        continue
      }
      toast.append(this.#closer(toast))
      if (!toast.matches(".toast--error")) setTimeout(() => toast.remove(), CALM)
    }
  }

  // An act's own answer and the bell's may both bring the words of one act.
  #isSaid({ textContent: words }) {
    const said = ({ firstChild }) => firstChild.textContent === words
    return [...this.querySelectorAll(":scope > :has(.toast__close)")].some(said)
  }

  #closer(toast) {
    const button = document.createElement("button")
    button.type = "button"
    button.className = "toast__close"
    button.ariaLabel = this.dataset.close
    button.append("×")
    button.addEventListener("click", () => toast.remove())
    return button
  }

  // A status for which the element asked (hx-status:422) draws its own error; what the bell asked for can wait; what is
  // marked data-says-itself has words of its own.
  #failed({ response, sourceElement, sourceEvent }) {
    if (sourceEvent?.type === "bell" || "saysItself" in sourceElement.dataset) return
    if (sourceElement.hasAttribute(`hx-status:${response.status}`)) return
    const { refused, away, failed } = this.dataset
    this.say(response.status < 500 ? refused : response.status === AWAY ? away : failed, "error")
  }

  #broken(ctx) {
    if (ctx?.sourceEvent?.type === "bell" || "saysItself" in (ctx?.sourceElement.dataset ?? {})) return
    this.say(navigator.onLine ? this.dataset.failed : this.dataset.offline, "error")
  }

  // The session has ended: the answer is the sign-in page, which has no place inside this one.
  #signedOut(event) {
    const { raw } = event.detail.ctx.response ?? {}
    if (!raw?.redirected || !new URL(raw.url).pathname.startsWith(this.dataset.signIn)) return
    event.preventDefault()
    location.reload()
  }
}

customElements.define("toast-area", ToastArea)
