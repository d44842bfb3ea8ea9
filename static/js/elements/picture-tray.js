// <picture-tray add="/…/pictures/" most="15000000"> holds the pictures that go with a reply: picked, dropped or pasted.
// One after the other they are drawn anew on the server, where they stay until they are sent or removed.

// Seconds; a connection that failed is tried once more, under the same key. A server that is busy says when.
const AGAIN_AFTER = 1

class PictureTray extends HTMLElement {
  #leaving
  #coming = 0
  #turn = Promise.resolve()

  connectedCallback() {
    this.#leaving = new AbortController()
    const { signal } = this.#leaving
    const on = (target, name, act, capture) => target.addEventListener(name, act, { signal, capture })
    on(this.#form, "submit", (event) => this.#waitFor(event), true)
    on(this.#form.querySelector("[data-pick]"), "click", () => this.#field.click())
    on(this.#field, "change", () => this.#pick())
    on(this, "click", ({ target }) => this.#remove(target.closest("[data-remove]")))
    on(this.closest("message-composer"), "paste", (event) => this.#paste(event))
    for (const name of ["dragover", "dragleave", "drop"]) on(document, name, (event) => this.#drag(event))
    this.#fit()
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  // What an upload brought: drawn in place of its bar, or said in words.
  settle(item, asked) {
    item.remove()
    if (asked.status !== 201) return this.#complain(asked.response?.words ?? this.dataset.failed)
    const { id, show, remove } = asked.response
    const added = this.#blank()
    added.querySelector("input").name = "pictures"
    added.querySelector("input").value = id
    added.querySelector("img").src = show
    added.querySelector("[data-remove]").dataset.remove = remove
    for (const part of added.querySelectorAll("img, button")) part.hidden = false
    for (const part of added.querySelectorAll("li > svg, progress")) part.remove()
    added.ariaBusy = null
    const next = this.#list.querySelector("[aria-busy]")
    this.#list.insertBefore(added, next)
    this.#say(this.dataset.added)
  }

  get #form() {
    return this.closest("form")
  }

  get #field() {
    return this.querySelector("input[type=file]")
  }

  get #list() {
    return this.querySelector("ul")
  }

  #pick() {
    this.#add([...this.#field.files])
    this.#field.value = ""
  }

  #paste(event) {
    const files = [...(event.clipboardData?.files ?? [])]
    if (!files.length || this.#form.hidden) return
    event.preventDefault()
    this.#add(files)
  }

  // A file that is dropped anywhere else would take the place of the page, and of what is half typed.
  #drag(event) {
    const composer = this.closest("message-composer")
    if (event.type === "dragleave") return event.relatedTarget ?? composer.removeAttribute("data-dropping")
    if (!event.dataTransfer?.types.includes("Files")) return
    event.preventDefault()
    const isHere = !this.#form.hidden && Boolean(event.target.closest?.(".conversation"))
    event.dataTransfer.dropEffect = isHere ? "copy" : "none"
    composer.toggleAttribute("data-dropping", isHere && event.type === "dragover")
    if (isHere && event.type === "drop") this.#add([...event.dataTransfer.files])
  }

  #add(files) {
    this.querySelector("[role=alert]").replaceChildren()
    for (const file of files) {
      if (file.size > Number(this.getAttribute("most"))) this.#complain(this.dataset.tooLarge)
      else this.#enqueue(file)
    }
  }

  #enqueue(file) {
    const item = this.#blank()
    this.#list.append(item)
    this.#coming += 1
    this.#fit()
    this.#turn = this.#turn.then(async () => {
      const asked = await this.#upload(file, item.querySelector("progress"))
      this.#coming -= 1
      this.#now().settle(item, asked)
      this.#fit()
    })
  }

  async #upload(file, bar) {
    const address = `${this.getAttribute("add")}?key=${crypto.randomUUID()}`
    const asked = await this.#post(address, file, bar)
    if (asked.status && asked.status < 500) return asked
    const seconds = Number(asked.getResponseHeader("Retry-After")) || AGAIN_AFTER
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000))
    return this.#post(address, file, bar)
  }

  // XMLHttpRequest, because fetch does not say how far it is.
  #post(address, file, bar) {
    const asked = new XMLHttpRequest()
    asked.open("POST", address)
    asked.responseType = "json"
    asked.setRequestHeader("Content-Type", "application/octet-stream")
    asked.setRequestHeader("X-CSRFToken", this.#token)
    asked.upload.onprogress = ({ loaded, total }) => (bar.value = loaded / total)
    asked.upload.onload = () => bar.removeAttribute("value") // now it is being drawn
    return new Promise((resolve) => {
      asked.onloadend = () => resolve(asked)
      asked.send(file)
    })
  }

  async #remove(button) {
    if (!button) return
    button.disabled = true
    const headers = { "X-CSRFToken": this.#token }
    const answer = await fetch(button.dataset.remove, { method: "POST", headers }).catch(() => null)
    button.disabled = false
    if (answer?.status !== 204 && answer?.status !== 404) return this.#complain(this.dataset.stays)
    const item = button.closest("li")
    const neighbour = item.nextElementSibling ?? item.previousElementSibling
    item.remove()
    this.#say(this.dataset.removed)
    ;(neighbour?.querySelector("[data-remove]") ?? this.#words).focus()
  }

  #waitFor(event) {
    if (!this.#coming) return
    event.preventDefault()
    event.stopImmediatePropagation()
    this.#say(this.dataset.wait)
  }

  get #token() {
    return document.querySelector("[name=csrfmiddlewaretoken]").value
  }

  get #words() {
    return this.#form.querySelector("textarea")
  }

  // Meanwhile the composer may have been drawn anew.
  #now() {
    if (this.isConnected) return this
    return document.querySelector(`picture-tray[add="${this.getAttribute("add")}"]`) ?? this
  }

  #blank() {
    return this.querySelector("template[data-picture]").content.querySelector("li").cloneNode(true)
  }

  #complain(words) {
    const problem = this.querySelector("template[data-problem]").content.cloneNode(true)
    problem.firstElementChild.append(words)
    this.querySelector("[role=alert]").append(problem)
    this.#fit()
  }

  #say(words) {
    this.querySelector("output").textContent = words
    this.#fit()
  }

  // A picture needs no words with it.
  #fit() {
    if (!this.isConnected) return
    this.#words.required = !this.querySelector("input[name=pictures]")
    for (const button of this.#form.querySelectorAll("[type=submit]")) button.disabled = this.#coming > 0
    this.#form.dispatchEvent(new CustomEvent("pictures"))
  }
}

customElements.define("picture-tray", PictureTray)
