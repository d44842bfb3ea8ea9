// <picture-zoom> shows the pictures of a thread large, in the <dialog> inside of it: [data-step] goes to the picture
// before or after, [data-size] changes between all of it and its real size, [data-close] closes. So do the arrow keys,
// Enter and Escape. Without scripts each picture's link opens the picture by itself.

const PICTURES = ".message__picture"
const STEPS = { ArrowLeft: -1, ArrowRight: 1 }

class PictureZoom extends HTMLElement {
  #leaving = new AbortController()
  #at = null // the link of the picture that is shown

  connectedCallback() {
    this.#leaving = new AbortController()
    const { signal } = this.#leaving
    this.parentElement.addEventListener("click", (event) => this.#opened(event), { signal })
    this.#dialog.addEventListener("click", (event) => this.#clicked(event), { signal })
    this.#dialog.addEventListener("keydown", (event) => this.#pressed(event), { signal })
    this.#dialog.addEventListener("close", () => this.#at?.focus(), { signal })
    this.#image.addEventListener("load", () => this.#loaded(), { signal })
    this.#image.addEventListener("error", () => this.#failed(), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  get #dialog() {
    return this.querySelector("dialog")
  }

  get #image() {
    return this.querySelector("img")
  }

  #pictures() {
    return [...this.parentElement.querySelectorAll(PICTURES)]
  }

  #opened(event) {
    const link = event.target.closest(PICTURES)
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return // a tab of its own was asked for
    event.preventDefault()
    this.#show(link)
    this.#dialog.showModal()
  }

  #show(link) {
    this.#at = link
    const pictures = this.#pictures()
    const index = pictures.indexOf(link)
    const words = this.dataset.which.replace("{}", index + 1).replace("{}", pictures.length)
    this.querySelector("[data-which]").textContent = words
    for (const button of this.querySelectorAll("[data-step]")) button.disabled = !pictures[index + Number(button.dataset.step)]
    this.#resize(false)
    this.querySelector("[data-size]").hidden = true
    this.querySelector("[data-failed]").hidden = true
    this.#image.hidden = false
    this.#image.ariaBusy = "true"
    this.#image.alt = link.querySelector("img").dataset.alt
    this.#image.src = link.href
  }

  #loaded() {
    this.#image.ariaBusy = "false"
    const { naturalWidth, naturalHeight, clientWidth, clientHeight } = this.#image
    this.querySelector("[data-size]").hidden = naturalWidth <= clientWidth && naturalHeight <= clientHeight
  }

  #failed() {
    this.#image.ariaBusy = "false"
    this.#image.hidden = true
    this.querySelector("[data-failed]").hidden = false
  }

  #clicked({ target }) {
    const step = target.closest("[data-step]")
    if (step) this.#step(Number(step.dataset.step))
    else if (target.closest("[data-size]") || target === this.#image) this.#resize()
    else if (target === this.#dialog || target.closest("[data-close]")) this.#dialog.close()
  }

  #pressed(event) {
    const step = STEPS[event.key]
    if (!step || this.dataset.real === "yes") return // the arrows move what is larger than the window
    event.preventDefault()
    this.#step(step)
  }

  #step(step) {
    const pictures = this.#pictures()
    const next = pictures[pictures.indexOf(this.#at) + step]
    if (!next) return
    this.#show(next)
    if (document.activeElement?.disabled) this.querySelector("[data-close]").focus()
  }

  #resize(isReal = this.dataset.real !== "yes") {
    if (isReal && this.querySelector("[data-size]").hidden) return
    this.dataset.real = isReal ? "yes" : "no"
    this.querySelector("[data-size]").ariaPressed = String(isReal)
  }
}

customElements.define("picture-zoom", PictureZoom)
